//! Tests of automatic top-ups.

use std::time::Duration;

use elastis_billing::{Decimal, ElastisBilling, RecurringPayment};
use hostkit_simulator::Fault;
use http_core::ErrorKind;

use crate::{FIRST, SECOND, simulated};

fn below(threshold: u32) -> RecurringPayment {
    RecurringPayment::new(Decimal::from(50), Decimal::from(threshold))
}

#[tokio::test]
async fn turning_top_ups_on_below_the_threshold_pays_immediately() {
    let (_simulator, elastis) = simulated().await;
    let set = elastis.billing_accounts().set_recurring_payment(FIRST, below(10)).await.unwrap();
    let account = set.account.unwrap();
    assert!(set.payment_report.unwrap().triggered);
    assert_eq!(account.credit_amount, Some(Decimal::from(52)));
    assert_eq!(account.recurring_payment_threshold, Some(Decimal::from(10)));
}

#[tokio::test]
async fn a_response_that_does_not_show_whether_a_payment_was_made_is_no_success() {
    let (simulator, elastis) = simulated().await;
    let operation = "billing_account.set_recurring_payment";
    simulator.fail(operation, Fault::response(200, "{}"));
    let error = elastis.billing_accounts().set_recurring_payment(FIRST, below(10)).await.unwrap_err();
    assert!(error.is_outcome_unknown() && error.kind() == ErrorKind::Decode, "{error}");
    assert_eq!(simulator.count(operation), 1);
}

#[tokio::test]
async fn above_the_threshold_nothing_is_paid_and_off_keeps_the_amounts() {
    let (_simulator, elastis) = simulated().await;
    let accounts = elastis.billing_accounts();
    let on = accounts.set_recurring_payment(FIRST, below(1)).await.unwrap();
    assert!(!on.payment_report.unwrap().triggered && on.account.unwrap().is_recurring_payment_enabled);
    let off = accounts.set_recurring_payment(FIRST, RecurringPayment::off()).await.unwrap().account.unwrap();
    assert!(!off.is_recurring_payment_enabled);
    assert_eq!(off.recurring_payment_amount, Some(Decimal::from(50)));
    assert_eq!(off.credit_amount, Some(Decimal::from(2)));
}

#[tokio::test(start_paused = true)]
async fn after_a_lost_response_turning_off_is_repeated_and_turning_on_is_not() {
    let (simulator, elastis) = simulated().await;
    let accounts = elastis.billing_accounts();
    let operation = "billing_account.set_recurring_payment";
    simulator.fail(operation, Fault::ResetAfter);
    let lost = accounts.set_recurring_payment(FIRST, below(10)).await.unwrap_err();
    assert!(lost.is_outcome_unknown() && lost.to_string().contains("credit().list"), "{lost}");
    assert_eq!(simulator.count(operation), 1);
    assert_eq!(
        accounts.get(FIRST).await.unwrap().credit_amount,
        Some(Decimal::from(52)),
        "the payment was made"
    );
    simulator.fail(operation, Fault::ResetAfter);
    accounts.set_recurring_payment(FIRST, RecurringPayment::off()).await.unwrap();
    assert_eq!(simulator.count(operation), 3);
}

#[tokio::test]
async fn top_ups_need_a_card_and_amounts() {
    let (simulator, elastis) = simulated().await;
    let accounts = elastis.billing_accounts();
    let refused = accounts.set_recurring_payment(SECOND, below(10)).await.unwrap_err();
    assert!(refused.is_conflict() && refused.message().contains("no payment method"), "{refused}");
    simulator.clear_requests();
    let mut incomplete = below(10);
    incomplete.threshold = None;
    let cent: Decimal = "0.01".parse().unwrap();
    for mistaken in [
        incomplete,
        RecurringPayment::new(Decimal::ZERO, Decimal::ONE),
        RecurringPayment::new(cent / Decimal::TEN, Decimal::ONE),
        RecurringPayment::new(Decimal::ONE, -cent),
    ] {
        let error = accounts.set_recurring_payment(FIRST, mistaken).await.unwrap_err();
        assert!(error.is_invalid_argument() && !error.may_have_been_sent(), "{error}");
    }
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn a_balance_that_falls_below_the_threshold_is_topped_up() {
    let (simulator, elastis) = simulated().await;
    crate::resources::create_vm(&elastis).await;
    let accounts = elastis.billing_accounts();
    let set = accounts.set_recurring_payment(FIRST, below(1)).await.unwrap();
    assert!(!set.payment_report.unwrap().triggered);
    simulator.clock().advance(Duration::from_secs(100 * 3600));
    assert_eq!(accounts.get(FIRST).await.unwrap().credit_amount, Some(Decimal::from(52)));
}
