//! What the provider tells of a billing account.

use std::collections::BTreeMap;

use elastis_core::{BillingAccountId, UserId};
use http_core::wire::{DateTime, Decimal, Utc};
use serde_json::Value;

use crate::embedded_json::EmbeddedJson;

http_core::wire::open_enum! {
    /// How far the provider restricts an account.
    pub enum RestrictionLevel {
        /// Not restricted.
        Clear = "CLEAR",
        /// Frozen, e.g. for lack of a way to pay.
        Frozen = "FROZEN",
    }
}

http_core::wire::models! {
    /// An account that resources are charged to.
    pub struct BillingAccount {
        /// The account.
        pub id: BillingAccountId,
        /// The user that owns the billing account.
        pub user_id: Option<UserId>,
        /// Its name.
        pub title: Option<String>,
        /// Where invoices are sent.
        pub email: Option<String>,
        /// The company.
        pub company_name: Option<String>,
        /// Its number in the register of companies.
        pub company_reg_code: Option<String>,
        /// Its VAT number.
        pub company_vat_number: Option<String>,
        /// Street and house.
        pub address_line1: Option<String>,
        /// More of the address.
        pub address_line2: Option<String>,
        /// The city.
        pub city: Option<String>,
        /// The county or province.
        pub county: Option<String>,
        /// The postal code.
        pub post_index: Option<String>,
        /// The country, two letters.
        pub country: Option<String>,
        /// What the provider's own pages keep with the account, e.g. which payment methods it may link.
        pub additional_data: Option<EmbeddedJson>,
        /// Whether invoices are sent by e-mail.
        pub send_invoice_email: bool,
        /// When it was opened.
        pub created: Option<DateTime<Utc>>,
        /// Whether it is in use.
        pub is_active: bool,
        /// Whether it pays where no account is named.
        pub is_default: bool,
        /// Whether it was deleted.
        #[serde(rename = "is_deleted")]
        pub deleted: bool,
        /// Whether it may owe money without being restricted.
        pub allow_debt: bool,
        /// Whether it has a way to pay.
        pub can_pay: bool,
        /// Whether it pays by invoice.
        pub paying_by_invoice: bool,
        /// How far the provider restricts it.
        pub restriction_level: Option<RestrictionLevel>,
        /// Why it was suspended.
        pub suspend_reason: Option<String>,
        /// The credit that is left.
        pub credit_amount: Option<Decimal>,
        /// What it still owes: all invoices that are not paid, tax included.
        pub unpaid_amount: Option<Decimal>,
        /// The running month so far.
        pub running_totals: Option<RunningTotals>,
        /// The discount in percent.
        pub discount_percentage: Option<Decimal>,
        /// The value-added tax in percent.
        pub vat_percentage: Option<Decimal>,
        /// The card that payments are taken from.
        pub primary_card: Option<PrimaryCard>,
        /// Whether credit is topped up automatically.
        pub is_recurring_payment_enabled: bool,
        /// What an automatic top-up pays.
        pub recurring_payment_amount: Option<Decimal>,
        /// Below what an automatic top-up is made.
        pub recurring_payment_threshold: Option<Decimal>,
        /// The promotions that it can earn from.
        pub eligible_promotions: Vec<Promotion>,
        /// The code to hand on to new users.
        pub referral_share_code: Option<String>,
        /// Who sells the provider's service here.
        pub reseller: Option<String>,
        /// The provider's site that it was opened at.
        pub site: Option<String>,
    }

    /// What the running month costs so far.
    pub struct RunningTotals {
        /// Before discount, credit and tax.
        pub subtotal: Option<Decimal>,
        /// What the discount takes off.
        pub discount_amount: Option<Decimal>,
        /// What credit pays; 0 or negative.
        pub credit_amount: Option<Decimal>,
        /// The credit that there is.
        pub credit_available: Option<Decimal>,
        /// The value-added tax.
        pub vat_tax: Option<Decimal>,
        /// What would have to be paid now.
        pub total: Option<Decimal>,
        /// What is left of the credit; negative where the month costs more. Automatic top-ups go by it.
        pub ongoing: Option<Decimal>,
    }

    /// The card that an account's payments are taken from.
    pub struct PrimaryCard {
        /// The card processor's id of it.
        pub id: Option<String>,
        /// What it is, e.g. `creditcard`.
        pub r#type: Option<String>,
        /// The brand, e.g. `visa`.
        pub card_type: Option<String>,
        /// Whose it is.
        pub card_holder: Option<String>,
        /// The last four digits of its number.
        pub last4: Option<String>,
        /// The month in which it expires, 1 to 12.
        pub expire_month: Option<u32>,
        /// The year in which it expires.
        pub expire_year: Option<u32>,
        /// Whether it was found good.
        pub is_verified: bool,
        /// The card as the card processor describes it.
        pub processor_data: Option<CardProcessorData>,
    }

    /// A card as the card processor describes it.
    pub struct CardProcessorData {
        /// The processor's id of this payment method.
        pub id: Option<String>,
        /// The type of this object at the processor, e.g. `payment_method`.
        pub object: Option<String>,
        /// The kind of payment method, e.g. `card`.
        pub r#type: Option<String>,
        /// The name and address that the card is billed to.
        pub billing_details: Option<CardBillingDetails>,
        /// Brand, expiry and checks of the card.
        pub card: Option<CardDetails>,
        /// When the processor stored the payment method.
        pub created: Option<DateTime<Utc>>,
        /// The processor's id of the customer.
        pub customer: Option<String>,
        /// Whether real money is moved; false for test cards.
        pub livemode: Option<bool>,
        /// What the provider stored at the processor along with the card.
        pub metadata: Option<Value>,
        /// Every other field, as other card processors return others.
        #[serde(flatten)]
        pub others: BTreeMap<String, Value>,
    }

    /// The name and address that a card is billed to.
    pub struct CardBillingDetails {
        /// The postal address.
        pub address: Option<CardAddress>,
        /// The e-mail address.
        pub email: Option<String>,
        /// The card holder's name.
        pub name: Option<String>,
        /// The telephone number.
        pub phone: Option<String>,
    }

    /// The postal address that a card is billed to.
    pub struct CardAddress {
        /// The city.
        pub city: Option<String>,
        /// The country, two letters.
        pub country: Option<String>,
        /// The first line: street and house.
        pub line1: Option<String>,
        /// The second line.
        pub line2: Option<String>,
        /// The postal code.
        pub postal_code: Option<String>,
        /// The state, county or province.
        pub state: Option<String>,
    }

    /// Brand, expiry and checks of a card.
    pub struct CardDetails {
        /// The brand, e.g. `visa`.
        pub brand: Option<String>,
        /// The results of the checks that the card's bank made.
        pub checks: Option<CardChecks>,
        /// The country of the card's bank, two letters.
        pub country: Option<String>,
        /// The month in which the card expires, 1 to 12.
        pub exp_month: Option<u32>,
        /// The year in which the card expires.
        pub exp_year: Option<u32>,
        /// The processor's fingerprint of the card number: the same for the same card.
        pub fingerprint: Option<String>,
        /// How the card is funded, e.g. `credit`, `debit`, `unknown`.
        pub funding: Option<String>,
        /// The payment that the card was taken from, if any.
        pub generated_from: Option<Value>,
        /// The last four digits of the card number.
        pub last4: Option<String>,
        /// Whether 3D Secure can be used.
        pub three_d_secure_usage: Option<ThreeDSecureUsage>,
        /// The wallet that holds the card, if any.
        pub wallet: Option<Value>,
    }

    /// The results of the checks that a card's bank made, e.g. `pass`, `fail`, `unavailable`.
    pub struct CardChecks {
        /// The result for the first address line.
        pub address_line1_check: Option<String>,
        /// The result for the postal code.
        pub address_postal_code_check: Option<String>,
        /// The result for the security code.
        pub cvc_check: Option<String>,
    }

    /// Whether 3D Secure can be used for a card.
    pub struct ThreeDSecureUsage {
        /// Whether the card supports it.
        pub supported: Option<bool>,
    }

    /// A promotion that an account can earn from.
    pub struct Promotion {
        /// The kind of credit, e.g. `referral_receiver`.
        pub credit_type: String,
        /// The credit that is earned.
        pub amount: Option<Decimal>,
        /// What must be topped up for it.
        pub top_up_requirement: Option<Decimal>,
        /// What was topped up so far.
        pub top_up_done: Option<Decimal>,
    }

    /// What came of setting the recurring payment.
    pub struct RecurringPaymentSet {
        /// The payment that it made at once, if any.
        pub payment_report: Option<PaymentReport>,
        /// The account afterwards.
        pub account: Option<BillingAccount>,
    }

    /// A payment that was made at once.
    pub struct PaymentReport {
        /// Whether there was one.
        pub triggered: bool,
        /// What went wrong with it.
        pub errors: Vec<Value>,
    }
}

