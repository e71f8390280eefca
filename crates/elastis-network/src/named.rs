//! Requests with an optional name.

use http_core::client::Fit;

/// Compares the name if the request has one.
pub(crate) fn named(fit: Fit, wanted: Option<&String>, found: Option<&str>) -> Fit {
    match wanted {
        Some(name) => fit.name(name, found),
        None => fit,
    }
}
