//! Client of the LeaderSSL GPU server API: the products on offer, orders, and the servers that were ordered.
//!
//! ```
//! use std::time::Duration;
//!
//! use leaderssl_gpu::{Client, NewOrder, Os, Product};
//!
//! # hostkit_doctest::leaderssl(async |client| { /*
//! let client = Client::from_env()?; // LEADERSSL_LOGIN, LEADERSSL_PASSWORD
//! # */
//! let products = client.products().list().await?;
//! let job = Duration::from_secs(3 * 3600);
//! let usable = |p: &&Product| p.is_free_now() && p.runs(&Os::Ubuntu) && p.currency == "EUR";
//! let offers = products.iter().filter(usable).filter_map(|p| Some((p.cost_of(job)?, p)));
//! if let Some(((periods, cost), product)) = offers.min_by_key(|((_, cost), _)| *cost) {
//!     let order = client.orders().create(NewOrder::new(product.id, Os::Ubuntu, periods)).await?;
//!     println!("order {} of {} for {cost} EUR", order.order_id, product.name);
//! }
//! # Ok(()) });
//! ```
//!
//! A method returns a [`Call`] that `.await` sends. The client signs in on first use, and again when its session has
//! expired.
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
//! ## Features
//!
//! | feature | what it brings |
//! |---|---|
//! | `rustls` (default), `aws-lc`, `native-tls` | TLS: by rustls with ring, by rustls with AWS libcrypto, by the system's library |
//! | `http2` | HTTP/2 where the server offers it |
//! | `blocking` | `send_blocking()` on every call, for programs without an async runtime |
//! | `signal` | `until_signal()`, which ends rentals on Ctrl-C and SIGTERM |
//! | `tracing` (default) | spans and events through the `tracing` crate |
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

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
