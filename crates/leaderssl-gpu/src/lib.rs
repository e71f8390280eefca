#![doc(html_root_url = "https://docs.rs/leaderssl-gpu/latest")]
#![doc = include_str!("../README.md")]
//!
//! ## Errors
//!
//! All failures are an [`Error`] with predicates: see [Errors](http_core#errors). This API responds with status 401 to
//! an invalid order too; that error [`is_invalid_argument`](Error::is_invalid_argument) and contains all reasons. An
//! action in the wrong state fails without a reason; that error [`is_conflict`](Error::is_conflict).
//!
//! ## Waits
//!
//! [`Servers::wait`] waits for a state of a server: see [Waits](http_core#waits). It polls the list of all servers,
//! because the provider has no endpoint for a single one.
//!
//! ## Retries
//!
//! [`Orders::create`] is never repeated after the provider may have processed it: see [Retries](http_core#retries). If
//! its response is lost, the error [`is_outcome_unknown`](Error::is_outcome_unknown), and [`Servers::list`] shows
//! whether there is a new server. All other operations are repeated.
//!
//! ## Secrets
//!
//! The account's password, [`SignedIn::auth_token`], [`Server::token`], and the payment link of a [`PlacedOrder`],
//! which opens without a login: see [Secrets](http_core#secrets).
//!
//! ## Operations
//!
//! The effect says what sending the request twice would do, and so whether it is [repeated](http_core#retries) after a
//! failure.
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

// Conveniences, which follow the operations on the page of a handle.
mod rent;

pub use auth::Auth;
pub use client::Client;
pub use http_core::wire::Decimal;
pub use http_core::{self, Call, CallSequence, Error, SecretString, Wait, WaitError, recovery, rental};
pub use ids::{ConfigurationId, OrderId, ProductId, ServerId, UserId};
pub use orders::{NewOrder, OrderedServer, Orders, PlacedOrder};
pub use os::Os;
pub use products::{Availability, PeriodType, Product, Products};
pub use servers::{Server, ServerStatus, Servers};
pub use sign_in::SignedIn;

use http_core::client::{Operation, all_operations};

/// Every operation of this API.
pub const OPERATIONS: &[Operation] = all_operations![sign_in, products, orders, servers];
