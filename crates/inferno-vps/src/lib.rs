//! Client of the Inferno VPS API: tariffs, orders, installs, power, SSH keys and services.
//!
//! ```
//! use inferno_vps::{Client, Install, VpsInfo};
//!
//! # hostkit_doctest::inferno_order(async |client, _| { /*
//! let client = Client::from_env()?; // INFERNO_CID, INFERNO_API_KEY
//! # */
//! let catalog = client.catalog().await?;
//! let order = client.orders().create(catalog.products[0].pid).await?;
//! client.orders().wait(order.order_id).until(|order| order.is_active()).await?; // once it is paid
//!
//! let install = Install::new(order.order_id, catalog.templates[0].name.clone());
//! client.vps().check_install(&install).await?;
//! client.vps().install(&install).await?;
//! let vps = client.vps().wait(order.order_id).until(VpsInfo::is_running).await?;
//! println!("{:?}", vps.address());
//! # Ok(()) });
//! ```
//!
//! A method returns a [`Call`] that `.await` sends.
//!
//! The provider knows its callers by key **and address**: ask its support to put the addresses of your
//! computers on the whitelist, or every call is refused as if the key were wrong.
//!
//! ## Errors
//!
//! A failure is an [`Error`], asked by predicates: see [Errors](http_core#errors). The provider is a PHP program whose
//! refusals come with status 200 and in its own words; they are errors here all the same, which
//! [`code`](Error::code) tells apart where it gives a number. Byte-order marks, warnings around the JSON, numbers in
//! quotes, empty maps written as lists and whole replies in `print_r` form are all read, and a web page in place of a
//! reply is an error that says what to do.
//!
//! ## Waits
//!
//! [`Orders::wait`] ends early for an order that is over, [`Vpses::wait`] for a VPS that is: see
//! [Waits](http_core#waits). An order stays pending until somebody pays it, so give that wait its own
//! [`timeout`](Wait::timeout).
//!
//! ## Retries
//!
//! Ordering, installing, rebooting and whatever makes a key are never repeated after they may have been processed: see
//! [Retries](http_core#retries), and [below](#operations) for what each operation is.
//!
//! ## Secrets
//!
//! The API key, the password that [`Client::api_key`] takes and the VPS's password in [`VpsInfo`]: see
//! [Secrets](http_core#secrets). [`Raw`], which keeps what the models have no field for, shows no value in `Debug`
//! either.
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

mod api_key;
mod balance;
mod catalog;
mod client;
mod confirmation;
mod dialect;
mod excerpt;
mod ids;
mod orders;
mod php;
mod raw;
mod reply;
mod services;
mod ssh_keys;
mod vps;

pub use api_key::ApiKey;
pub use balance::Balance;
pub use catalog::{Catalog, Product, Template};
pub use client::Client;
pub use confirmation::Confirmation;
pub use http_core::wire::Decimal;
pub use http_core::{self, Call, Error, SecretString, Wait, WaitError, recovery};
pub use ids::{ClientId, InvoiceId, OrderId, ProductId, ServiceId, SshKeyId, TemplateName};
pub use orders::{Order, OrderStatus, Orders, PlacedOrder};
pub use raw::Raw;
pub use services::{Service, ServiceStatus, Services};
pub use ssh_keys::{NewSshKey, SshKey, SshKeys};
pub use vps::{Install, Installation, QueueReply, Vps, VpsInfo, VpsState, Vpses};

use http_core::client::{Operation, all_operations};

/// Every operation of this API.
pub const OPERATIONS: &[Operation] =
    all_operations![api_key, catalog, balance, orders, vps, ssh_keys, services];

/// The example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
