use std::borrow::Cow;

/// The error for a value that cannot be used, found before anything was sent. Its text says what to change.
///
/// It never quotes the value, which may be a misplaced secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidValue(Cow<'static, str>);

impl InvalidValue {
    /// Creates an error with this text, which is shown to users and must not contain the value.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self(message.into())
    }
}
