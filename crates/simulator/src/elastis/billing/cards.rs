//! Payment objects: credit cards, and "paying by invoice".

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, TimeZone, Utc};
use serde_json::{Value, json};

use super::{Answer, Billing, Call, accounts, forbidden, next_id, refusal, success};
use crate::provider::Reply;

/// A card's face.
#[derive(Clone, Debug)]
struct Card {
    brand: &'static str,
    last4: &'static str,
    expire_year: i32,
}

/// A way to pay.
#[derive(Clone, Debug)]
pub(super) struct PaymentObject {
    id: u64,
    pub(super) account: u64,
    /// `None` where invoices are paid by bank transfer.
    card: Option<Card>,
    holder: String,
    created: i64,
    pub(super) is_primary: bool,
    is_verified: bool,
}

/// The account's first card.
pub(super) fn seed(now: DateTime<Utc>) -> BTreeMap<u64, PaymentObject> {
    let card = PaymentObject {
        id: 6,
        account: accounts::DEFAULT,
        card: Some(Card { brand: "visa", last4: "1111", expire_year: now.year() + 8 }),
        holder: "user".to_owned(),
        created: accounts::created().timestamp(),
        is_primary: true,
        is_verified: true,
    };
    [(card.id, card)].into()
}

/// What a token of the card processor stands for.
fn card_of(token: &str, now: DateTime<Utc>) -> Card {
    let (brand, last4) = match token {
        _ if token.contains("mastercard") => ("mastercard", "4444"),
        _ if token.contains("amex") => ("amex", "8431"),
        _ => ("visa", "4242"),
    };
    Card { brand, last4, expire_year: now.year() + 4 }
}

impl PaymentObject {
    /// Whether money can be taken without anybody's help.
    pub(super) fn can_charge(&self) -> bool {
        self.card.is_some() && self.is_verified
    }

    fn identifier(&self) -> String {
        if self.card.is_some() { format!("pm_{:024}", self.id) } else { "N/A".to_owned() }
    }

    fn expire_year(&self) -> i32 {
        self.card.as_ref().map_or(2099, |card| card.expire_year)
    }

    fn json(&self) -> Value {
        let additional_data = match &self.card {
            Some(card) => json!({
                "id": self.identifier(),
                "type": "creditcard",
                "card_type": card.brand,
                "card_holder": self.holder,
                "last4": card.last4,
                "expire_month": "12",
                "expire_year": self.expire_year().to_string(),
                "country": "DE",
                "created_at": self.created,
                "is_recurring": true,
            }),
            None => json!({
                "id": self.identifier(),
                "type": "paying_by_invoice",
                "card_type": "By invoice",
                "card_holder": self.holder,
                "client": {},
                "expire_month": "12",
                "expire_year": self.expire_year().to_string(),
            }),
        };
        let valid_thru = Utc.with_ymd_and_hms(self.expire_year(), 12, 31, 0, 0, 0).single();
        json!({
            "additional_data": additional_data.to_string(),
            "billing_account_id": self.account,
            "billing_account_processor_identifier_id": self.account,
            "created": self.created,
            "id": self.id,
            "identifier": self.identifier(),
            "is_primary": self.is_primary,
            "is_verified": self.is_verified,
            "valid_thru": valid_thru.map(|end| end.timestamp()),
        })
    }

    /// The form in which an account shows its primary card.
    fn details(&self, card: &Card) -> Value {
        let address = json!({
            "city": null, "country": null, "line1": null, "line2": null, "postal_code": null, "state": null,
        });
        json!({
            "id": self.identifier(),
            "expire_month": 12,
            "expire_year": card.expire_year,
            "last4": card.last4,
            "card_type": card.brand,
            "card_holder": self.holder,
            "type": "creditcard",
            "processor_data": {
                "id": self.identifier(),
                "object": "payment_method",
                "billing_details": {"address": address, "email": null, "name": self.holder, "phone": null},
                "card": {
                    "brand": card.brand,
                    "checks": {
                        "address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass",
                    },
                    "country": "US",
                    "exp_month": 12,
                    "exp_year": card.expire_year,
                    "fingerprint": format!("fingerprint{:05}", self.id),
                    "funding": "unknown",
                    "generated_from": null,
                    "last4": card.last4,
                    "three_d_secure_usage": {"supported": true},
                    "wallet": null,
                },
                "created": self.created,
                "customer": format!("cus_{:014}", self.account),
                "livemode": false,
                "metadata": {},
                "type": "card",
            },
            "is_verified": self.is_verified,
        })
    }
}

