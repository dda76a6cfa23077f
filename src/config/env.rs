//! Environment variables, read through a function so that tests can give their own.

/// Returns the value of a variable.
pub(super) type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A variable that is set.
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) text: String,
}

/// A variable by its name; an empty one counts as not set.
pub(super) fn variable(env: Env<'_>, name: String) -> Option<Variable> {
    let text = env(&name)?.trim().to_owned();
    (!text.is_empty()).then_some(Variable { name, text })
}
