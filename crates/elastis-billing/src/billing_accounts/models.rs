//! The models of billing accounts.

use std::collections::BTreeMap;

use elastis_core::{BillingAccountId, UserId};
use http_core::wire::{DateTime, Decimal, Utc};
use serde_json::Value;

use crate::embedded_json::EmbeddedJson;

http_core::wire::open_enum! {
    /// The restriction that the provider has placed on an account.
    pub enum RestrictionLevel {
        /// Not restricted.
        Clear = "CLEAR",
        /// Frozen, e.g. because there is no payment method.
        Frozen = "FROZEN",
    }
}

http_core::wire::models! {
    /// A billing account, which pays for resources.
    pub struct BillingAccount {
        /// The account's id.
        pub id: BillingAccountId,
        /// The user that owns the billing account.
        pub user_id: Option<UserId>,
        /// The name of the account.
        pub title: Option<String>,
        /// The e-mail address for invoices.
        pub email: Option<String>,
        /// The name of the company.
        pub company_name: Option<String>,
        /// The company's registration number.
        pub company_reg_code: Option<String>,
        /// The company's VAT number.
        pub company_vat_number: Option<String>,
        /// The first line of the address: street and house number.
        pub address_line1: Option<String>,
        /// The second line of the address.
        pub address_line2: Option<String>,
        /// The city.
        pub city: Option<String>,
        /// The county or province.
        pub county: Option<String>,
        /// The postal code.
        pub post_index: Option<String>,
        /// The country as a two-letter code.
        pub country: Option<String>,
        /// Data of the provider's web interface, e.g. the payment methods that the account may use.
        pub additional_data: Option<EmbeddedJson>,
        /// Whether invoices are sent by e-mail.
        pub send_invoice_email: bool,
        /// The time at which the account was created.
        pub created: Option<DateTime<Utc>>,
        /// Whether the account is in use.
        pub is_active: bool,
        /// Whether this account pays if a request specifies no account.
        pub is_default: bool,
        /// Whether the account was deleted.
        #[serde(rename = "is_deleted")]
        pub deleted: bool,
        /// Whether the account may owe money without being restricted.
        pub allow_debt: bool,
        /// Whether the account has a payment method.
        pub can_pay: bool,
        /// Whether the account pays by invoice.
        pub paying_by_invoice: bool,
        /// The restriction that the provider has placed on the account.
        pub restriction_level: Option<RestrictionLevel>,
        /// The reason for a suspension.
        pub suspend_reason: Option<String>,
        /// The remaining credit.
        pub credit_amount: Option<Decimal>,
        /// The amount that the account owes: the sum of its unpaid invoices, including tax.
        pub unpaid_amount: Option<Decimal>,
        /// The costs of the current month so far.
        pub running_totals: Option<RunningTotals>,
        /// The discount in percent.
        pub discount_percentage: Option<Decimal>,
        /// The value-added tax in percent.
        pub vat_percentage: Option<Decimal>,
        /// The card that payments are charged to.
        pub primary_card: Option<PrimaryCard>,
        /// Whether credit is topped up automatically.
        pub is_recurring_payment_enabled: bool,
        /// The amount of each automatic top-up.
        pub recurring_payment_amount: Option<Decimal>,
        /// The threshold below which an automatic top-up is made.
        pub recurring_payment_threshold: Option<Decimal>,
        /// The promotions that the account can earn credit from.
        pub eligible_promotions: Vec<Promotion>,
        /// The referral code for new users.
        pub referral_share_code: Option<String>,
        /// The reseller of the provider's service.
        pub reseller: Option<String>,
        /// The provider's site on which the account was created.
        pub site: Option<String>,
    }

    /// The costs of the current month so far.
    pub struct RunningTotals {
        /// The sum before discount, credit and tax.
        pub subtotal: Option<Decimal>,
        /// The amount of the discount.
        pub discount_amount: Option<Decimal>,
        /// The part that is paid from credit; 0 or negative.
        pub credit_amount: Option<Decimal>,
        /// The available credit.
        pub credit_available: Option<Decimal>,
        /// The value-added tax.
        pub vat_tax: Option<Decimal>,
        /// The amount that would be due now.
        pub total: Option<Decimal>,
        /// The credit that remains after the month's costs; negative if the costs are higher than the credit. Automatic
        /// top-ups use this value.
        pub ongoing: Option<Decimal>,
    }

    /// The card that an account's payments are charged to.
    pub struct PrimaryCard {
        /// The card's id at the card processor.
        pub id: Option<String>,
        /// The kind of payment method, e.g. `creditcard`.
        pub r#type: Option<String>,
        /// The brand, e.g. `visa`.
        pub card_type: Option<String>,
        /// The name of the card holder.
        pub card_holder: Option<String>,
        /// The last four digits of the card number.
        pub last4: Option<String>,
        /// The month in which the card expires, 1 to 12.
        pub expire_month: Option<u32>,
        /// The year in which the card expires.
        pub expire_year: Option<u32>,
        /// Whether the card was verified.
        pub is_verified: bool,
        /// The card processor's data about the card.
        pub processor_data: Option<CardProcessorData>,
    }

    /// A card processor's data about a card.
    pub struct CardProcessorData {
        /// The payment method's id at the processor.
        pub id: Option<String>,
        /// The type of this object at the processor, e.g. `payment_method`.
        pub object: Option<String>,
        /// The kind of payment method, e.g. `card`.
        pub r#type: Option<String>,
        /// The name and address that the card is billed to.
        pub billing_details: Option<CardBillingDetails>,
        /// The card's brand and expiry date, and the results of its verification checks.
        pub card: Option<CardDetails>,
        /// The time at which the processor stored the payment method.
        pub created: Option<DateTime<Utc>>,
        /// The customer's id at the processor.
        pub customer: Option<String>,
        /// Whether payments move real money; false for test cards.
        pub livemode: Option<bool>,
        /// The data that the provider stored at the processor with the card.
        pub metadata: Option<Value>,
        /// All other fields, which differ between card processors.
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
        /// The country as a two-letter code.
        pub country: Option<String>,
        /// The first line: street and house number.
        pub line1: Option<String>,
        /// The second line.
        pub line2: Option<String>,
        /// The postal code.
        pub postal_code: Option<String>,
        /// The state, county or province.
        pub state: Option<String>,
    }

    /// The brand, expiry and checks of a card.
    pub struct CardDetails {
        /// The brand, e.g. `visa`.
        pub brand: Option<String>,
        /// The results of the checks by the card's bank.
        pub checks: Option<CardChecks>,
        /// The country of the card's bank as a two-letter code.
        pub country: Option<String>,
        /// The month in which the card expires, 1 to 12.
        pub exp_month: Option<u32>,
        /// The year in which the card expires.
        pub exp_year: Option<u32>,
        /// The processor's fingerprint of the card number. The same card number always has the same fingerprint.
        pub fingerprint: Option<String>,
        /// How the card is funded, e.g. `credit`, `debit`, `unknown`.
        pub funding: Option<String>,
        /// The payment that the card data was taken from, if any.
        pub generated_from: Option<Value>,
        /// The last four digits of the card number.
        pub last4: Option<String>,
        /// Whether 3D Secure can be used.
        pub three_d_secure_usage: Option<ThreeDSecureUsage>,
        /// The wallet that contains the card, if any.
        pub wallet: Option<Value>,
    }

    /// The results of the checks by a card's bank, e.g. `pass`, `fail`, `unavailable`.
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
        /// Whether the card supports 3D Secure.
        pub supported: Option<bool>,
    }

    /// A promotion that an account can earn credit from.
    pub struct Promotion {
        /// The kind of credit, e.g. `referral_receiver`.
        pub credit_type: String,
        /// The credit that the promotion pays.
        pub amount: Option<Decimal>,
        /// The amount that must be topped up to earn the credit.
        pub top_up_requirement: Option<Decimal>,
        /// The amount that has been topped up so far.
        pub top_up_done: Option<Decimal>,
    }

    /// The result of setting the recurring payment.
    pub struct RecurringPaymentSet {
        /// The payment that was made immediately, if any.
        #[required]
        pub payment_report: Option<PaymentReport>,
        /// The account after the change.
        pub account: Option<BillingAccount>,
    }

    /// A payment that was made when automatic top-ups were turned on.
    pub struct PaymentReport {
        /// Whether a payment was made.
        #[required]
        pub triggered: bool,
        /// The errors that occurred during the payment.
        pub errors: Vec<Value>,
    }
}

