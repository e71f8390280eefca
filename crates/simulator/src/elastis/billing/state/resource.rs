//! A billed resource.

use chrono::{DateTime, Utc};
use serde_json::Value;

/// A resource that is billed, as the rest of the provider stores it.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    /// Its UUID. A bucket has one too, which appears only in the usage list.
    pub(crate) owner_uuid: String,
    /// Its UUID, or a bucket's name.
    pub(crate) uuid: String,
    /// `vm`, `disk`, `bucket`, `ip` or `load_balancer`.
    pub(crate) kind: &'static str,
    /// The account that pays for it.
    pub(crate) billing_account_id: u64,
    /// Its name in the usage list.
    pub(crate) description: String,
    /// Its object in the list of `billing_resources`.
    pub(crate) json: Value,
    /// The slug of its location.
    pub(crate) location: String,
    /// CPUs of a VM.
    pub(crate) vcpu: u32,
    /// Memory of a VM in MiB.
    pub(crate) memory_mib: u64,
    /// Storage in GiB.
    pub(crate) storage_gib: u64,
    /// Whether a VM is running; a stopped one is billed for its storage only.
    pub(crate) running: bool,
    /// The operating system; Windows is billed a licence per core.
    pub(crate) os_name: String,
    /// The time from which it is billed.
    pub(crate) since: DateTime<Utc>,
}
