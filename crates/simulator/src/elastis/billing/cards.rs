//! Payment objects: credit cards, and "paying by invoice".
use serde_json::Value;

use super::ledger::{Billing, BillingCall, JsonAnswer, next_id, payment_error, success};
use super::state::payment_object::{PaymentObject, card_of};
use crate::base::Response;
use crate::elastis::wire::errors::forbidden;

impl Billing {
    pub(super) fn add_card(&mut self, call: &BillingCall<'_>) -> JsonAnswer {
        let mut fields = call.fields();
        let account = fields.need_whole("billing_account_id");
        let token = fields.need_text("token");
        fields.finish()?;
        let account = self.open(account, call.caller)?;
        if token.starts_with("tok_declined") {
            return Err(payment_error("Your card was declined."));
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

    /// Adds the payment object of an account that pays by invoice. It stays unverified, because only the provider's
    /// staff can verify it.
    pub(super) fn apply_for_invoice_payment(&mut self, call: &BillingCall<'_>) -> JsonAnswer {
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

    pub(super) fn get_card(&self, call: &BillingCall<'_>) -> JsonAnswer {
        self.own_card(call).map(PaymentObject::json)
    }

    pub(super) fn list_cards(&self, call: &BillingCall<'_>) -> JsonAnswer {
        let account = self.visible(call.whole("billing_account_id")?, call.caller)?.id;
        let own = self.payment_objects.values().filter(|card| card.account == account);
        Ok(own.map(PaymentObject::json).collect())
    }

    /// Removes a card. If it was the primary one, the failover card replaces it.
    pub(super) fn delete_card(&mut self, call: &BillingCall<'_>) -> JsonAnswer {
        let PaymentObject { id, account, is_primary, .. } = *self.own_card(call)?;
        self.payment_objects.remove(&id);
        let mut left = self.payment_objects.values_mut();
        if is_primary && let Some(next) = left.find(|card| card.account == account && card.can_charge()) {
            next.is_primary = true;
        }
        Ok(success())
    }

    pub(super) fn set_primary_card(&mut self, call: &BillingCall<'_>) -> JsonAnswer {
        let card = self.own_card(call)?;
        if !card.is_verified {
            return Err(payment_error("Payment method is not verified."));
        }
        let (id, account) = (card.id, card.account);
        self.unmark_primary(account);
        if let Some(card) = self.payment_objects.get_mut(&id) {
            card.is_primary = true;
        }
        Ok(success())
    }

    /// Returns the id of the card to which an account's payments are charged.
    pub(super) fn charged_card(&self, account: u64) -> Option<u64> {
        let mut cards = self.payment_objects.values();
        cards.find(|card| card.account == account && card.is_primary && card.can_charge()).map(|card| card.id)
    }

    /// Returns an account's primary card as it appears in the account's details.
    pub(super) fn primary_card(&self, account: u64) -> Value {
        let card = self.charged_card(account).and_then(|id| self.payment_objects.get(&id));
        card.and_then(|object| Some(object.details(object.card.as_ref()?))).unwrap_or_default()
    }

    fn own_card(&self, call: &BillingCall<'_>) -> Result<&PaymentObject, Response> {
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
    fn a_card_has_the_processors_data_as_json_inside_a_string() {
        let card = Simulated::new().ok("card.get", "payment_object_id=6");
        let facts: Value = serde_json::from_str(card["additional_data"].as_str().unwrap()).unwrap();
        assert_eq!(facts["id"], card["identifier"]);
        assert_eq!((&facts["last4"], &facts["expire_year"]), (&json!("1111"), &json!("2034")));
        assert_eq!(card["valid_thru"], 2_051_136_000, "2034-12-31");
    }

    #[test]
    fn setting_a_primary_card_replaces_the_previous_one() {
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
        let refused = simulated.error("card.set_primary", &format!("payment_object_id={}", card["id"]));
        assert_eq!(refused, "Payment method is not verified.");
        assert_eq!(primaries(&mut simulated), [6]);
    }

    #[test]
    fn a_declined_card_is_not_kept() {
        let mut simulated = Simulated::new();
        let refused = simulated.error("card.add", "billing_account_id=6&token=tok_declined_visa");
        assert_eq!(refused, "Your card was declined.");
        assert_eq!(simulated.ok("card.list", "billing_account_id=6").as_array().unwrap().len(), 1);
    }

    #[test]
    fn the_failover_card_replaces_a_removed_primary_one() {
        let mut simulated = Simulated::new();
        simulated.ok("card.add", "billing_account_id=6&token=tok_unverified");
        let failover = simulated.ok("card.add", "billing_account_id=6&token=tok_visa")["id"].clone();
        simulated.ok("card.delete", "payment_object_id=6");
        assert_eq!(primaries(&mut simulated), [failover]);
        assert_eq!(simulated.call("card.get", "payment_object_id=6").status, 403);
    }

    #[test]
    fn paying_by_invoice_waits_for_verification_and_keeps_the_primary_card() {
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
        assert_eq!(card["is_primary"], true, "a verified card is preferred");
    }

    #[test]
    fn a_card_cannot_be_added_to_an_account_of_another_user() {
        let response = Simulated::new().call("card.add", "billing_account_id=5100&token=tok_visa");
        assert_eq!(response.status, 403);
    }
}
