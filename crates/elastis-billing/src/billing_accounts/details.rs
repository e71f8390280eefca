//! The fields of a billing account that its owner can change.

use std::collections::BTreeMap;

use elastis_core::BillingAccountId;
use http_core::client::{Form, decode_json, json_text, read_fields, take};
use http_core::wire::DecodeError;
use http_core::{Error, ErrorKind};
use serde::de::{Deserialize, Deserializer, Error as _};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::embedded_json::EmbeddedJson;

http_core::wire::models! {
    /// The fields of a billing account that its owner can change.
    ///
    /// Both `None` and an empty string mean that the account does not have the field.
    /// [`BillingAccounts::details`](super::BillingAccounts::details) reads the details. They must be written as a
    /// whole, because the provider deletes fields that are not sent.
    #[custom_deserialize]
    #[derive(Default, Eq)]
    pub struct AccountDetails {
        /// The name of the account.
        pub title: Option<String>,
        /// The e-mail address for invoices. The provider keeps it even if it is not sent.
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
        pub send_invoice_email: Option<bool>,
        /// All other fields of the account, kept so that writing the details does not delete them. Assumed: the
        /// provider keeps lists and objects, which are not sent because a form cannot contain them. According to the
        /// documentation, the recurring payment is also kept.
        #[serde(flatten)]
        pub other: BTreeMap<String, String>,
    }
}

impl<'de> Deserialize<'de> for AccountDetails {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = json_text(deserializer)?;
        // The estimated memory of the shortest members, which have a node in a map and two allocations each.
        take(16 * json.len())?;
        let read = |json: String| read_fields(&mut serde_json::Deserializer::from_str(&json));
        let mut details: Self = writable(&json).and_then(read).map_err(D::Error::custom)?;
        details.other.retain(|name, text| !text.is_empty() && !NOT_WRITTEN.contains(&name.as_str()));
        Ok(details)
    }
}

/// Returns the members of an account that a form can contain. Numbers become strings, because they would be converted to
/// floats otherwise, which have fewer digits.
fn writable(json: &str) -> serde_json::Result<String> {
    let mut members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(json)?;
    members.retain(|name, value| {
        name == "additional_data" || !(value.get() == "null" || value.get().starts_with(['[', '{']))
    });
    for value in members.values_mut() {
        if value.get().starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
            *value = RawValue::from_string(format!("\"{value}\""))?;
        }
    }
    serde_json::to_string(&members)
}

impl AccountDetails {
    /// Returns whether an account has these details, ignoring fields that the provider may change on its own.
    pub(super) fn are_in(&self, account: &Self) -> bool {
        let texts = |details: &Self| {
            [
                &details.title,
                &details.company_name,
                &details.company_reg_code,
                &details.company_vat_number,
                &details.address_line1,
                &details.address_line2,
                &details.city,
                &details.county,
                &details.post_index,
                &details.country,
            ]
            .map(|text| text.clone().unwrap_or_default())
        };
        texts(self) == texts(account)
            && (self.email.is_none() || self.email == account.email)
            && (self.additional_data.is_none() || self.additional_data == account.additional_data)
            && (self.send_invoice_email.is_none() || self.send_invoice_email == account.send_invoice_email)
            && self.other.iter().all(|(name, text)| text.is_empty() || account.other.get(name) == Some(text))
    }

    /// Returns the fields that are written as text, except those in `other`.
    fn known_texts(&self) -> [(&'static str, Option<&str>); 12] {
        [
            ("title", self.title.as_deref()),
            ("email", self.email.as_deref()),
            ("company_name", self.company_name.as_deref()),
            ("company_reg_code", self.company_reg_code.as_deref()),
            ("company_vat_number", self.company_vat_number.as_deref()),
            ("address_line1", self.address_line1.as_deref()),
            ("address_line2", self.address_line2.as_deref()),
            ("city", self.city.as_deref()),
            ("county", self.county.as_deref()),
            ("post_index", self.post_index.as_deref()),
            ("country", self.country.as_deref()),
            ("additional_data", self.additional_data.as_ref().map(EmbeddedJson::as_str)),
        ]
    }

    /// Returns the names of the fields without a value.
    fn missing(&self) -> impl Iterator<Item = &'static str> {
        let texts = self.known_texts().into_iter().filter_map(|(name, text)| text.is_none().then_some(name));
        texts.chain(self.send_invoice_email.is_none().then_some("send_invoice_email"))
    }

