//! The endpoints and their handlers, in one file per resource.

mod buckets;
pub(crate) mod context;
mod disks;
mod floating_ips;
mod host_pools;
mod images;
mod load_balancers;
mod locations;
mod networks;
mod parameters;
mod replicas;
mod s3;
mod tokens;
mod user;
mod vm_disks;
mod vms;

use self::context::Endpoint;

/// Every endpoint except those of billing.
pub(crate) const ALL: [&[Endpoint]; 15] = [
    user::ENDPOINTS,
    tokens::ENDPOINTS,
    locations::ENDPOINTS,
    vms::ENDPOINTS,
    host_pools::ENDPOINTS,
    replicas::ENDPOINTS,
    vm_disks::ENDPOINTS,
    parameters::ENDPOINTS,
    images::ENDPOINTS,
    disks::ENDPOINTS,
    s3::ENDPOINTS,
    buckets::ENDPOINTS,
    networks::ENDPOINTS,
    floating_ips::ENDPOINTS,
    load_balancers::ENDPOINTS,
];
