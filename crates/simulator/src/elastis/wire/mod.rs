//! How the provider reads parameters and writes refusals and times.

pub(crate) mod caller;
pub(crate) mod fields;
pub(crate) mod refusals;
pub(crate) mod times;