impl Billing {
    pub(super) fn add_card(&mut self, call: &Call<'_>) -> Answer {
        let mut arguments = call.arguments();
        let account = arguments.whole("billing_account_id");
        let token = arguments.text("token");
        arguments.finish()?;
        let account = self.open(account, call.caller)?;
        if token.starts_with("tok_declined") {
            return Err(refusal("Your card was declined."));
        }
        let is_verified = !token.starts_with("tok_unverified");
        let is_primary = is_verified && self.charged_card(account).is_none();
        if is_primary {
            self.unmark_primary(account);
        }
        Ok(self
            .add_payment_object(PaymentObject {
                id: 0,
                account,
                card: Some(card_of(&token, call.now)),
                holder: "user".to_owned(),
                created: call.now.timestamp(),
                is_primary,
                is_verified,
            })
            .json())
    }

    /// The new payment object stays unverified: verifying it is the provider's staff's business.
    pub(super) fn apply_for_invoice_payment(&mut self, call: &Call<'_>) -> Answer {
        let account = self.open(call.whole("billing_account_id")?, call.caller)?;
        let holder = self.accounts.get(&account).map(|account| account.email.clone()).unwrap_or_default();
        let added = self.add_payment_object(PaymentObject {
            id: 0,
            account,
            card: None,
            holder,
            created: call.now.timestamp(),
            is_primary: self.charged_card(account).is_none(),
            is_verified: false,
        });
        let mut added = added.json();
        added["is_deleted"] = false.into();
        Ok(added)
    }

    pub(super) fn get_card(&self, call: &Call<'_>) -> Answer {
        self.own_card(call).map(PaymentObject::json)
    }

    pub(super) fn list_cards(&self, call: &Call<'_>) -> Answer {
        let account = self.visible(call.whole("billing_account_id")?, call.caller)?.id;
        let own = self.payment_objects.values().filter(|card| card.account == account);
        Ok(own.map(PaymentObject::json).collect())
    }

    /// The failover card takes the place of a removed primary one.
    pub(super) fn delete_card(&mut self, call: &Call<'_>) -> Answer {
        let PaymentObject { id, account, is_primary, .. } = *self.own_card(call)?;
        self.payment_objects.remove(&id);
        let mut left = self.payment_objects.values_mut();
        if is_primary && let Some(next) = left.find(|card| card.account == account && card.can_charge()) {
            next.is_primary = true;
        }
        Ok(success())
    }

    pub(super) fn set_primary_card(&mut self, call: &Call<'_>) -> Answer {
        let card = self.own_card(call)?;
        if !card.is_verified {
            return Err(refusal("Payment method is not verified."));
        }
        let (id, account) = (card.id, card.account);
        self.unmark_primary(account);
        if let Some(card) = self.payment_objects.get_mut(&id) {
            card.is_primary = true;
        }
        Ok(success())
    }

    /// The id of the card that an account's payments are taken from.
    pub(super) fn charged_card(&self, account: u64) -> Option<u64> {
        let mut cards = self.payment_objects.values();
        cards.find(|card| card.account == account && card.is_primary && card.can_charge()).map(|card| card.id)
    }

    /// An account's primary card as its details show it.
    pub(super) fn primary_card(&self, account: u64) -> Value {
        let card = self.charged_card(account).and_then(|id| self.payment_objects.get(&id));
        card.and_then(|object| Some(object.details(object.card.as_ref()?))).unwrap_or_default()
    }

    fn own_card(&self, call: &Call<'_>) -> Result<&PaymentObject, Reply> {
        let card = self.payment_objects.get(&call.whole("payment_object_id")?).ok_or_else(forbidden)?;
        self.visible(card.account, call.caller).map(|_| card)
    }

    fn unmark_primary(&mut self, account: u64) {
        for card in self.payment_objects.values_mut().filter(|card| card.account == account) {
            card.is_primary = false;
        }
    }

