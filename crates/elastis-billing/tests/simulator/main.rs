//! Tests of behaviour that spans several calls, run against the simulator.
#![allow(clippy::unwrap_used, reason = "clippy recognizes only functions with `#[test]` as tests")]

mod accounts;
mod cards;
mod costs;
mod payments;
mod recurring;
mod resources;

use elastis_billing::{BillingAccountId, Elastis};
use hostkit_simulator::Simulator;

/// The default account, with a card, two unpaid invoices and 2.00 of credit.
const FIRST: BillingAccountId = BillingAccountId::new(6);
/// An account with credit but without a card.
const SECOND: BillingAccountId = BillingAccountId::new(129_072);
/// Another user's account.
const FOREIGN: BillingAccountId = BillingAccountId::new(5100);
/// An account that does not exist.
const NOBODYS: BillingAccountId = BillingAccountId::new(7);

async fn simulated() -> (Simulator, Elastis) {
    // The clock starts in the middle of a month, so that hours can pass within it.
    let builder = Simulator::builder().strict().frozen_at("2026-11-15T12:00:00Z".parse().unwrap());
    let simulator = builder.start().await.unwrap();
    let access = simulator.elastis();
    let elastis = Elastis::builder(access.key.as_str()).base_url(&access.base_url).no_proxy();
    (simulator, elastis.build().unwrap())
}
