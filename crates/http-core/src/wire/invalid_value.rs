use std::borrow::Cow;

/// A value that cannot be used, found before anything was sent; its text says what to change.
///
/// It never quotes the value, which may be a secret in the wrong place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidValue(Cow<'static, str>);

impl InvalidValue {
    /// An error with this text; the text is shown to users and must not hold the value itself.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self(message.into())
    }
}
