//! Errors of other libraries, stored without their types, so that no public signature or downcast depends on them.

use std::error::Error as StdError;

use crate::error::excerpt::{self, Secrets};

/// The message and source chain of another library's error.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{text}")]
pub(crate) struct Cause {
    text: String,
    source: Option<Box<Cause>>,
}

impl Cause {
    pub(crate) fn of(error: &dyn StdError) -> Self {
        let source = error.source().map(|source| Box::new(Self::of(source)));
        Self { text: excerpt::one_line(&error.to_string()).into_owned(), source }
    }

    /// Redacts the secrets in all messages.
    pub(crate) fn redact(self, secrets: &Secrets) -> Self {
        let source = self.source.map(|source| Box::new(source.redact(secrets)));
        Self { text: excerpt::sanitize(&self.text, secrets), source }
    }

    /// Returns the first message in the chain that contains `words`.
    pub(crate) fn mentions(&self, words: &str) -> Option<&str> {
        if self.text.contains(words) { Some(&self.text) } else { self.source.as_deref()?.mentions(words) }
    }

    /// Returns the last message of the chain: the root cause.
    pub(crate) fn innermost(&self) -> &str {
        self.source.as_deref().map_or(&self.text, Self::innermost)
    }
}
