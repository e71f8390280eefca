//! Tests of updating and deleting billing accounts.

use elastis_billing::{AccountDetails, BillingAccount, ElastisBilling, EmbeddedJson};
use hostkit_simulator::Fault;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::{FIRST, FOREIGN, NOBODYS, SECOND, simulated};

fn as_json(account: &BillingAccount) -> Value {
    json!(account)
}

#[tokio::test]
async fn an_update_changes_the_named_fields_and_keeps_the_others() {
    let (simulator, elastis) = simulated().await;
    let accounts = elastis.billing_accounts();
    let mut expected = as_json(&accounts.get(FIRST).await.unwrap());
    let changed = accounts.update(FIRST, |details| {
        details.title = Some("Köök & Co, 50% = ½ + 1".into());
        details.address_line2 = Some("3rd floor".into());
        details.county = None;
    });
    let updated = changed.await.unwrap();
    expected["title"] = "Köök & Co, 50% = ½ + 1".into();
    expected["address_line2"] = "3rd floor".into();
    expected["county"] = Value::Null;
    assert_eq!(as_json(&updated), expected);
    assert_eq!(as_json(&accounts.get(FIRST).await.unwrap()), expected);
    assert_eq!(simulator.count("billing_account.update"), 1);
}

#[tokio::test]
async fn an_empty_update_keeps_all_fields() {
    let (_simulator, elastis) = simulated().await;
    let accounts = elastis.billing_accounts();
    for id in [FIRST, SECOND] {
        let before = accounts.get(id).await.unwrap();
        let after = accounts.update(id, |_| ()).await.unwrap();
        assert_eq!(as_json(&after), as_json(&before));
    }
}

#[tokio::test]
async fn every_field_that_a_form_can_contain_is_read() {
    let (_simulator, elastis) = simulated().await;
    let account = json!(elastis.billing_accounts().get(FIRST).await.unwrap());
    let details = json!(elastis.billing_accounts().details(FIRST).await.unwrap());
    let has_value =
        |value: &Value| !(value.is_null() || value.is_array() || value.is_object() || value == "");
    for (name, _) in account.as_object().unwrap().iter().filter(|(_, value)| has_value(value)) {
        let is_elsewhere = name == "id" || name == "deleted" || name.contains("recurring_payment");
        assert!(is_elsewhere || details.get(name).is_some(), "{name}: {details}");
    }
}

#[tokio::test]
async fn an_unknown_field_is_written_back() {
    let (simulator, elastis) = simulated().await;
    let account = r#"{"id": 6, "email": "user@example.com", "phone": "+372 5, 6"}"#;
    simulator.fail("billing_account.get", Fault::response(200, account));
    elastis.billing_accounts().update(FIRST, |_| ()).await.unwrap();
    let form = simulator.requests().pop().unwrap().body;
    assert_eq!(form, "billing_account_id=6&email=user%40example.com&phone=%2B372%205%2C%206");
}

#[tokio::test]
async fn an_update_writes_nothing_if_the_account_was_not_read_as_a_whole() {
    for body in [
        "{}",
        "null",
        r#"{"message": "maintenance", "success": false}"#,
        r#"{"account": {"id": 6, "city": "Bonn"}}"#,
        r#"[{"id": 6, "city": "Bonn"}]"#,
        r#"{"id": 7, "city": "Bonn"}"#,
        r#"{"id": null, "city": "Bonn"}"#,
        r#"{"id": 6, "address_line1": {"en": "1 Street"}}"#,
        r#"{"id": 6, "send_invoice_email": "daily"}"#,
    ] {
        let (simulator, elastis) = simulated().await;
        let accounts = elastis.billing_accounts();
        simulator.fail("billing_account.get", Fault::response(200, body)).times(2);
        accounts.update(FIRST, |details| details.city = Some("Rome".to_owned())).await.unwrap_err();
        accounts.details(FIRST).await.unwrap_err();
        assert_eq!(simulator.count("billing_account.update"), 0, "{body}");
    }
}

#[tokio::test]
async fn a_replace_deletes_missing_fields_except_the_email() {
    let (_simulator, elastis) = simulated().await;
    let mut details = AccountDetails::default();
    details.country = Some("ID".into());
    let account = elastis.billing_accounts().replace(FIRST, &details).await.unwrap();
    assert_eq!(account.country.as_deref(), Some("ID"));
    assert_eq!((account.title, account.city, account.send_invoice_email), (None, None, false));
    assert!(account.additional_data.is_none());
    assert_eq!(account.email.as_deref(), Some("user@example.com"));
}

