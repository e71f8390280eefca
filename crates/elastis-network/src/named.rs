//! Names as a part of what a create is found by.

use http_core::client::Fit;

/// A name where one was asked for.
pub(crate) fn named(fit: Fit, wanted: Option<&String>, found: Option<&str>) -> Fit {
    match wanted {
        Some(name) => fit.name(name, found),
        None => fit,
    }
}