impl BillingAccount {
    /// Convenience method: whether the account was deleted.
    pub fn is_deleted(&self) -> bool {
        self.deleted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_card_processor_returns_is_kept() {
        let card = r#"{"processor_data": {"type": "card", "card": {"exp_month": "12", "wallet": {"type": "w"}},
            "bank": {"code": 5}}}"#;
        let data = serde_json::from_str::<PrimaryCard>(card).unwrap().processor_data.unwrap();
        assert_eq!(data.card.unwrap().exp_month, Some(12));
        assert_eq!(data.others["bank"]["code"], 5);
        let none: PrimaryCard = serde_json::from_str(r#"{"processor_data": "none"}"#).unwrap();
        assert_eq!(none.processor_data, None);
    }

    #[test]
    fn a_card_or_totals_that_cannot_be_read_cost_no_account() {
        let json = r#"{"id": "4294967303", "credit_amount": 1e-2, "unpaid_amount": "59.96",
            "primary_card": "none", "running_totals": {"total": "much"}, "eligible_promotions": null,
            "is_active": 1, "vat_percentage": ""}"#;
        let account: BillingAccount = serde_json::from_str(json).unwrap();
        assert_eq!(account.id, BillingAccountId::new(4_294_967_303));
        assert_eq!(
            (account.credit_amount.unwrap(), account.unpaid_amount.unwrap()),
            (Decimal::new(1, 2), Decimal::new(5996, 2))
        );
        assert!(account.primary_card.is_none() && account.running_totals.unwrap().total.is_none());
        assert!(account.is_active && account.eligible_promotions.is_empty());
        assert_eq!(account.vat_percentage, None);
    }
}
