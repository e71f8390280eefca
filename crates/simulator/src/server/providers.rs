//! The providers of one simulator, each below its own prefix.

use crate::base::{Clock, Ids, Provider, Route};
use crate::elastis::Elastis;
use crate::inferno::Inferno;
use crate::leaderssl::LeaderSsl;

/// The state of all providers.
pub(crate) struct Providers {
    pub(crate) leaderssl: LeaderSsl,
    pub(crate) inferno: Inferno,
    pub(crate) elastis: Elastis,
}

impl Providers {
    pub(crate) fn new(seed: u64, clock: &Clock) -> Self {
        Self {
            leaderssl: LeaderSsl::new(Ids::new(seed, 1), clock),
            inferno: Inferno::new(Ids::new(seed, 2)),
            elastis: Elastis::new(Ids::new(seed, 3), clock),
        }
    }

    fn all(&mut self) -> [(&'static str, &mut dyn Provider); 3] {
        [
            (LeaderSsl::NAME, &mut self.leaderssl),
            (Inferno::NAME, &mut self.inferno),
            (Elastis::NAME, &mut self.elastis),
        ]
    }

    /// The provider whose name is the first segment, its name, and the path below.
    pub(crate) fn by_path<'path>(
        &mut self,
        path: &'path str,
    ) -> Option<(&'static str, &'path str, &mut dyn Provider)> {
        self.all().into_iter().find_map(|(name, provider)| {
            let below = path.strip_prefix('/')?.strip_prefix(name)?;
            (below.is_empty() || below.starts_with('/')).then_some((name, below, provider))
        })
    }
}

/// Every operation that the simulator serves, with its provider's name, which is also the first
/// segment of its path: `leaderssl-gpu`, `inferno-vps`, `elastis`.
pub fn routes() -> Vec<(&'static str, Route)> {
    let mut providers = Providers::new(0, &Clock::default());
    let of =
        |(name, provider): (_, &mut dyn Provider)| provider.routes().iter().map(move |route| (name, *route));
    providers.all().into_iter().flat_map(of).collect()
}