    /// Returns the fields that are written as text.
    fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        let texts = self.known_texts().into_iter().filter_map(|(name, text)| Some((name, text?)));
        texts.chain(self.other.iter().map(|(name, text)| (name.as_str(), text.as_str())))
    }

    /// Returns an error if writing the details would damage the account: if a field contains a byte that is not UTF-8,
    /// which would be replaced, or if one of the `unread` fields is still missing and would be deleted.
    pub(super) fn check(&self, unread: &[&str]) -> Result<(), Error> {
        let damaged = self.texts().find(|(_, text)| text.contains(char::REPLACEMENT_CHARACTER));
        damaged.map_or(Ok(()), |(name, _)| {
            Err(not_written(format!(
                "the field {name} of the billing account is not UTF-8, and would be damaged"
            )))
        })?;
        self.check_unread(unread)
    }

    /// Returns an error if one of the `unread` fields is still missing.
    pub(super) fn check_unread(&self, unread: &[&str]) -> Result<(), Error> {
        let lost = self.missing().find(|name| unread.contains(name));
        lost.map_or(Ok(()), |name| {
            Err(not_written(format!(
                "the field {name} of the billing account has an unexpected type, and would be deleted"
            )))
        })
    }

    /// Adds every non-empty field to the form; the provider ignores empty ones.
    pub(super) fn write(&self, form: Form) -> Form {
        self.texts()
            .filter(|(_, text)| !text.is_empty())
            .fold(form, |form, (name, text)| form.field(name, text))
            .optional("send_invoice_email", self.send_invoice_email)
    }
}

fn not_written(message: String) -> Error {
    Error::new(ErrorKind::Decode, message)
        .with_advice("nothing was sent: set the field in the update, or write all fields with replace()")
}

