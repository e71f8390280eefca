use std::borrow::Cow;

/// The error for an invalid value, returned before anything is sent. Its message states what is allowed.
///
/// It never quotes the value, which may be a misplaced secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidValue(Cow<'static, str>);

impl InvalidValue {
    /// Creates an error with this message, which is shown to users and must not contain the value.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self(message.into())
    }
}