    fn add_payment_object(&mut self, object: PaymentObject) -> PaymentObject {
        let id = next_id(&self.payment_objects);
        let object = PaymentObject { id, ..object };
        self.payment_objects.insert(id, object.clone());
        object
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::Simulated;

    fn primaries(simulated: &mut Simulated) -> Vec<Value> {
        let cards = simulated.ok("card.list", "billing_account_id=6");
        let primary = cards.as_array().unwrap().iter().filter(|card| card["is_primary"] == true);
        primary.map(|card| card["id"].clone()).collect()
    }

    #[test]
    fn a_card_keeps_the_processors_facts_as_json_inside_a_string() {
        let card = Simulated::new().ok("card.get", "payment_object_id=6");
        let facts: Value = serde_json::from_str(card["additional_data"].as_str().unwrap()).unwrap();
        assert_eq!(facts["id"], card["identifier"]);
        assert_eq!((&facts["last4"], &facts["expire_year"]), (&json!("1111"), &json!("2034")));
        assert_eq!(card["valid_thru"], 2_051_136_000, "2034-12-31");
    }

    #[test]
    fn setting_a_primary_card_unmarks_the_previous_one() {
        let mut simulated = Simulated::new();
        let second = simulated.ok("card.add", "billing_account_id=6&token=tok_mastercard");
        assert_eq!((&second["is_primary"], &second["is_verified"]), (&json!(false), &json!(true)));
        simulated.ok("card.set_primary", &format!("payment_object_id={}", second["id"]));
        assert_eq!(primaries(&mut simulated), [second["id"].clone()]);
        let account = simulated.ok("billing_account.get", "billing_account_id=6");
        assert_eq!(account["primary_card"]["last4"], "4444");
    }

    #[test]
    fn an_unverified_card_does_not_become_primary() {
        let mut simulated = Simulated::new();
        let card = simulated.ok("card.add", "billing_account_id=6&token=tok_unverified");
        let refused = simulated.refusal("card.set_primary", &format!("payment_object_id={}", card["id"]));
        assert_eq!(refused, "Payment method is not verified.");
        assert_eq!(primaries(&mut simulated), [6]);
    }

    #[test]
    fn a_declined_card_is_not_kept() {
        let mut simulated = Simulated::new();
        let refused = simulated.refusal("card.add", "billing_account_id=6&token=tok_declined_visa");
        assert_eq!(refused, "Your card was declined.");
        assert_eq!(simulated.ok("card.list", "billing_account_id=6").as_array().unwrap().len(), 1);
    }

    #[test]
    fn the_failover_card_follows_a_removed_primary_one() {
        let mut simulated = Simulated::new();
        simulated.ok("card.add", "billing_account_id=6&token=tok_unverified");
        let failover = simulated.ok("card.add", "billing_account_id=6&token=tok_visa")["id"].clone();
        simulated.ok("card.delete", "payment_object_id=6");
        assert_eq!(primaries(&mut simulated), [failover]);
        assert_eq!(simulated.call("card.get", "payment_object_id=6").status, 403);
    }

    #[test]
    fn paying_by_invoice_waits_for_verification_beside_the_primary_card() {
        let mut simulated = Simulated::new();
        let applied = simulated.ok("billing_account.apply_for_invoice_payment", "billing_account_id=6");
        assert_eq!(
            (&applied["identifier"], &applied["valid_thru"]),
            (&json!("N/A"), &json!(4_102_358_400_u64))
        );
        assert_eq!((&applied["is_verified"], &applied["is_primary"]), (&json!(false), &json!(false)));
        let without_card = "billing_account_id=129072";
        let applied = simulated.ok("billing_account.apply_for_invoice_payment", without_card);
        assert_eq!(applied["is_primary"], true);
        let card = simulated.ok("card.add", "billing_account_id=129072&token=tok_visa");
        assert_eq!(card["is_primary"], true, "a verified card comes before it");
    }

    #[test]
    fn somebody_elses_account_takes_no_card() {
        let reply = Simulated::new().call("card.add", "billing_account_id=5100&token=tok_visa");
        assert_eq!(reply.status, 403);
    }
}
