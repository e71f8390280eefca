use serde_json::{Value, json};

use super::super::testing::{Simulated, errors};

fn unpaid(simulated: &mut Simulated, account: u64) -> Value {
    let form = format!("billing_account_id={account}");
    simulated.ok("billing_account.unpaid_amount", &form)["message"].clone()
}

fn invoice(simulated: &mut Simulated, id: u64) -> Value {
    simulated.ok("invoice.get", &format!("invoice_id={id}"))
}

#[test]
fn an_invoice_adds_up_like_the_documented_one() {
    let invoice = invoice(&mut Simulated::new(), 1);
    let expected = json!({
        "subtotal": 1.23, "discount_amount": 0.12, "credit": -0.10, "vat_tax": 0.20, "total": 1.21,
    });
    assert_eq!(invoice["totals"], expected);
    assert_eq!((&invoice["status"], &invoice["padded_id"]), (&json!(10), &json!("001")));
    assert_eq!(invoice["transaction_list"][0]["amount"], json!(1.21));
    assert_eq!(invoice["transaction_list"][0]["payment_object_id"], 6);
    assert_eq!(invoice["records_list"][1]["amount"], json!(0.87927));
    assert_eq!(invoice["records_list"][1]["qty"], 21);
    let snapshot: Value = serde_json::from_str(invoice["account_snapshot"].as_str().unwrap()).unwrap();
    assert_eq!((&snapshot["id"], &snapshot["address_line2"]), (&json!(6), &Value::Null));
}

#[test]
fn invoices_are_listed_newest_first_and_two_are_open() {
    let invoices = Simulated::new().ok("invoice.list", "billing_account_id=6");
    let of = |field: &str| {
        invoices.as_array().unwrap().iter().map(|invoice| invoice[field].clone()).collect::<Vec<_>>()
    };
    assert_eq!(of("id"), [3_782_542, 6, 1]);
    assert_eq!(of("status"), [5, 5, 10]);
    assert!(of("created")[1].as_i64() > of("created")[2].as_i64());
}

#[test]
fn the_unpaid_amount_is_the_sum_of_the_open_invoices_with_vat() {
    let mut simulated = Simulated::new();
    let totals = [6, 3_782_542].map(|id| invoice(&mut simulated, id)["totals"]["total"].clone());
    assert_eq!(totals, [26.11, 27.47]);
    assert_eq!(unpaid(&mut simulated, 6), json!(53.58));
    assert_eq!(unpaid(&mut simulated, 129_072), json!(0.0));
}

#[test]
fn a_paid_invoice_stays_paid() {
    let mut simulated = Simulated::new();
    assert_eq!(simulated.ok("invoice.pay", "invoice_id=6"), json!({"success": true}));
    let paid = invoice(&mut simulated, 6);
    assert_eq!((&paid["status"], &paid["transaction_list"][0]["amount"]), (&json!(10), &json!(26.11)));
    assert_eq!(simulated.error("invoice.pay", "invoice_id=6"), "Invoice is already paid.");
    simulated.ok("invoice.pay_all", "billing_account_id=6");
    assert_eq!(invoice(&mut simulated, 6), paid, "it is not paid twice");
    assert_eq!(unpaid(&mut simulated, 6), json!(0.0));
}

#[test]
fn an_amount_may_pay_the_oldest_invoice_partly() {
    let mut simulated = Simulated::new();
    assert_eq!(
        simulated.ok("invoice.pay_amount", "billing_account_id=6&amount=10"),
        json!({
            "amount_left": 0,
            "amount_used": 10,
            "error_log": "",
            "message": "All amount were used. Invoices (#6) were paid fully or partially.",
            "paid_invoices": [6],
            "success": true,
        })
    );
    assert_eq!(invoice(&mut simulated, 6)["status"], 5);
    assert_eq!(unpaid(&mut simulated, 6), json!(43.58));
    let second = simulated.ok("invoice.pay_amount", "billing_account_id=6&amount=20.00");
    assert_eq!(second["paid_invoices"], json!([6, 3_782_542]));
    assert_eq!(invoice(&mut simulated, 6)["status"], 10);
    assert_eq!(unpaid(&mut simulated, 6), json!(23.58));
}

#[test]
fn an_excess_amount_is_left_over() {
    let mut simulated = Simulated::new();
    let response = simulated.ok("invoice.pay_amount", "billing_account_id=6&amount=100");
    assert_eq!((&response["amount_used"], &response["amount_left"]), (&json!(53.58), &json!(46.42)));
    let nothing = simulated.ok("invoice.pay_amount", "billing_account_id=6&amount=1");
    assert_eq!((&nothing["amount_used"], &nothing["paid_invoices"]), (&json!(0), &json!([])));
}

#[test]
fn without_a_verified_card_credit_pays_as_much_as_it_can() {
    let mut simulated = Simulated::new();
    simulated.ok("card.delete", "payment_object_id=6");
    simulated.ok("card.add", "billing_account_id=6&token=tok_unverified");
    let refused = "Billing account has no verified payment method.";
    assert_eq!(simulated.error("invoice.pay", "invoice_id=6"), refused);
    assert_eq!(simulated.error("invoice.pay_all", "billing_account_id=6"), refused);
    assert_eq!(unpaid(&mut simulated, 6), json!(53.58), "nothing was charged");
    let partly = simulated.ok("invoice.pay_amount", "billing_account_id=6&amount=10");
    assert_eq!((&partly["amount_used"], &partly["amount_left"]), (&json!(2.0), &json!(8.0)));
    assert_eq!((&partly["success"], &partly["paid_invoices"]), (&json!(false), &json!([6])));
    assert_eq!(unpaid(&mut simulated, 6), json!(51.58));
    assert_eq!(simulated.error("invoice.pay_amount", "billing_account_id=6&amount=10"), refused);
}

#[test]
fn unknown_invoices_and_those_of_other_users_are_forbidden() {
    let mut simulated = Simulated::new();
    let unknown = simulated.call("invoice.pay", "invoice_id=0");
    assert_eq!(unknown.status, 403);
    assert!(errors(&unknown)["consumer::resource_forbidden"].is_object());
    assert_eq!(simulated.call("invoice.pay_all", "billing_account_id=0").status, 403);
    assert_eq!(simulated.call("invoice.list", "billing_account_id=5100").status, 403);
    assert_eq!(simulated.ok("campaign.has_active", ""), json!({"success": true}));
}
