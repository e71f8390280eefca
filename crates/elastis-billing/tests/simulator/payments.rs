//! Tests of paying for invoices and credit: rejected payments are reported, and nothing is paid twice.

use elastis_billing::{
    Call, CardId, Decimal, ElastisBilling, Invoice, InvoiceId, InvoiceStatus, RecurringPayment,
};
use hostkit_simulator::Fault;

use crate::{FIRST, FOREIGN, SECOND, simulated};

const CARD: CardId = CardId::new(6);
/// The oldest unpaid invoice of the first account.
const OLDEST: InvoiceId = InvoiceId::new(6);

#[tokio::test]
async fn an_invoice_is_paid_once() {
    let (_simulator, elastis) = simulated().await;
    let invoices = elastis.invoices();
    let before = invoices.get(OLDEST).await.unwrap();
    assert_eq!((before.status, before.transaction_list.len()), (InvoiceStatus::Unpaid, 0));
    invoices.pay(OLDEST).await.unwrap();
    let after = invoices.get(OLDEST).await.unwrap();
    assert!(after.is_paid());
    assert_eq!(after.transaction_list[0].amount, before.totals.total);
    assert_eq!(after.transaction_list[0].payment_object_id, Some(CARD));
    let refused = invoices.pay(OLDEST).await.unwrap_err();
    assert!(refused.is_conflict() && refused.message().contains("already paid"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn no_call_that_pays_or_requests_an_invoice_is_sent_twice() {
    let (simulator, elastis) = simulated().await;
    let (accounts, amount) = (elastis.billing_accounts(), Decimal::ONE);
    let recurring = RecurringPayment::new(amount, Decimal::from(10));
    let calls: [Call<()>; 8] = [
        elastis.invoices().pay(OLDEST).into(),
        elastis.invoices().pay_amount(FIRST, amount).map(drop),
        elastis.invoices().pay_all(FIRST),
        elastis.credit().buy(FIRST, CARD, amount).into(),
        elastis.credit().request_invoice(FIRST, amount).into(),
        Call::from(elastis.cards().add(FIRST, "tok_visa")).map(drop),
        accounts.set_recurring_payment(FIRST, recurring).map(drop),
        Call::from(accounts.apply_for_invoice_payment(FIRST)).map(drop),
    ];
    for call in calls {
        let operation = call.operation().name();
        simulator.fail(operation, Fault::ResetAfter);
        let lost = call.await.unwrap_err();
        assert!(
            lost.is_outcome_unknown() && lost.to_string().contains("before sending it again"),
            "{operation}: {lost}"
        );
        assert_eq!(simulator.count(operation), 1, "{operation}");
    }
    assert!(simulator.unmet_faults().is_empty());
    assert!(elastis.invoices().get(OLDEST).await.unwrap().is_paid(), "each request was processed");
}

#[tokio::test]
async fn pay_all_leaves_nothing_unpaid() {
    let (_simulator, elastis) = simulated().await;
    let accounts = elastis.billing_accounts();
    let invoices = elastis.invoices().list(FIRST).await.unwrap();
    let due: Decimal =
        invoices.iter().filter(|invoice| !invoice.is_paid()).filter_map(|i| i.totals.total).sum();
    assert_eq!(accounts.unpaid_amount(FIRST).await.unwrap(), due);
    assert!(due > Decimal::ZERO);
    elastis.invoices().pay_all(FIRST).await.unwrap();
    assert_eq!(accounts.unpaid_amount(FIRST).await.unwrap(), Decimal::ZERO);
    assert!(elastis.invoices().list(FIRST).await.unwrap().iter().all(Invoice::is_paid));
}

#[tokio::test]
async fn an_amount_pays_the_oldest_invoice_first_even_if_only_in_part() {
    let (_simulator, elastis) = simulated().await;
    let (invoices, accounts) = (elastis.invoices(), elastis.billing_accounts());
    let due = accounts.unpaid_amount(FIRST).await.unwrap();
    let ten = Decimal::new(1_000, 2);
    let paid = invoices.pay_amount(FIRST, ten).await.unwrap();
    assert_eq!((paid.amount_used, paid.amount_left), (Some(ten), Some(Decimal::ZERO)));
    assert_eq!((paid.paid_invoices.as_slice(), paid.success), ([OLDEST].as_slice(), true));
    assert_eq!(paid.error_log, None);
    assert_eq!(accounts.unpaid_amount(FIRST).await.unwrap(), due - ten);
    assert_eq!(invoices.get(OLDEST).await.unwrap().status, InvoiceStatus::Unpaid);
    let rest = invoices.pay_amount(FIRST, due).await.unwrap();
    assert_eq!((rest.amount_used, rest.amount_left), (Some(due - ten), Some(ten)));
    let nothing = invoices.pay_amount(FIRST, ten).await.unwrap();
    assert_eq!((nothing.amount_used, nothing.paid_invoices.len()), (Some(Decimal::ZERO), 0));
}

#[tokio::test]
async fn the_amount_paid_before_a_failure_is_returned() {
    let (_simulator, elastis) = simulated().await;
    // Without its card, the account can pay only with its credit of 2.00.
    elastis.cards().delete(CARD).await.unwrap();
    let paid = elastis.invoices().pay_amount(FIRST, Decimal::from(10)).await.unwrap();
    assert!(!paid.success);
    assert_eq!((paid.amount_used, paid.amount_left), (Some(Decimal::from(2)), Some(Decimal::from(8))));
    assert_eq!(paid.paid_invoices, [OLDEST]);
    assert!(paid.error_log.unwrap().contains("could not be paid"));
    let refused = elastis.invoices().pay_amount(FIRST, Decimal::from(10)).await.unwrap_err();
    assert!(refused.is_conflict() && refused.message().contains("no verified payment method"), "{refused}");
}

#[tokio::test]
async fn a_payment_with_an_error_beside_it_is_not_a_success() {
    let (simulator, elastis) = simulated().await;
    for (rest, success) in [
        ("", true),
        (r#", "error": null, "errors": {}"#, true),
        (r#", "error": "declined""#, false),
        (r#", "errors": {"Error": "declined"}"#, false),
        (r#", "errors": ["declined"]"#, false),
    ] {
        let body = format!(r#"{{"success": true, "amount_used": 2, "amount_left": 8{rest}}}"#);
        simulator.fail("invoice.pay_amount", Fault::response(200, body));
        let paid = elastis.invoices().pay_amount(FIRST, Decimal::from(10)).await.unwrap();
        assert_eq!((paid.success, paid.amount_used), (success, Some(Decimal::from(2))), "{rest}");
    }
}

#[tokio::test]
async fn an_amount_that_cannot_be_paid_is_not_sent() {
    let (simulator, elastis) = simulated().await;
    let before = simulator.count("elastis/*");
    for amount in ["0", "0.00", "-1", "0.001", "10.005", "-0.01", "0.0000000001"] {
        let amount: Decimal = amount.parse().unwrap();
        let calls: [Call<()>; 3] = [
            elastis.invoices().pay_amount(FIRST, amount).map(drop),
            elastis.credit().buy(FIRST, CARD, amount).into(),
            elastis.credit().request_invoice(FIRST, amount).into(),
        ];
        for call in calls {
            let operation = call.operation().name();
            let error = call.await.unwrap_err();
            assert!(error.is_invalid_argument(), "{operation} {amount}: {error}");
            assert!(!error.may_have_been_sent(), "{operation} {amount}: {error}");
        }
    }
    assert_eq!(simulator.count("elastis/*"), before);
    elastis.credit().request_invoice(FIRST, "10.500".parse().unwrap()).await.unwrap();
}

#[tokio::test]
async fn invoices_and_credit_of_another_user_are_forbidden() {
    let (_simulator, elastis) = simulated().await;
    let invoices = elastis.invoices();
    for call in [
        invoices.list(FOREIGN).map(drop),
        invoices.pay_all(FOREIGN),
        invoices.pay_amount(FOREIGN, Decimal::ONE).map(drop),
        invoices.get(InvoiceId::new(999)).map(drop),
        elastis.credit().list(FOREIGN).map(drop),
        elastis.credit().buy(SECOND, CARD, Decimal::ONE).into(),
    ] {
        let operation = call.operation().name();
        assert!(call.await.unwrap_err().is_forbidden(), "{operation}");
    }
}

#[tokio::test]
async fn credit_is_bought_with_a_verified_card() {
    let (_simulator, elastis) = simulated().await;
    let sum = Decimal::new(10_050, 2);
    elastis.credit().buy(FIRST, CARD, sum).await.unwrap();
    let newest = elastis.credit().list(FIRST).await.unwrap().remove(0);
    assert_eq!((newest.amount, newest.billing_account_id), (Some(sum), Some(FIRST)));
    let account = elastis.billing_accounts().get(FIRST).await.unwrap();
    assert_eq!(account.credit_amount, Some(Decimal::new(10_250, 2)));
    assert_eq!(account.eligible_promotions[0].top_up_done, Some(Decimal::new(10_250, 2)));
    let unverified = elastis.cards().add(FIRST, "tok_unverified").await.unwrap();
    let refused = elastis.credit().buy(FIRST, unverified.id, sum).await.unwrap_err();
    assert!(refused.is_conflict(), "{refused}");
}

#[tokio::test]
async fn credit_by_invoice_is_added_when_the_invoice_is_paid() {
    let (_simulator, elastis) = simulated().await;
    let accounts = elastis.billing_accounts();
    elastis.credit().request_invoice(FIRST, Decimal::from(100)).await.unwrap();
    let invoices = elastis.invoices().list(FIRST).await.unwrap();
    let invoice = invoices.iter().find(|invoice| invoice.totals.total == Some(Decimal::from(100))).unwrap();
    assert_eq!(invoice.status, InvoiceStatus::Unpaid);
    assert_eq!(accounts.get(FIRST).await.unwrap().credit_amount, Some(Decimal::from(2)));
    elastis.invoices().pay(invoice.id).await.unwrap();
    assert_eq!(accounts.get(FIRST).await.unwrap().credit_amount, Some(Decimal::from(102)));
}

#[tokio::test(start_paused = true)]
async fn payments_and_invoices_whose_response_is_lost_are_found() {
    for fault in [Fault::ResetAfter, Fault::HtmlAfter(504), Fault::TruncatedBody, Fault::Nothing] {
        let (simulator, elastis) = simulated().await;
        for name in [
            "invoice.pay",
            "credit.buy",
            "credit.request_invoice",
            "card.add",
            "billing_account.apply_for_invoice_payment",
        ] {
            simulator.fail(name, fault.clone());
        }
        let (amount, credit) = (Decimal::new(1_050, 2), elastis.credit());
        let noted = credit.buy(FIRST, CARD, amount).recover().note().await.unwrap();
        let ticket = noted.ticket().clone();
        let record = noted.await.unwrap().value;
        assert_eq!(record.amount, Some(amount), "{fault:?}");
        assert_eq!(credit.find_created(&ticket).await.unwrap().value, record);
        let asked = credit.request_invoice(FIRST, amount).recover().await.unwrap().value;
        assert_eq!((asked.totals.total, asked.is_paid()), (Some(amount), false), "{fault:?}");
        let paid = elastis.invoices().pay(OLDEST).recover().await.unwrap();
        assert!(paid.value.is_paid() && paid.value.id == OLDEST, "{fault:?}");
        let card = elastis.cards().add(FIRST, "tok_visa").recover().await.unwrap().value;
        let by_invoice =
            elastis.billing_accounts().apply_for_invoice_payment(FIRST).recover().await.unwrap().value;
        assert_ne!(card.identifier.as_deref(), Some("N/A"));
        assert_eq!(by_invoice.identifier.as_deref(), Some("N/A"));
        for name in ["invoice.pay", "credit.buy", "credit.request_invoice", "card.add"] {
            assert_eq!(simulator.count(name), 1, "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_payment_that_did_not_happen_is_not_found() {
    let (simulator, elastis) = simulated().await;
    elastis.credit().buy(FIRST, CARD, Decimal::ONE).await.unwrap();
    simulator.fail("credit.buy", Fault::ResetBefore);
    simulator.fail("invoice.pay", Fault::ResetBefore);
    let error = elastis.credit().buy(FIRST, CARD, Decimal::ONE).recover().await.unwrap_err();
    assert!(error.is_outcome_unknown() && error.to_string().contains("may still appear"), "{error}");
    let error = elastis.invoices().pay(OLDEST).recover().await.unwrap_err();
    assert!(error.is_outcome_unknown() && error.candidates().is_empty(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_rejection_that_reports_a_payment_is_not_sent_again_and_its_outcome_is_unknown() {
    let used =
        r#""amount_left": 5.0, "amount_used": 5.0, "paid_invoices": [6], "error_log": "card declined""#;
    let amounts = [
        format!(r#"{{{used}, "message": "not all was paid", "success": false}}"#),
        format!(r#"{{"errors": {{"Error": "declined"}}, {used}}}"#),
        format!(r#"{{"data": {{{used}}}, "message": "declined"}}"#),
        format!(r#"{{"message": "declined", {used}"#),
    ];
    let report =
        r#"{"payment_report": {"triggered": true, "errors": []}, "message": "no", "success": false}"#;
    for status in [400, 402, 409, 422, 429, 500, 503] {
        for body in &amounts {
            let (simulator, elastis) = simulated().await;
            simulator.fail("invoice.pay_amount", Fault::response(status, body.clone())).standing();
            let error = elastis.invoices().pay_amount(FIRST, Decimal::TEN).await.unwrap_err();
            assert!(error.is_outcome_unknown() && error.may_have_been_sent(), "{status} {body}: {error}");
            assert_eq!(simulator.count("invoice.pay_amount"), 1, "{status} {body}");
        }
        let (simulator, elastis) = simulated().await;
        let operation = "billing_account.set_recurring_payment";
        simulator.fail(operation, Fault::response(status, report)).standing();
        for recurring in [RecurringPayment::new(Decimal::ONE, Decimal::TEN), RecurringPayment::off()] {
            let error = elastis.billing_accounts().set_recurring_payment(FIRST, recurring).await.unwrap_err();
            assert!(error.is_outcome_unknown() && error.may_have_been_sent(), "{status}: {error}");
        }
        assert_eq!(simulator.count(operation), 2, "{status}");
    }
    let (simulator, elastis) = simulated().await;
    simulator.fail("billing_account.set_recurring_payment", Fault::response(200, report));
    let recurring = RecurringPayment::new(Decimal::ONE, Decimal::TEN);
    let error = elastis.billing_accounts().set_recurring_payment(FIRST, recurring).await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
}
