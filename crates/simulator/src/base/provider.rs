//! What every simulated provider can do.

use super::clock::Clock;
use super::exchange::{Parameters, Reply, Request, Route};

/// One provider's imitation: state, and an answer for each of its routes.
pub(crate) trait Provider: Send {
    /// Every endpoint it serves.
    fn routes(&self) -> &'static [Route];

    /// Answers one request that matched `route`.
    fn answer(&mut self, route: &Route, parameters: &Parameters, request: &Request, clock: &Clock) -> Reply;

    /// Answers a request that matched no route.
    fn unknown(&mut self, request: &Request) -> Reply;
}
