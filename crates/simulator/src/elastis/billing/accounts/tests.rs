use chrono::TimeDelta;
use serde_json::{Value, json};

use super::super::testing::{Simulated, body, errors, vm};

fn account(simulated: &mut Simulated, id: u64) -> Value {
    simulated.ok("billing_account.get", &format!("billing_account_id={id}"))
}

#[test]
fn details_have_every_documented_field() {
    let account = account(&mut Simulated::new(), 6);
    let fields: Vec<_> = account.as_object().unwrap().keys().map(String::as_str).collect();
    for documented in [
        "additional_data",
        "address_line1",
        "allow_debt",
        "can_pay",
        "city",
        "company_name",
        "company_reg_code",
        "company_vat_number",
        "country",
        "county",
        "created",
        "credit_amount",
        "discount_percentage",
        "eligible_promotions",
        "email",
        "id",
        "is_active",
        "is_default",
        "is_deleted",
        "is_recurring_payment_enabled",
        "paying_by_invoice",
        "post_index",
        "primary_card",
        "recurring_payment_amount",
        "recurring_payment_threshold",
        "referral_share_code",
        "reseller",
        "restriction_level",
        "running_totals",
        "send_invoice_email",
        "site",
        "suspend_reason",
        "title",
        "unpaid_amount",
        "user_id",
        "vat_percentage",
    ] {
        assert!(fields.contains(&documented), "{documented}");
    }
    let methods: Value = serde_json::from_str(account["additional_data"].as_str().unwrap()).unwrap();
    assert_eq!(methods["link_methods"][0], "duitku::FT");
    assert_eq!(account["primary_card"]["processor_data"]["card"]["brand"], "visa");
    assert_eq!(account["primary_card"]["is_verified"], true);
}

#[test]
fn an_update_clears_missing_fields_except_email_and_recurring_payment() {
    let mut simulated = Simulated::new();
    let recurring =
        "is_recurring_payment_enabled=True&recurring_payment_amount=52&recurring_payment_threshold=1";
    simulated.account("6").ok("billing_account.set_recurring_payment", recurring);
    let updated = simulated.ok("billing_account.update", "billing_account_id=6&title=new%20name&city=");
    assert_eq!(updated["title"], "new name");
    for removed in ["additional_data", "address_line1", "city", "company_name", "country", "post_index"] {
        assert_eq!(updated[removed], Value::Null, "{removed}");
    }
    assert_eq!(updated["send_invoice_email"], false);
    assert_eq!(updated["email"], "user@example.com");
    assert_eq!(updated["is_recurring_payment_enabled"], true);
    assert_eq!(updated["recurring_payment_amount"], 52);
    assert_eq!(updated, account(&mut simulated, 6));
}

#[test]
fn an_update_with_all_fields_clears_none() {
    let mut simulated = Simulated::new();
    let before = account(&mut simulated, 6);
    let mut form = "billing_account_id=6&send_invoice_email=true&email=new@example.com".to_owned();
    for (name, value) in before.as_object().unwrap() {
        if let (Some(text), false) = (value.as_str(), name == "email") {
            form.extend(["&", name, "=", &text.replace(',', "%2C")]);
        }
    }
    let mut expected = before;
    expected["email"] = "new@example.com".into();
    assert_eq!(simulated.ok("billing_account.update", &form), expected);
}

#[test]
fn accounts_in_use_and_the_last_account_cannot_be_deleted() {
    let mut simulated = Simulated::with([vm("web")]);
    let mut delete = |id: u64| simulated.error("billing_account.delete", &format!("billing_account_id={id}"));
    assert_eq!(delete(6), "Billing account has unpaid invoices.");
    assert_eq!(delete(0), "Provided billing account is incorrect.");
    simulated.ok("invoice.pay_all", "billing_account_id=6");
    let refused = simulated.error("billing_account.delete", "billing_account_id=6");
    assert_eq!(refused, "Billing account has active resources.");
    simulated.resources.clear();
    simulated.ok("billing_account.delete", "billing_account_id=6");
    let last = simulated.error("billing_account.delete", "billing_account_id=129072");
    assert_eq!(last, "The last billing account can not be deleted.");
    assert_eq!(simulated.billing.default_account(), 129_072, "another account becomes the default");
    assert!(!simulated.billing.account_exists(6));
}

