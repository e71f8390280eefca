#![doc(html_root_url = "https://docs.rs/inferno-vps/latest")]
#![doc = include_str!("../README.md")]
//!
//! ## Errors
//!
//! A failure is an [`Error`], asked by predicates: see [Errors](http_core#errors). The provider is a PHP program whose
//! error responses come with status 200 and in its own words; they are errors here all the same, which
//! [`code`](Error::code) distinguishes where it gives a number. Byte-order marks, warnings around the JSON, numbers in
//! quotes, empty maps written as lists and whole responses in `print_r` form are all read, and a web page in place of a
//! response is an error that says what to do.
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
mod response;
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
pub use vps::{Install, Installation, QueueResponse, Vps, VpsInfo, VpsState, Vpses};

use http_core::client::{Operation, all_operations};

/// Every operation of this API.
pub const OPERATIONS: &[Operation] =
    all_operations![api_key, catalog, balance, orders, vps, ssh_keys, services];
