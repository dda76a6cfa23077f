//! What a `PromQL` expression looks at: which metrics, and by which of their labels.

use std::collections::BTreeSet;

use promql_parser::parser::{self, Expr, LabelModifier, VectorSelector};

/// A metric in an expression.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Used {
    /// Its name.
    pub name: String,
    /// The labels it is selected by, and those that aggregations around it keep or drop.
    pub labels: BTreeSet<String>,
    /// Whether a bucket's bound is written out, which differs between formats.
    pub has_literal_le: bool,
}

/// Every metric of an expression, as often as it is there.
pub fn metrics_of(expression: &str) -> Vec<Used> {
    let parsed = parser::parse(expression);
    let parsed = parsed.unwrap_or_else(|error| panic!("{expression}\nis no PromQL: {error}"));
    let mut found = Vec::new();
    walk(&parsed, &BTreeSet::new(), &mut found);
    found
}

fn walk(expression: &Expr, around: &BTreeSet<String>, found: &mut Vec<Used>) {
    match expression {
        Expr::Aggregate(aggregate) => {
            let mut inside = around.clone();
            inside.extend(names(aggregate.modifier.as_ref()));
            walk(&aggregate.expr, &inside, found);
        }
        Expr::Unary(unary) => walk(&unary.expr, around, found),
        Expr::Binary(binary) => {
            walk(&binary.lhs, around, found);
            walk(&binary.rhs, around, found);
        }
        Expr::Paren(paren) => walk(&paren.expr, around, found),
        Expr::Subquery(subquery) => walk(&subquery.expr, around, found),
        Expr::Call(call) => {
            for argument in &call.args.args {
                walk(argument, around, found);
            }
        }
        Expr::VectorSelector(selector) => found.push(used(selector, around)),
        Expr::MatrixSelector(matrix) => found.push(used(&matrix.vs, around)),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}

fn names(modifier: Option<&LabelModifier>) -> Vec<String> {
    modifier.map_or_else(Vec::new, |modifier| modifier.labels().labels.clone())
}

fn used(selector: &VectorSelector, around: &BTreeSet<String>) -> Used {
    let matchers = &selector.matchers.matchers;
    let mut labels = around.clone();
    labels.extend(matchers.iter().map(|matcher| matcher.name.clone()));
    Used {
        name: selector.name.clone().expect("a metric without a name"),
        labels,
        has_literal_le: matchers.iter().any(|matcher| matcher.name == "le"),
    }
}
