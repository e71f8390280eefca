//! Something that costs money.

use chrono::{DateTime, Utc};
use serde_json::Value;

/// Something that costs money, as the rest of the provider keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    /// Its UUID, even a bucket's, which only the usage list shows.
    pub(crate) owner_uuid: String,
    /// Its UUID, or a bucket's name.
    pub(crate) uuid: String,
    /// `vm`, `disk`, `bucket`, `ip` or `load_balancer`.
    pub(crate) kind: &'static str,
    /// The account that pays for it.
    pub(crate) billing_account_id: u64,
    /// What the usage list calls it.
    pub(crate) description: String,
    /// The object that `billing_resources` lists.
    pub(crate) json: Value,
    /// The slug of its location.
    pub(crate) location: String,
    /// CPUs of a VM.
    pub(crate) vcpu: u32,
    /// Memory of a VM in MiB.
    pub(crate) ram_mib: u64,
    /// Storage in GiB.
    pub(crate) storage_gib: u64,
    /// Whether a VM runs; a stopped one pays for its storage only.
    pub(crate) running: bool,
    /// The operating system; Windows pays a licence per core.
    pub(crate) os_name: String,
    /// Since when it costs.
    pub(crate) since: DateTime<Utc>,
}
