//! A private network.

use chrono::{DateTime, Utc};

pub(crate) struct Network {
    pub(crate) uuid: String,
    pub(crate) name: String,
    pub(crate) vlan_id: u16,
    /// The first three numbers of its addresses, e.g. `10.1.104`.
    pub(crate) prefix: String,
    pub(crate) is_default: bool,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}
