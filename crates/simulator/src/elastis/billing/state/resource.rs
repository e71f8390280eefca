//! A billed resource.

use chrono::{DateTime, Utc};
use serde_json::Value;

/// A billed resource, as the rest of the provider passes it to billing.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    /// The resource's UUID. That of a bucket appears only in the usage list.
    pub(crate) owner_uuid: String,
    /// The resource's UUID, or a bucket's name.
    pub(crate) uuid: String,
    /// `vm`, `disk`, `bucket`, `ip` or `load_balancer`.
    pub(crate) kind: &'static str,
    /// The account that is billed for the resource.
    pub(crate) billing_account_id: u64,
    /// The resource's name in the usage list.
    pub(crate) description: String,
    /// The resource's object in the `billing_resources` list.
    pub(crate) json: Value,
    /// The slug of the resource's location.
    pub(crate) location: String,
    /// The number of CPUs of a VM.
    pub(crate) vcpu: u32,
    /// The memory of a VM in MiB.
    pub(crate) memory_mib: u64,
    /// The storage in GiB.
    pub(crate) storage_gib: u64,
    /// Whether a VM is running. A stopped VM is billed only for its storage.
    pub(crate) running: bool,
    /// The operating system. Windows VMs are also charged a license fee per core.
    pub(crate) os_name: String,
    /// The time since which the resource has been billed.
    pub(crate) since: DateTime<Utc>,
}
