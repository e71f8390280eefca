//! Optional names in the comparison of a request with the rows of a list.

use http_core::client::Fit;

/// Compares the name if the request has one.
pub(crate) fn named(fit: Fit, wanted: Option<&String>, found: Option<&str>) -> Fit {
    match wanted {
        Some(name) => fit.name(name, found),
        None => fit,
    }
}