/// Generates all fields that an owner can change, with strings that are difficult to encode. An account always has an
/// e-mail address and the flag for invoices by e-mail.
fn any_details() -> impl Strategy<Value = AccountDetails> {
    let text = || prop_oneof!["[&=+,;%#?/ \"'\\\\a-zõ漢]{0,8}", any::<String>()];
    let texts = prop::collection::vec(prop::option::of(text()), 11);
    (texts, ".+", any::<bool>()).prop_map(|(texts, email, send_invoice_email)| {
        let mut texts = texts.into_iter().map(Option::unwrap_or_default).map(Some);
        let mut text = || texts.next().flatten();
        let mut details = AccountDetails::default();
        details.title = text();
        details.company_name = text();
        details.company_reg_code = text();
        details.company_vat_number = text();
        details.address_line1 = text();
        details.address_line2 = text();
        details.city = text();
        details.county = text();
        details.post_index = text();
        details.country = text();
        details.additional_data = text().map(EmbeddedJson::new);
        details.email = Some(email);
        details.send_invoice_email = Some(send_invoice_email);
        details
    })
}

/// Replaces empty strings with `None`, because the provider returns no empty fields.
fn without_empty(details: &AccountDetails) -> AccountDetails {
    let mut fields = json!(details);
    fields.as_object_mut().unwrap().retain(|_, value| value != "");
    serde_json::from_value(fields).unwrap()
}

#[test]
fn any_details_are_written_and_read_unchanged() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (_simulator, elastis) = runtime.block_on(simulated());
    let accounts = elastis.billing_accounts();
    let survives = |details| {
        let read = runtime.block_on(async {
            accounts.replace(FIRST, &details).await?;
            accounts.details(FIRST).await
        });
        // The response also contains the provider's own fields.
        let mut read = read.unwrap();
        read.other.clone_from(&details.other);
        prop_assert_eq!(without_empty(&read), without_empty(&details));
        Ok(())
    };
    TestRunner::new(Config::with_cases(100)).run(&any_details(), survives).unwrap();
}

#[tokio::test]
async fn an_account_that_cannot_be_read_is_not_written() {
    let (simulator, elastis) = simulated().await;
    let error = elastis.billing_accounts().update(NOBODYS, |_| ()).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert_eq!(error.operation(), Some("billing_account.get"));
    assert_eq!(simulator.count("billing_account.update"), 0);
}

#[tokio::test(start_paused = true)]
async fn an_update_is_repeated_after_its_response_was_lost() {
    let (simulator, elastis) = simulated().await;
    simulator.fail("billing_account.update", Fault::ResetAfter);
    let account = elastis.billing_accounts().update(FIRST, |details| details.city = None).await.unwrap();
    assert_eq!(account.city, None);
    assert_eq!(simulator.count("billing_account.update"), 2);
}

#[tokio::test]
async fn an_account_of_another_user_is_forbidden_and_a_missing_one_not_found() {
    let (_simulator, elastis) = simulated().await;
    let accounts = elastis.billing_accounts();
    assert!(accounts.get(NOBODYS).await.unwrap_err().is_not_found());
    assert!(accounts.get(FOREIGN).await.unwrap_err().is_forbidden());
    assert!(accounts.get(NOBODYS).optional().await.unwrap().is_none());
}

#[tokio::test]
async fn an_account_can_be_deleted_only_if_it_owes_nothing() {
    let (_simulator, elastis) = simulated().await;
    let accounts = elastis.billing_accounts();
    let refused = accounts.delete(FIRST).await.unwrap_err();
    assert!(refused.is_conflict() && refused.message().contains("unpaid invoices"), "{refused}");
    elastis.invoices().pay_all(FIRST).await.unwrap();
    accounts.delete(FIRST).await.unwrap();
    let last = accounts.delete(SECOND).await.unwrap_err();
    assert!(last.is_conflict() && last.message().contains("last billing account"), "{last}");
}

#[tokio::test]
async fn a_deleted_account_is_listed_only_on_request() {
    let (_simulator, elastis) = simulated().await;
    let accounts = elastis.billing_accounts();
    accounts.delete(SECOND).await.unwrap();
    let ids = |accounts: Vec<BillingAccount>| accounts.iter().map(|account| account.id).collect::<Vec<_>>();
    assert_eq!(ids(accounts.list().await.unwrap()), [FIRST]);
    assert_eq!(ids(accounts.list_with_deleted().await.unwrap()), [FIRST, SECOND]);
    assert!(accounts.get(SECOND).await.unwrap().is_deleted());
}

#[tokio::test(start_paused = true)]
async fn a_delete_whose_response_is_lost_succeeds() {
    let (simulator, elastis) = simulated().await;
    simulator.fail("billing_account.delete", Fault::ResetAfter);
    elastis.billing_accounts().delete(SECOND).await.unwrap();
    assert_eq!(simulator.count("billing_account.delete"), 2);
}

#[tokio::test]
async fn only_one_account_is_the_default() {
    let (_simulator, elastis) = simulated().await;
    let accounts = elastis.billing_accounts();
    accounts.set_default(SECOND).await.unwrap();
    let default = |accounts: Vec<BillingAccount>| {
        accounts.iter().filter(|account| account.is_default).map(|account| account.id).collect::<Vec<_>>()
    };
    assert_eq!(default(accounts.list().await.unwrap()), [SECOND]);
}