#[test]
fn a_deleted_account_is_listed_only_on_request_and_cannot_be_changed() {
    let mut simulated = Simulated::new();
    let ids = |simulated: &mut Simulated, form: &str| {
        let accounts = simulated.ok("billing_account.list", form);
        accounts.as_array().unwrap().iter().map(|account| account["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&mut simulated, ""), [6, 129_072]);
    simulated.ok("billing_account.delete", "billing_account_id=129072");
    assert_eq!(ids(&mut simulated, ""), [6]);
    assert_eq!(ids(&mut simulated, "show_shadow="), [6, 129_072]);
    assert_eq!(account(&mut simulated, 129_072)["is_deleted"], true);
    for operation in ["billing_account.update", "billing_account.set_default", "billing_account.delete"] {
        let refused = simulated.error(operation, "billing_account_id=129072");
        assert_eq!(refused, "Provided billing account is incorrect.", "{operation}");
    }
}

#[test]
fn exactly_one_account_is_the_default() {
    let mut simulated = Simulated::new();
    simulated.ok("billing_account.set_default", "billing_account_id=129072");
    assert_eq!(simulated.billing.default_account(), 129_072);
    let flags = [6, 129_072].map(|id| account(&mut simulated, id)["is_default"].clone());
    assert_eq!(flags, [false, true]);
}

#[test]
fn accounts_of_other_users_or_outside_the_token_are_forbidden() {
    let mut simulated = Simulated::new();
    let response = simulated.call("billing_account.get", "billing_account_id=5100");
    assert_eq!(response.status, 403);
    assert_eq!(
        errors(&response)["consumer::resource_forbidden"],
        json!({
            "msg": "Consumer not allowed to access resource.",
            "subtype": "resource_forbidden",
            "type": "consumer",
        })
    );
    simulated.caller.restricted_to = Some(129_072);
    for (operation, form) in [
        ("billing_account.get", "billing_account_id=6"),
        ("billing_account.set_default", "billing_account_id=6"),
        ("invoice.list", "billing_account_id=6"),
        ("invoice.get", "invoice_id=1"),
        ("card.get", "payment_object_id=6"),
        ("billing_resource.list", "id=6"),
    ] {
        assert_eq!(simulated.call(operation, form).status, 403, "{operation}");
    }
    assert_eq!(body(&simulated.call("billing_account.list", "")).as_array().unwrap().len(), 1);
}

#[test]
fn running_totals_are_the_costs_of_the_month() {
    let mut simulated = Simulated::with([vm("web")]);
    simulated.now += TimeDelta::hours(400);
    let totals = account(&mut simulated, 6)["running_totals"].clone();
    // 400 h at 0.019 = 7.60, of which 2.00 is covered by credit; VAT is 20 % of the rest.
    assert_eq!(
        totals,
        json!({
            "credit_amount": -2.0,
            "credit_available": 2.0,
            "discount_amount": 0,
            "ongoing": -6.72,
            "subtotal": 7.6,
            "total": 6.72,
            "vat_tax": 1.12,
        })
    );
}

#[test]
fn enabling_recurring_payment_below_the_threshold_pays_immediately() {
    let mut simulated = Simulated::new();
    let form = "is_recurring_payment_enabled=True&recurring_payment_amount=52&recurring_payment_threshold=55";
    let response = simulated.account("6").ok("billing_account.set_recurring_payment", form);
    assert_eq!(response["payment_report"], json!({"triggered": true, "errors": []}));
    assert_eq!(response["account"]["credit_amount"], json!(54.0));
    assert_eq!(account(&mut simulated, 6)["credit_amount"], json!(54.0), "it pays only once");
}

#[test]
fn a_balance_that_falls_below_the_threshold_is_topped_up_once() {
    let mut simulated = Simulated::with([vm("web")]);
    let form =
        "is_recurring_payment_enabled=true&recurring_payment_amount=50&recurring_payment_threshold=1.5";
    let response = simulated.account("6").ok("billing_account.set_recurring_payment", form);
    assert_eq!(response["payment_report"]["triggered"], false);
    simulated.now += TimeDelta::hours(20);
    assert_eq!(account(&mut simulated, 6)["credit_amount"], json!(2.0), "1.62 is left");
    simulated.now += TimeDelta::hours(20);
    assert_eq!(account(&mut simulated, 6)["credit_amount"], json!(52.0));
    assert_eq!(account(&mut simulated, 6)["credit_amount"], json!(52.0));
}

#[test]
fn an_automatic_payment_waits_for_a_chargeable_card() {
    let mut simulated = Simulated::with([vm("web")]);
    let form =
        "is_recurring_payment_enabled=true&recurring_payment_amount=50&recurring_payment_threshold=1.5";
    simulated.account("6").ok("billing_account.set_recurring_payment", form);
    simulated.ok("card.delete", "payment_object_id=6");
    simulated.now += TimeDelta::hours(40);
    assert_eq!(account(&mut simulated, 6)["credit_amount"], json!(2.0));
    simulated.ok("card.add", "billing_account_id=6&token=tok_visa");
    assert_eq!(account(&mut simulated, 6)["credit_amount"], json!(52.0));
}

#[test]
fn recurring_payment_needs_a_chargeable_card_and_every_parameter() {
    let mut simulated = Simulated::new();
    let form = "is_recurring_payment_enabled=true&recurring_payment_amount=52&recurring_payment_threshold=55";
    let refused = simulated.account("129072").error("billing_account.set_recurring_payment", form);
    assert_eq!(refused, "Billing account has no payment method for automated payments.");
    let partly = "is_recurring_payment_enabled=true&recurring_payment_amount=much";
    let response = simulated.account("six").call("billing_account.set_recurring_payment", partly);
    let errors = errors(&response);
    assert_eq!(errors["billing_account_id"], "Invalid whole number provided");
    assert_eq!(errors["recurring_payment_amount"], "Invalid decimal number provided");
    let missing = "Required parameter 'recurring_payment_threshold' not supplied";
    assert_eq!(errors["recurring_payment_threshold"], missing);
    let only_debts =
        "is_recurring_payment_enabled=true&recurring_payment_amount=52&recurring_payment_threshold=0";
    let on = simulated.account("6").ok("billing_account.set_recurring_payment", only_debts);
    assert_eq!(
        (&on["payment_report"]["triggered"], &on["account"]["credit_amount"]),
        (&json!(false), &json!(2.0))
    );
    let off = simulated
        .account("6")
        .ok("billing_account.set_recurring_payment", "is_recurring_payment_enabled=false");
    assert_eq!(off["account"]["is_recurring_payment_enabled"], false);
    assert_eq!(off["account"]["recurring_payment_amount"], 52, "amounts that are not sent are kept");
}