impl BillingAccount {
    /// Convenience method: returns whether the account was deleted.
    pub fn is_deleted(&self) -> bool {
        self.deleted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_a_payment_in_any_form_is_kept() {
        let errors = |json: &str| {
            let json = format!(r#"{{"payment_report": {{"triggered": true, "errors": {json}}}}}"#);
            serde_json::from_str::<RecurringPaymentSet>(&json).unwrap().payment_report.unwrap().errors
        };
        for error in [r#"{"card":"declined"}"#, r#""card declined""#, "17", "true", r#"["a","b"]"#] {
            let kept = errors(error);
            let kept = if error.starts_with('[') { Value::from(kept) } else { kept[0].clone() };
            assert_eq!(kept.to_string(), error);
        }
        for none in ["[]", "null", r#""""#, "{}", "false"] {
            assert!(errors(none).is_empty(), "{none}");
        }
    }

    #[test]
    fn fields_of_another_card_processor_are_kept() {
        let card = r#"{"processor_data": {"type": "card", "card": {"exp_month": "12", "wallet": {"type": "w"}},
            "bank": {"code": 5}}}"#;
        let data = serde_json::from_str::<PrimaryCard>(card).unwrap().processor_data.unwrap();
        assert_eq!(data.card.unwrap().exp_month, Some(12));
        assert_eq!(data.others["bank"]["code"], 5);
        let none: PrimaryCard = serde_json::from_str(r#"{"processor_data": "none"}"#).unwrap();
        assert_eq!(none.processor_data, None);
    }

    #[test]
    fn an_account_is_decoded_even_if_its_card_or_totals_are_invalid() {
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
