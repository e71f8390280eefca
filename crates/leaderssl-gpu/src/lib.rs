#![doc = include_str!("../README.md")]
//!
//! ## Errors
//!
//! A failure is an [`Error`], asked by predicates: see [Errors](http_core#errors). This API answers 401 to a bad order
//! too, which is [`is_invalid_argument`](Error::is_invalid_argument) here with all of its reasons in the message, and
//! to an action in the wrong state without any reason, which is [`is_conflict`](Error::is_conflict).
//!
//! ## Waits
//!
//! [`Servers::wait`] looks at the list, for the provider cannot be asked for one server: see [Waits](http_core#waits).
//!
//! ## Retries
//!
//! [`Orders::create`] is never repeated after it may have been processed; if its response is lost, the error says
//! [`is_outcome_unknown`](Error::is_outcome_unknown), and [`Servers::list`] shows what came of it. All else is
//! repeated: see [Retries](http_core#retries).
//!
//! ## Secrets
//!
//! The login's password, [`SignedIn::auth_token`], [`Server::token`], and the payment links of a [`PlacedOrder`], which
//! open without a login: see [Secrets](http_core#secrets).
//!
//! ## Operations
//!
//! The effect says what a second run would do, and with it what is [repeated](http_core#retries) after a failure.
//!
#![doc = include_str!("operations.md")]

mod auth;
mod client;
mod dialect;
mod ids;
mod orders;
mod os;
mod products;
mod rent;
mod servers;
mod session;
mod sign_in;

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
