//! The documented place of each parameter, from the providers' contracts.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The names of an operation's parameters by the place that carries them: `query`, `form` or `json`.
type Places = BTreeMap<String, Vec<String>>;

/// By provider and operation; `cargo xtask contract` writes it.
static PLACES: LazyLock<BTreeMap<String, BTreeMap<String, Places>>> =
    LazyLock::new(|| serde_json::from_str(include_str!("documented.json")).unwrap_or_default());

/// Places that count besides the one in the contract. Where a table says query and the samples send a form, clients do
/// either, and `credit.list` is a GET whose table says form. One client that orders GPU servers for real posts JSON.
const ALSO: [(&str, &str); 5] = [
    ("credit.buy", "query"),
    ("credit.request_invoice", "query"),
    ("billing_account.apply_for_invoice_payment", "query"),
    ("credit.list", "form"),
    ("order.create", "json"),
];

/// Returns whether a place carries a parameter with this name. An update of an account sends back every field that the
/// account has, documented or not.
pub(crate) fn carries(provider: &str, operation: &str, place: &str, name: &str) -> bool {
    if (operation, place) == ("billing_account.update", "form") {
        return true;
    }
    let right = right_place(provider, operation, name);
    right == Some(place) || (right.is_some() && ALSO.contains(&(operation, place)))
}

/// Returns the place of a parameter in the contract.
pub(crate) fn right_place(provider: &str, operation: &str, name: &str) -> Option<&'static str> {
    let places = PLACES.get(provider)?.get(operation)?;
    let has = |names: &Vec<String>| names.iter().any(|one| one == name);
    places.iter().find(|(_, names)| has(names)).map(|(place, _)| place.as_str())
}
