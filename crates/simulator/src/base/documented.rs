//! The documented place of each parameter: query, form or JSON. The places come from the providers' contracts.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The parameter names of an operation, by their place in the request: `query`, `form` or `json`.
type Places = BTreeMap<String, Vec<String>>;

/// The documented places by provider and operation, from a file that `cargo xtask contract` writes.
static PLACES: LazyLock<BTreeMap<String, BTreeMap<String, Places>>> =
    LazyLock::new(|| serde_json::from_str(include_str!("documented.json")).unwrap_or_default());

/// Additional places that strict mode accepts. For some operations, the parameter table specifies the query but the
/// samples send a form, so clients use either. `credit.list` is a GET request for which the table specifies a form. A
/// client that orders real GPU servers sends the order as JSON.
const ALSO: [(&str, &str); 5] = [
    ("credit.buy", "query"),
    ("credit.request_invoice", "query"),
    ("billing_account.apply_for_invoice_payment", "query"),
    ("credit.list", "form"),
    ("order.create", "json"),
];

/// Returns whether strict mode accepts a parameter with this name in this place. Clients update an account by sending
/// back all of its fields, including undocumented ones. Therefore, the form of an account update may contain any name.
pub(crate) fn carries(provider: &str, operation: &str, place: &str, name: &str) -> bool {
    if (operation, place) == ("billing_account.update", "form") {
        return true;
    }
    let right = right_place(provider, operation, name);
    right == Some(place) || (right.is_some() && ALSO.contains(&(operation, place)))
}

/// Returns the documented place of a parameter.
pub(crate) fn right_place(provider: &str, operation: &str, name: &str) -> Option<&'static str> {
    let places = PLACES.get(provider)?.get(operation)?;
    let has = |names: &Vec<String>| names.iter().any(|one| one == name);
    places.iter().find(|(_, names)| has(names)).map(|(place, _)| place.as_str())
}
