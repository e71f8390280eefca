//! Replays every fixture through the method of its operation.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use elastis_billing::{
    AccountDetails, BillingAccountId, BillingResource, Elastis, ElastisBilling, RecurringPayment,
    ResourceRef, VmId,
};
use elastis_core::{Error, Login, NewVm, Os, VmSize};
use hostkit_simulator::Simulator;
use hostkit_tests::replay::{Arguments, CREDENTIAL, Exchange, Replayed};
use serde::{Serialize, Serializer};
use serde_json::json;

hostkit_tests::every_operation!("elastis-billing", elastis_billing::OPERATIONS, ask, arrange);

async fn ask(exchange: Exchange) -> Replayed {
    let builder =
        Elastis::builder(exchange.credential("<api-key:1>")).base_url(exchange.base_url()).no_proxy();
    let elastis = builder.build().unwrap();
    let elastis = exchange.location().map_or(elastis.clone(), |slug| elastis.at(slug));
    let (accounts, resources) = (elastis.billing_accounts(), elastis.billing_resources());
    let (cards, credit, invoices) = (elastis.cards(), elastis.credit(), elastis.invoices());
    let account = || exchange.argument("billing_account_id");
    let card = || exchange.argument("payment_object_id");
    let invoice = || exchange.argument("invoice_id");
    let amount = || exchange.argument("amount");
    match exchange.operation() {
        "billing_resource.list" => {
            let id = exchange.argument("id");
            let list = match exchange.optional::<String>("resource_type") {
                Some(kind) => resources.list_of(id, kind.as_str().into()),
                None => resources.list(id),
            };
            exchange.call(list.map(|rows| rows.into_iter().map(Typed).collect::<Vec<_>>())).await
        }
        "billing_resource.assign" => {
            let vm: VmId = exchange.argument("uuid");
            let resource = match exchange.optional::<String>("resource_type") {
                Some(kind) => ResourceRef::new(kind.as_str().into(), vm),
                None => ResourceRef::from(vm),
            };
            exchange.call(resources.assign(resource, account())).await
        }
        "billing_account.list" if exchange.optional("show_shadow").unwrap_or(false) => {
            exchange.call(accounts.list_with_deleted()).await
        }
        "billing_account.list" => exchange.call(accounts.list()).await,
        "billing_account.get" => exchange.call(accounts.get(account())).await,
        "billing_account.update" => {
            // All fields of the form except the account's id.
            let mut form = exchange.fixture().request.form.clone().unwrap_or_default();
            form.remove("billing_account_id");
            let details: AccountDetails = serde_json::from_value(json!(form)).unwrap();
            exchange.call(accounts.replace(account(), &details)).await
        }
        "billing_account.delete" => exchange.call(accounts.delete(account())).await,
        "billing_account.set_default" => exchange.call(accounts.set_default(account())).await,
        "billing_account.set_recurring_payment" => {
            let mut payment = RecurringPayment::off();
            payment.enabled = exchange.argument("is_recurring_payment_enabled");
            payment.amount = exchange.optional("recurring_payment_amount");
            payment.threshold = exchange.optional("recurring_payment_threshold");
            exchange.call(accounts.set_recurring_payment(account(), payment)).await
        }
        "billing_account.unpaid_amount" => {
            exchange.call(accounts.unpaid_amount(account()).map(|amount| amount.to_string())).await
        }
        "billing_account.apply_for_invoice_payment" => {
            exchange.call(accounts.apply_for_invoice_payment(account())).await
        }
        "card.list" => exchange.call(cards.list(account())).await,
        "card.get" => exchange.call(cards.get(card())).await,
        "card.add" => exchange.call(cards.add(account(), exchange.secret("token"))).await,
        "card.delete" => exchange.call(cards.delete(card())).await,
        "card.set_primary" => exchange.call(cards.set_primary(card())).await,
        "credit.list" => exchange.call(credit.list(account())).await,
        "credit.buy" => exchange.call(credit.buy(account(), card(), amount())).await,
        "credit.request_invoice" => exchange.call(credit.request_invoice(account(), amount())).await,
        "invoice.list" => exchange.call(invoices.list(account())).await,
        "invoice.get" => exchange.call(invoices.get(invoice())).await,
        "invoice.pay" => exchange.call(invoices.pay(invoice())).await,
        "invoice.pay_all" => exchange.call(invoices.pay_all(account())).await,
        "invoice.pay_amount" => exchange.call(invoices.pay_amount(account(), amount())).await,
        "campaign.has_active" => exchange.call(elastis.campaigns().has_active()).await,
        "pricing.policy" => exchange.call(elastis.pricing().policy()).await,
        "usage.list" => exchange.call(elastis.usage().list(account())).await,
        _ => exchange.unknown(),
    }
}

/// A resource that is serialized as its typed fields, because its own serialization is the provider's JSON.
#[derive(Debug)]
struct Typed(BillingResource);

impl Serialize for Typed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(row) = self;
        json!({
            "uuid": row.uuid,
            "name": row.name,
            "status": row.status,
            "billing_account": row.billing_account_id,
            "user_id": row.user_id,
            "created_at": row.created_at,
            "vm": row.to_vm(),
        })
        .serialize(serializer)
    }
}

const FIRST: BillingAccountId = BillingAccountId::new(6);
const SECOND: BillingAccountId = BillingAccountId::new(129_072);

async fn arrange(simulator: &Simulator, operation: &'static str) -> Result<Arguments, Error> {
    let access = simulator.elastis();
    let elastis = Elastis::builder(access.key.as_str()).base_url(&access.base_url).no_proxy().build()?;
    let account = if operation == "billing_account.update" { FIRST } else { SECOND };
    let mut arguments =
        Arguments::from([(CREDENTIAL, access.key.clone()), ("billing_account_id", account.to_string())]);
    match operation.split_once('.').unwrap().0 {
        "card" => {
            let card = elastis.cards().add(FIRST, "tok_visa").await?.id;
            arguments.insert("payment_object_id", card.to_string());
        }
        "billing_resource" => {
            let (os, login) = (Os::new("ubuntu", "20.04"), Login::new("example", "Password123"));
            let new = NewVm::from_image("web-1", os, 20, VmSize::new(2, 2048), login);
            let vm = elastis.vms().create(new.with_billing_account(FIRST)).await?.uuid;
            arguments.insert("uuid", vm.to_string());
        }
        _ => {}
    }
    Ok(arguments)
}
