#![doc(html_root_url = "https://docs.rs/inferno-vps/latest")]
#![doc = include_str!("../README.md")]
//!
//! ## Errors
//!
//! Every failure is reported as an [`Error`] with predicates: see [Errors](http_core#errors). The provider sends its
//! error responses with status 200; this crate recognizes them by their content. [`code`](Error::code) is the
//! provider's error number, if there is one.
//!
//! The provider's PHP code may put a byte-order mark or warnings around the JSON, quote numbers, write an empty map as
//! a list, or send a whole response in `print_r` format. All of this is decoded. If the response is a web page, the
//! error says what to do.
//!
//! ## Waits
//!
//! [`Orders::wait`] waits until an order reaches a state, and fails early if the order is cancelled. [`Vpses::wait`]
//! waits until a VPS reaches a state, and fails early if its order or service has ended: see [Waits](http_core#waits).
//! An order stays pending until its invoice is paid, so set a [`timeout`](Wait::timeout) when you wait for the payment.
//!
//! ## Retries
//!
//! A call that places an order, installs or reboots a VPS, adds an SSH key or generates an API key is never repeated
//! after the provider may have processed it: see [Retries](http_core#retries). The [table](#operations) lists the
//! effect of each operation.
//!
//! ## Secrets
//!
//! The secrets of this API are the API key, the account's password that you pass to [`Client::api_key`], and the VPS's
//! password in [`Vps`]: see [Secrets](http_core#secrets). [`Raw`] contains undocumented responses, and its `Debug` output
//! shows none of their values.
//!
//! ## Operations
//!
//! The effect of an operation describes what happens if its request is sent twice. It determines whether the request is
//! [repeated](http_core#retries) after a failure.
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
pub use http_core::{self, Call, Error, ExposeSecret, SecretString, Wait, WaitError, recovery};
pub use ids::{ClientId, InvoiceId, OrderId, ProductId, ServiceId, SshKeyId, TemplateName};
pub use orders::{Order, OrderStatus, Orders, PlacedOrder};
pub use raw::Raw;
pub use services::{Service, ServiceStatus, Services};
pub use ssh_keys::{NewSshKey, SshKey, SshKeys};
pub use vps::{Install, Installation, QueueResponse, Vps, VpsInfo, VpsState, Vpses};

use http_core::client::{Operation, all_operations};

/// All operations of this API.
pub const OPERATIONS: &[Operation] =
    all_operations![api_key, catalog, balance, orders, vps, ssh_keys, services];
