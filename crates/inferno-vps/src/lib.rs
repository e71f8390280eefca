//! Client of the Inferno VPS API: tariffs, orders, installs, power, SSH keys and services.
//!
//! ```
//! use inferno_vps::{Client, Install, VpsInfo};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let simulator = hostkit_simulator::Simulator::start().await?;
//! # let access = simulator.inferno();
//! # access.set_pays_from_balance(true);
//! # let client = Client::builder(access.cid, access.key.as_str()).base_url(&access.base_url).build()?;
//! # /*
//! let client = Client::from_env()?; // INFERNO_CID, INFERNO_API_KEY
//! # */
//! let catalog = client.catalog().await?;
//! let order = client.orders().create(catalog.products[0].pid).await?;
//! client.orders().wait(order.order_id).until(|order| order.is_active()).await?; // once it is paid
//!
//! let install = Install::new(order.order_id, catalog.templates[0].name.clone());
//! client.vps().check_install(&install).await?;
//! client.vps().install(&install).await?;
//! let vps = client.vps().wait(order.order_id).until(VpsInfo::is_on).await?;
//! println!("{:?}", vps.address());
//! # Ok(()) }
//! ```
//!
//! A method returns a [`Call`] that is sent by `.await`; a failure is an [`Error`] to be asked with predicates.
//! Ordering, installing and rebooting are never repeated after they may have been processed.
//!
//! The provider knows its callers by key **and address**: ask its support to put the addresses of your
//! machines on the whitelist, or every call is refused as if the key were wrong.
//!
//! The provider is a PHP program, and its replies show it. Byte-order marks, warnings around the JSON, numbers
//! in quotes, empty maps written as lists and whole replies in `print_r` form are all read. A web page in place
//! of a reply is an error that says what to do.
mod api_key;
mod balance;
mod catalog;
mod client;
mod confirmation;
mod dialect;
mod orders;
mod php;
mod raw;
mod reply;
mod services;
mod ssh_keys;
mod vps;

pub use api_key::{ApiKey, ClientId};
pub use balance::Balance;
pub use catalog::{Catalog, Product, ProductId, Template, TemplateName};
pub use client::Client;
pub use confirmation::Confirmation;
pub use http_core::{self, Call, Decimal, Error, SecretString, Wait, WaitError};
pub use orders::{InvoiceId, Order, OrderId, OrderStatus, Orders, PlacedOrder};
pub use raw::Raw;
pub use services::{Service, ServiceId, ServiceStatus, Services};
pub use ssh_keys::{SshKey, SshKeyId, SshKeys};
pub use vps::{Install, Installation, Machine, QueueReply, Vps, VpsInfo, VpsState};

use http_core::Operation;

/// Every operation of this API.
pub const OPERATIONS: &[Operation] = &[
    api_key::GET,
    catalog::LIST,
    balance::GET,
    orders::CREATE,
    orders::LIST,
    orders::CANCEL,
    vps::INSTALL,
    vps::REINSTALL,
    vps::INFO,
    vps::REBOOT,
    vps::STOP,
    vps::BOOT,
    ssh_keys::ADD,
    ssh_keys::LIST,
    ssh_keys::REMOVE,
    services::LIST,
    services::GET,
];

/// The example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
