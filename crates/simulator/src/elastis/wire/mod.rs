//! Parameters, error responses and times in the provider's formats.

pub(crate) mod caller;
pub(crate) mod errors;
pub(crate) mod fields;
pub(crate) mod times;
