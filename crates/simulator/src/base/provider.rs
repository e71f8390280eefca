//! The interface of every simulated provider.

use http::HeaderMap;

use super::books::Books;
use super::clock::Clock;
use super::exchange::{Parameters, Request, Response, Route};
use super::router::{Miss, Router};

/// The fields that identify one resource in responses, with their values.
pub(crate) type Identity = Vec<(&'static str, String)>;

/// A simulated provider: its state, and a handler for each of its routes.
pub(crate) trait Provider: Send {
    /// Returns the router with the provider's endpoints.
    fn router(&self) -> &'static Router;

    /// Answers a request that matched `route`.
    fn answer(
        &mut self,
        route: &Route,
        parameters: &Parameters,
        request: &Request,
        clock: &Clock,
    ) -> Response;

    /// Returns the identity of the resource that the operation created most recently; empty if the operation creates
    /// nothing.
    fn newest(&self, operation: &str) -> Identity;

    /// Returns the error response to an operation on a resource that does not exist.
    fn unknown_resource(&self, operation: &str, id: &str) -> Response;

    /// Returns the headers that authenticate another client of the same account.
    fn credentials(&mut self) -> HeaderMap;

    /// Adds the number of created resources, and everything that is billed now, to `books`.
    fn books(&mut self, clock: &Clock, books: &mut Books);

    /// Answers a request that matches no route.
    fn unknown(&mut self, request: &Request, miss: &Miss) -> Response;
}
