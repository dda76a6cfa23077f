//! Expressions of dashboards, parsed, and the selectors in them with what is around them.

use std::collections::BTreeSet;
use std::time::Duration;

use promql_parser::parser::{self, AggregateExpr, Expr, LabelModifier, VectorSelector};

/// Stand for the two spans a dashboard knows, `$__rate_interval` and `$__range`, so that a span
/// written out is told from them.
pub const EACH: Duration = Duration::from_secs(1_000_001);
pub const WHOLE: Duration = Duration::from_secs(1_000_002);

/// An expression. Variables of the dashboard stand in quotes, where `PromQL` takes them for text.
pub fn parse(text: &str) -> Result<Expr, String> {
    let text = (text.replace("$__rate_interval", &format!("{}s", EACH.as_secs())))
        .replace("$__range", &format!("{}s", WHOLE.as_secs()));
    parser::parse(&text)
}

/// The dashboard's own variables in an expression.
pub fn used(text: &str) -> BTreeSet<String> {
    let in_name = |character: char| character.is_alphanumeric() || character == '_';
    (text.split('$').skip(1))
        .map(|rest| {
            rest.chars()
                .take_while(|character| in_name(*character))
                .collect::<String>()
        })
        .filter(|name| !name.starts_with("__"))
        .collect()
}

/// A selector and what becomes of it.
pub struct Selector<'a> {
    pub vector: &'a VectorSelector,
    pub range: Option<Duration>,
    /// The function it is an argument of.
    pub function: Option<&'static str>,
    /// What aggregates it, from the inside out.
    pub aggregations: Vec<&'a AggregateExpr>,
}

impl Selector<'_> {
    /// The name of the sample.
    pub fn sample(&self) -> &str {
        self.vector.name.as_deref().unwrap_or_default()
    }
}

/// Every selector of an expression.
pub fn selectors(expr: &Expr) -> Vec<Selector<'_>> {
    let mut found = Vec::new();
    collect(expr, None, &mut Vec::new(), &mut found);
    found
}

fn collect<'a>(
    expr: &'a Expr,
    function: Option<&'static str>,
    above: &mut Vec<&'a AggregateExpr>,
    found: &mut Vec<Selector<'a>>,
) {
    let selector = |vector, range, above: &[&'a AggregateExpr]| Selector {
        vector,
        range,
        function,
        aggregations: above.iter().rev().copied().collect(),
    };
    match expr {
        Expr::VectorSelector(vector) => found.push(selector(vector, None, above)),
        Expr::MatrixSelector(matrix) => found.push(selector(&matrix.vs, Some(matrix.range), above)),
        Expr::Paren(paren) => collect(&paren.expr, function, above, found),
        Expr::Aggregate(aggregate) => {
            above.push(aggregate);
            collect(&aggregate.expr, None, above, found);
            above.pop();
        }
        Expr::Call(call) => {
            for argument in &call.args.args {
                collect(argument, Some(call.func.name), above, found);
            }
        }
        other => {
            for part in parts(other) {
                collect(part, None, above, found);
            }
        }
    }
}

/// What an expression is made of.
fn parts(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Aggregate(aggregate) => vec![aggregate.expr.as_ref()],
        Expr::Unary(unary) => vec![unary.expr.as_ref()],
        Expr::Binary(binary) => vec![binary.lhs.as_ref(), binary.rhs.as_ref()],
        Expr::Paren(paren) => vec![paren.expr.as_ref()],
        Expr::Subquery(subquery) => vec![subquery.expr.as_ref()],
        Expr::Call(call) => call.args.args.iter().map(Box::as_ref).collect(),
        Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::VectorSelector(_)
        | Expr::MatrixSelector(_)
        | Expr::Extension(_) => Vec::new(),
    }
}

/// An expression and everything it is made of.
pub fn all(expr: &Expr) -> Vec<&Expr> {
    let mut found = vec![expr];
    let mut next = 0;
    while let Some(&part) = found.get(next) {
        let inner = parts(part);
        found.extend(inner);
        next += 1;
    }
    found
}

/// An expression without the parentheses around it.
pub fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(paren) => bare(&paren.expr),
        other => other,
    }
}

/// Whether an expression is two others joined by an operator.
pub fn joined_by(expr: &Expr, operator: &str) -> bool {
    matches!(bare(expr), Expr::Binary(binary) if binary.op.to_string() == operator)
}

/// The labels an aggregation keeps; `without` is not used, so what it keeps cannot be said.
pub fn kept(aggregate: &AggregateExpr) -> BTreeSet<&str> {
    match &aggregate.modifier {
        Some(LabelModifier::Include(labels)) => labels.labels.iter().map(String::as_str).collect(),
        Some(LabelModifier::Exclude(_)) | None => BTreeSet::new(),
    }
}
