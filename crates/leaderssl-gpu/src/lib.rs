//! Client of the LeaderSSL GPU server API: the products on offer, orders, and the servers that were ordered.
//!
//! ```
//! use leaderssl_gpu::{Client, NewOrder, Os, Product, ServerStatus};
//!
//! # use leaderssl_gpu::ServerId;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let simulator = hostkit_simulator::Simulator::start().await?;
//! # let account = simulator.leaderssl();
//! # let client = Client::builder(&account.login, account.password.as_str()).base_url(&account.base_url).build()?;
//! # /*
//! let client = Client::from_env()?; // LEADERSSL_LOGIN, LEADERSSL_PASSWORD
//! # */
//! let products = client.products().list().await?;
//! let free = products.iter().filter(|product| product.is_free_now());
//! if let Some(product) = Product::cheapest(free) {
//!     let order = client.orders().create(NewOrder::new(product.id, Os::Ubuntu, 1)).await?;
//!     println!("order {} of {}", order.order_id, product.name);
//! }
//! # Ok(()) }
//! ```
//!
//! The client signs in on first use and again when its session has expired. A method returns a
//! [`Call`](http_core::Call) that is sent by `.await`; a failure is an [`Error`] to be asked with predicates.
//! Ordering is never repeated after it may have been processed.
mod auth;
mod client;
mod orders;
mod products;
mod servers;
mod session;

pub use auth::{Auth, SignedIn, UserId};
pub use client::Client;
pub use http_core::{self, Call, Decimal, Error, SecretString, Wait, WaitError};
pub use orders::{NewOrder, OrderId, Orders, PlacedOrder};
pub use products::{Availability, ConfigurationId, Os, PeriodType, Product, ProductId, Products};
pub use servers::{Server, ServerId, ServerStatus, Servers};

use http_core::Operation;

/// Every operation of this API.
pub const OPERATIONS: &[Operation] = &[
    auth::SIGN_IN,
    products::LIST,
    orders::CREATE,
    servers::LIST,
    servers::START,
    servers::STOP,
    servers::SUSPEND,
    servers::RESUME,
];
