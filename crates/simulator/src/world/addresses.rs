//! Where the providers are served.

use std::net::SocketAddr;

/// The provider whose paths need no prefix.
pub(crate) type Root = Option<&'static str>;

/// One address for all, and perhaps one for each.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    /// Where every provider is served below its name.
    pub(crate) main: SocketAddr,
    /// Who is served there without a prefix too.
    pub(crate) root: Root,
    /// Who has an address for itself.
    pub(crate) own: Vec<(&'static str, SocketAddr)>,
}

impl Addresses {
    pub(crate) fn base_url(&self, provider: &str) -> String {
        let own = self.own.iter().find(|(name, _)| *name == provider);
        match own {
            Some((_, address)) => format!("http://{address}"),
            None if self.root == Some(provider) => format!("http://{}", self.main),
            None => format!("http://{}/{provider}", self.main),
        }
    }
}
