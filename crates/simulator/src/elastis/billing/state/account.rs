//! A billing account.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::json;

use crate::elastis::billing::money::number;
use crate::elastis::wire::caller::Caller;

/// The id of the simulator's user.
pub(crate) const USER: u64 = 8;

/// The id of the user's default account.
pub(crate) const DEFAULT: u64 = 6;

/// The id of the user's other account, which has credit but no card.
pub(crate) const SECOND: u64 = 129_072;

/// The id of an account of another user.
pub(crate) const FOREIGN: u64 = 5100;

/// The fields with the owner's details. An update clears those that it does not contain.
pub(crate) const PROFILE: [&str; 11] = [
    "additional_data",
    "address_line1",
    "address_line2",
    "city",
    "company_name",
    "company_reg_code",
    "company_vat_number",
    "country",
    "county",
    "post_index",
    "title",
];

/// Returns the time when the accounts were opened.
pub(crate) fn created() -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(1_519_219_377)
}

/// Automatic payments by card.
#[derive(Debug)]
pub(crate) struct Recurring {
    pub(crate) is_enabled: bool,
    pub(crate) amount: Decimal,
    pub(crate) threshold: Decimal,
    /// Whether the balance was above the threshold at the last check. Only a fall below the threshold triggers a
    /// payment; a balance that stays below it does not.
    pub(crate) was_above: bool,
}

#[derive(Debug)]
pub(crate) struct BillingAccount {
    pub(crate) id: u64,
    pub(crate) user_id: u64,
    pub(crate) email: String,
    pub(crate) is_deleted: bool,
    pub(crate) discount_percentage: u32,
    pub(crate) vat_percentage: u32,
    /// The sum of all top-ups, for promotions.
    pub(crate) topped_up: Decimal,
    pub(crate) has_promotion: bool,
    pub(crate) send_invoice_email: bool,
    pub(crate) profile: BTreeMap<&'static str, String>,
    pub(crate) recurring: Recurring,
}

pub(crate) fn seed() -> BTreeMap<u64, BillingAccount> {
    let filled = [
        ("additional_data", r#"{"link_methods": ["duitku::FT", "duitku::M1"]}"#),
        ("address_line1", "Puiestee"),
        ("city", "K\u{fc}la"),
        ("company_name", "Firma"),
        ("company_reg_code", "232"),
        ("company_vat_number", "235235"),
        ("country", "EE"),
        ("county", "Moldaavia"),
        ("post_index", "314243123"),
        ("title", "konto"),
    ];
    let account = |id, user_id, email: &str, profile: &[(&'static str, &str)]| BillingAccount {
        id,
        user_id,
        email: email.to_owned(),
        is_deleted: false,
        discount_percentage: 0,
        vat_percentage: 20,
        topped_up: if id == DEFAULT { Decimal::new(20, 1) } else { Decimal::ZERO },
        has_promotion: id == DEFAULT,
        send_invoice_email: true,
        profile: profile.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
        recurring: Recurring {
            is_enabled: false,
            amount: Decimal::ZERO,
            threshold: Decimal::ZERO,
            was_above: false,
        },
    };
    let accounts = [
        account(DEFAULT, USER, "user@example.com", &filled),
        account(SECOND, USER, "user@example.com", &[("country", "EE"), ("title", "First billing account")]),
        account(FOREIGN, 9, "other@example.com", &[("title", "Somebody else's")]),
    ];
    accounts.map(|account| (account.id, account)).into()
}

impl BillingAccount {
    /// Returns whether the caller's token has access to this account.
    pub(crate) fn is_open_to(&self, caller: Caller) -> bool {
        self.user_id == caller.user_id && caller.restricted_to.is_none_or(|only| only == self.id)
    }

    /// Returns the account as it appears on an invoice.
    pub(crate) fn snapshot(&self, credit: Decimal) -> String {
        let mut snapshot = json!({
            "created": created().timestamp(),
            "credit_amount": number(credit),
            "email": self.email,
            "id": self.id,
            "is_deleted": self.is_deleted,
            "user_id": self.user_id,
        });
        for name in PROFILE.iter().filter(|name| **name != "additional_data") {
            snapshot[*name] = json!(self.profile.get(name));
        }
        snapshot.to_string()
    }
}
