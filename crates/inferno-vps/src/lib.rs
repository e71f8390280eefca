#![doc(html_root_url = "https://docs.rs/inferno-vps/latest")]
#![doc = include_str!("../README.md")]
//!
//! ## Errors
//!
//! All failures are an [`Error`] with predicates: see [Errors](http_core#errors). The provider sends its error
//! responses with status 200; this crate recognizes them by their content. [`code`](Error::code) is the provider's
//! error number, if there is one.
//!
//! The provider's PHP program may put a byte-order mark or warnings around the JSON, quote numbers, write an empty map
//! as a list, and send a whole response in `print_r` form. All of this is decoded. A web page in place of a response is
//! an error that says what to do.
//!
//! ## Waits
//!
//! [`Orders::wait`] waits for a state of an order and ends early if the order is cancelled. [`Vpses::wait`] waits for a
//! state of a VPS and ends early if its order or service has ended: see [Waits](http_core#waits). An order stays
//! pending until its invoice is paid, so set a [`timeout`](Wait::timeout) for that wait.
//!
//! ## Retries
//!
//! A call that places an order, installs or reboots a VPS, adds an SSH key or generates an API key is never repeated
//! after the provider may have processed it: see [Retries](http_core#retries). The [table](#operations) contains the
//! effect of each operation.
//!
//! ## Secrets
//!
//! The API key, the account's password that you pass to [`Client::api_key`], and the VPS's password in [`Vps`]: see
//! [Secrets](http_core#secrets). [`Raw`] contains whole responses and shows no value in `Debug`.
//!
//! ## Operations
//!
//! The effect says what sending the request twice would do, and so whether it is [repeated](http_core#retries) after a
//! failure.
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

/// Every operation of this crate.
pub const OPERATIONS: &[Operation] =
    all_operations![api_key, catalog, balance, orders, vps, ssh_keys, services];