/// Decodes the details of this account, and returns the names of the fields that have an unexpected type. Any other
/// object would look like an account without details.
#[inline]
pub(super) fn decode(
    body: &[u8],
    id: BillingAccountId,
) -> Result<(AccountDetails, Vec<&'static str>), DecodeError> {
    let members: BTreeMap<String, Value> = decode_json(body)?;
    let found = members.get("id").and_then(|found| BillingAccountId::deserialize(found).ok());
    if found != Some(id) {
        return Err(DecodeError::new(format!("the response does not have the id of billing account {id}")));
    }
    let details: AccountDetails = decode_json(body)?;
    let is_unread = |name: &&str| members.get(*name).is_some_and(|value| !is_empty(value));
    let unread = details.missing().filter(is_unread).collect();
    Ok((details, unread))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The fields that an update does not contain: the request has its own field for the account's id, and the recurring
/// payment has its own endpoint.
const NOT_WRITTEN: [&str; 4] =
    ["id", "is_recurring_payment_enabled", "recurring_payment_amount", "recurring_payment_threshold"];

#[cfg(test)]
mod tests {
    use super::*;

    fn details(json: &str) -> AccountDetails {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn an_account_has_the_details_only_if_it_has_every_sent_field() {
        let fields = [
            "title",
            "email",
            "company_name",
            "company_reg_code",
            "company_vat_number",
            "address_line1",
            "address_line2",
            "city",
            "county",
            "post_index",
            "country",
            "phone",
        ];
        for field in fields {
            let of =
                |text: &str| details(&format!(r#"{{"id": 6, "{field}": "{text}", "updated": "{text}"}}"#));
            let mut wanted = of("new");
            wanted.other.remove("updated");
            assert!(wanted.are_in(&of("new")), "{field}");
            assert!(!wanted.are_in(&of("old")) && !wanted.are_in(&details(r#"{"id": 6}"#)), "{field}");
        }
        let sends = |is_sent| AccountDetails { send_invoice_email: Some(is_sent), ..details("{}") };
        assert!(!sends(true).are_in(&sends(false)) && sends(true).are_in(&sends(true)));
    }

    #[test]
    fn every_field_is_written_back_except_lists_objects_and_recurring_payment() {
        let details = details(
            r#"{"title": "konto", "phone": "+372 1", "floor": 3, "is_public": false, "fax": "", "pets": ["cat"],
                "id": 6, "credit_amount": 2.0, "reseller": "Warren", "running_totals": {"total": 0},
                "recurring_payment_amount": 52}"#,
        );
        let kept: Vec<_> = details.other.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let all = [
            ("credit_amount", "2.0"),
            ("floor", "3"),
            ("is_public", "false"),
            ("phone", "+372 1"),
            ("reseller", "Warren"),
        ];
        assert_eq!(kept, all);
        assert_eq!(
            format!("{:?}", details.write(Form::new())),
            r#"Form["title", "credit_amount", "floor", "is_public", "phone", "reseller"]"#
        );
    }

    /// A float has 17 digits at most.
    #[test]
    fn numbers_keep_all_digits() {
        let details = details(
            r#"{"company_reg_code": 12345678901234567890123, "phone": 98765432109876543210987, "rate": 0.10,
                "send_invoice_email": 1}"#,
        );
        assert_eq!(details.company_reg_code.as_deref(), Some("12345678901234567890123"));
        assert_eq!(
            (details.other["phone"].as_str(), details.other["rate"].as_str()),
            ("98765432109876543210987", "0.10")
        );
        assert_eq!(details.send_invoice_email, Some(true));
    }

    #[test]
    fn details_that_are_not_utf_8_cannot_be_written_back() {
        let mut details = details("{\"company_name\": \"K\u{fffd}ik\", \"phone\": \"1\"}");
        assert!(details.check(&[]).unwrap_err().to_string().contains("company_name"));
        details.company_name = Some("Kõik".into());
        details.check(&[]).unwrap();
        details.other.insert("phone".into(), "\u{fffd}".into());
        details.check(&[]).unwrap_err();
    }

    #[test]
    fn a_field_of_an_unexpected_type_must_be_set_before_the_details_are_written() {
        let read = |json: &str| decode(json.as_bytes(), BillingAccountId::new(6)).unwrap();
        let all = AccountDetails::default();
        // `additional_data` may have any type.
        for name in all.missing().filter(|name| *name != "additional_data") {
            for value in [r#"{"en": "1 Street"}"#, r#"["a"]"#, "[{}]"] {
                let (details, unread) = read(&format!(r#"{{"id": 6, "{name}": {value}}}"#));
                let error = details.check(&unread).unwrap_err().to_string();
                assert!(error.contains(name), "{name} {value}: {error}");
            }
            for value in ["null", r#""""#, "[]", "{}"] {
                let (details, unread) = read(&format!(r#"{{"id": 6, "{name}": {value}}}"#));
                details.check(&unread).unwrap_or_else(|error| panic!("{name} {value}: {error}"));
            }
        }
        let (mut details, unread) =
            read(r#"{"id": "6", "send_invoice_email": "daily", "city": {"en": "Bonn"}}"#);
        assert_eq!(unread, ["city", "send_invoice_email"]);
        details.city = Some("Bonn".to_owned());
        details.check(&unread).unwrap_err();
        details.send_invoice_email = Some(true);
        details.check(&unread).unwrap();
    }

    #[test]
    fn empty_values_are_not_written() {
        let read = details(r#"{"city": "", "county": null, "additional_data": ""}"#);
        assert_eq!(read, AccountDetails::default());
        let set = AccountDetails {
            city: Some(String::new()),
            other: [("phone".to_owned(), String::new())].into(),
            ..read
        };
        assert_eq!(format!("{:?}", set.write(Form::new())), "Form[]");
    }

    #[test]
    fn details_are_written_as_they_are_read() {
        let json =
            r#"{"title":"konto","additional_data":"{\"a\": 1}","send_invoice_email":false,"phone":"1"}"#;
        let read = details(json);
        assert_eq!(details(&serde_json::to_string(&read).unwrap()), read);
    }
}
