//! A foreign error without its type, so that no public signature or downcast leans on it.

use std::error::Error as StdError;

/// A foreign error's text and chain, kept without the foreign type.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub(crate) struct Cause {
    text: String,
    source: Option<Box<Cause>>,
}

impl Cause {
    pub(crate) fn of(error: &dyn StdError) -> Self {
        Self { text: error.to_string(), source: error.source().map(|source| Box::new(Self::of(source))) }
    }

    /// The first text of the chain that contains these words.
    pub(crate) fn mentions(&self, words: &str) -> Option<&str> {
        if self.text.contains(words) { Some(&self.text) } else { self.source.as_deref()?.mentions(words) }
    }

    /// The last text of the chain: what really happened.
    pub(crate) fn innermost(&self) -> &str {
        self.source.as_deref().map_or(&self.text, Self::innermost)
    }
}
