//! A payment method: a card, or "paying by invoice".

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, TimeZone, Utc};
use serde_json::{Value, json};

use super::account;

/// The details of a card.
#[derive(Clone, Debug)]
pub(crate) struct Card {
    pub(crate) brand: &'static str,
    pub(crate) last4: &'static str,
    pub(crate) expire_year: i32,
}

/// A payment method.
#[derive(Clone, Debug)]
pub(crate) struct PaymentObject {
    pub(crate) id: u64,
    pub(crate) account: u64,
    /// `None` if invoices are paid by bank transfer.
    pub(crate) card: Option<Card>,
    pub(crate) holder: String,
    pub(crate) created: i64,
    pub(crate) is_primary: bool,
    pub(crate) is_verified: bool,
}

/// Returns the initial payment object, which is the default account's card.
pub(crate) fn seed(now: DateTime<Utc>) -> BTreeMap<u64, PaymentObject> {
    let card = PaymentObject {
        id: 6,
        account: account::DEFAULT,
        card: Some(Card { brand: "visa", last4: "1111", expire_year: now.year() + 8 }),
        holder: "user".to_owned(),
        created: account::created().timestamp(),
        is_primary: true,
        is_verified: true,
    };
    [(card.id, card)].into()
}

/// Returns the card that a token of the card processor represents.
pub(crate) fn card_of(token: &str, now: DateTime<Utc>) -> Card {
    let (brand, last4) = match token {
        _ if token.contains("mastercard") => ("mastercard", "4444"),
        _ if token.contains("amex") => ("amex", "8431"),
        _ => ("visa", "4242"),
    };
    Card { brand, last4, expire_year: now.year() + 4 }
}

impl PaymentObject {
    /// Returns whether a payment can be taken automatically.
    pub(crate) fn can_charge(&self) -> bool {
        self.card.is_some() && self.is_verified
    }

    pub(crate) fn identifier(&self) -> String {
        if self.card.is_some() { format!("pm_{:024}", self.id) } else { "N/A".to_owned() }
    }

    pub(crate) fn expire_year(&self) -> i32 {
        self.card.as_ref().map_or(2099, |card| card.expire_year)
    }

    pub(crate) fn json(&self) -> Value {
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

    /// Returns the primary card as it appears in an account's details.
    pub(crate) fn details(&self, card: &Card) -> Value {
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
