//! Where the providers are served.

use std::net::{Ipv4Addr, SocketAddr};

/// The provider whose paths need no prefix.
pub(crate) type Root = Option<&'static str>;

/// Whoever listens at every address is reached at this computer's own.
fn reachable(address: SocketAddr) -> SocketAddr {
    let host = if address.ip().is_unspecified() { Ipv4Addr::LOCALHOST.into() } else { address.ip() };
    SocketAddr::new(host, address.port())
}

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
            Some((_, address)) => format!("http://{}", reachable(*address)),
            None if self.root == Some(provider) => format!("http://{}", reachable(self.main)),
            None => format!("http://{}/{provider}", reachable(self.main)),
        }
    }

    /// Where the control API is.
    pub(crate) fn control_url(&self) -> String {
        format!("http://{}/_simulator", reachable(self.main))
    }
}
