//! What every simulated provider can do.

use http::HeaderMap;

use super::books::Books;
use super::clock::Clock;
use super::exchange::{Parameters, Request, Response, Route};
use super::router::{Miss, Router};

/// The fields by which responses name one thing, with their values.
pub(crate) type Identity = Vec<(&'static str, String)>;

/// One provider's imitation: state, and an answer for each of its routes.
pub(crate) trait Provider: Send {
    /// Every endpoint it serves.
    fn router(&self) -> &'static Router;

    /// Answers one request that matched `route`.
    fn answer(
        &mut self,
        route: &Route,
        parameters: &Parameters,
        request: &Request,
        clock: &Clock,
    ) -> Response;

    /// What the operation has made last, as responses name it; empty where it makes nothing.
    fn newest(&self, operation: &str) -> Identity;

    /// Refuses an operation on something that it does not know.
    fn unknown_resource(&self, operation: &str, id: &str) -> Response;

    /// Headers that let in another client of the same account.
    fn credentials(&mut self) -> HeaderMap;

    /// What was ever created, and what is billed now.
    fn books(&mut self, clock: &Clock, books: &mut Books);

    /// Answers a request that matched no route.
    fn unknown(&mut self, request: &Request, miss: &Miss) -> Response;
}
