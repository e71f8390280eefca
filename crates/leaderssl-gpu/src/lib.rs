#![doc(html_root_url = "https://docs.rs/leaderssl-gpu/latest")]
#![doc = include_str!("../README.md")]
//!
//! ## Errors
//!
//! Every failure is reported as an [`Error`] with predicates: see [Errors](http_core#errors). This API also responds
//! with status 401 to an invalid order; [`is_invalid_argument`](Error::is_invalid_argument) is true for that error,
//! which contains all reasons. An action on a server in the wrong state fails without a reason;
//! [`is_conflict`](Error::is_conflict) is true for that error.
//!
//! ## Waits
//!
//! [`Servers::wait`] waits until a server reaches a state: see [Waits](http_core#waits). It polls the list of all
//! servers, because the provider has no endpoint for a single server.
//!
//! ## Retries
//!
//! [`Orders::create`] is never repeated after the provider may have processed it: see [Retries](http_core#retries). If
//! its response is lost, [`is_outcome_unknown`](Error::is_outcome_unknown) is true for the error, and [`Servers::list`]
//! shows whether there is a new server. All other operations are retried.
//!
//! ## Secrets
//!
//! The secrets of this API are the account's password, [`SignedIn::auth_token`], [`Server::token`], and the payment
//! link of a [`PlacedOrder`], which anyone can open without a login: see [Secrets](http_core#secrets).
//!
//! ## Operations
//!
//! The effect of an operation describes what happens if its request is sent twice. It determines whether the request is
//! [repeated](http_core#retries) after a failure.
//!
#![doc = include_str!("operations.md")]

mod auth;
mod client;
mod dialect;
mod ids;
mod orders;
mod os;
mod products;
mod servers;
mod session;
mod sign_in;

// Convenience methods. They are declared last so that they follow the operations on a handle's page.
mod rent;

pub use auth::Auth;
pub use client::Client;
pub use http_core::wire::Decimal;
pub use http_core::{
    self, Call, CallSequence, Error, ExposeSecret, SecretString, Wait, WaitError, recovery, rental,
};
pub use ids::{ConfigurationId, OrderId, ProductId, ServerId, UserId};
pub use orders::{NewOrder, OrderedServer, Orders, PlacedOrder};
pub use os::Os;
pub use products::{Availability, PeriodType, Product, Products};
pub use servers::{Server, ServerStatus, Servers};
pub use sign_in::SignedIn;

use http_core::client::{Operation, all_operations};

/// All operations of this API.
pub const OPERATIONS: &[Operation] = all_operations![sign_in, products, orders, servers];
