//! Requests with an optional name.

use http_core::Error;
use http_core::client::Fit;
use http_core::recovery::{Create, Ensure};

/// Compares the name if the request has one.
pub(crate) fn named(fit: Fit, wanted: Option<&String>, found: Option<&str>) -> Fit {
    match wanted {
        Some(name) => fit.name(name, found),
        None => fit,
    }
}

/// Turns `create` into an `Ensure`, which identifies the resource by its name.
pub(crate) fn ensure_named<F: Send + 'static>(has_name: bool, create: Create<F>) -> Ensure<F> {
    if has_name {
        Ensure::new(create)
    } else {
        Ensure::invalid(Error::invalid_argument("ensure(..) needs a name: call with_name(..)"))
    }
}
