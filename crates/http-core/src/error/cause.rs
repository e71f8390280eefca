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

    /// Returns the first message in the chain that contains `words`, in any case.
    pub(crate) fn mentions(&self, words: &str) -> Option<&str> {
        let contains = self.text.to_ascii_lowercase().contains(&words.to_ascii_lowercase());
        if contains { Some(&self.text) } else { self.source.as_deref()?.mentions(words) }
    }

    /// Returns the last message of the chain: the root cause.
    pub(crate) fn innermost(&self) -> &str {
        self.source.as_deref().map_or(&self.text, Self::innermost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_of_an_error_keeps_its_messages() {
        #[derive(Debug, thiserror::Error)]
        #[error("{0}")]
        struct Failed(&'static str, #[source] Option<Box<Failed>>);

        let inner = Failed("no route to host", None);
        let cause = Cause::of(&Failed("cannot connect\nto the proxy", Some(Box::new(inner))));
        assert_eq!(cause.to_string(), "cannot connect to the proxy");
        assert_eq!(cause.source().map(ToString::to_string).as_deref(), Some("no route to host"));
        assert_eq!((cause.innermost(), cause.mentions("proxy")), ("no route to host", Some(&*cause.text)));
        assert_eq!((cause.mentions("Route"), cause.mentions("TLS")), (Some("no route to host"), None));
        assert_eq!(cause.redact(&Secrets::new(["route"])).innermost(), "no … to host");
    }
}
