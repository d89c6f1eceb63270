//! The one error for input that breaks a rule of the vocabulary.

/// Input that breaks a rule: which field, and a sentence with the limit and the way out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct Invalid {
    /// The field's name as clients spell it, such as `name` or `versions[1].weight`.
    pub field: String,
    /// What is wrong, what the limit is, and what to write instead.
    pub message: String,
}

impl Invalid {
    /// Says that `field` is wrong because of `message`.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }

    /// The same complaint about a field further out: `self.field` becomes `outer.field`.
    #[must_use]
    pub fn within(mut self, outer: &str) -> Self {
        self.field = format!("{outer}.{}", self.field);
        self
    }
}
