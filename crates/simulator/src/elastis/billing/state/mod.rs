//! The billing data, and its form in responses.

pub(crate) mod account;
pub(crate) mod credit_record;
pub(crate) mod invoice;
pub(crate) mod payment_object;
pub(crate) mod resource;
pub(crate) mod span;
