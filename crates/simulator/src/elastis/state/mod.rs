//! The provider's data, and its form in responses. The endpoints are the layer above.

pub(crate) mod bucket;
pub(crate) mod customer;
pub(crate) mod disk;
pub(crate) mod floating_ip;
pub(crate) mod host_pool;
pub(crate) mod image;
pub(crate) mod load_balancer;
pub(crate) mod location;
pub(crate) mod network;
pub(crate) mod s3;
pub(crate) mod site;
pub(crate) mod token;
pub(crate) mod user;
pub(crate) mod vm;
