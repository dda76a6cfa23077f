//! Why stored bytes cannot be read, or a value cannot be stored.

/// A stored value cannot be read, or a value has no stored form.
#[derive(Debug, thiserror::Error)]
pub enum EncodingError {
    /// The bytes are no such struct.
    #[error(transparent)]
    Postcard(#[from] postcard::Error),
    /// More bytes than the struct takes up.
    #[error("{0} bytes too many")]
    Trailing(usize),
    /// A number that stands for nothing in this version.
    #[error("an unknown {what} {code}")]
    UnknownCode {
        /// What is stored as a number, for example "event kind".
        what: &'static str,
        /// The number found.
        code: u64,
    },
    /// A label of no family.
    #[error("an unknown label {0:?}")]
    UnknownLabel(String),
    /// Exponential buckets that are out of order or of an impossible resolution.
    #[error("exponential buckets that are none")]
    Buckets,
    /// A label value of the exporter's own, which has no number in the state.
    #[error("a label value of the exporter's own cannot be stored as a number")]
    OwnLabelValue,
    /// What every state has is missing.
    #[error("the state has no {0}")]
    Missing(&'static str),
}
