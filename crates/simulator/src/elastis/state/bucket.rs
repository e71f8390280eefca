//! A bucket of object storage.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::elastis::wire::times::millis;

pub(crate) struct Bucket {
    /// The bucket's UUID, which appears only in the usage list.
    pub(crate) uuid: String,
    pub(crate) name: String,
    pub(crate) billing_account: u64,
    pub(crate) size_bytes: u64,
    pub(crate) num_objects: u64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) modified_at: DateTime<Utc>,
}

impl Bucket {
    /// Simulates an upload through the S3 endpoint.
    pub(crate) fn put(&mut self, objects: u64, bytes: u64, now: DateTime<Utc>) {
        self.num_objects = self.num_objects.saturating_add(objects);
        self.size_bytes = self.size_bytes.saturating_add(bytes);
        self.modified_at = now;
    }

    /// Simulates the removal of all objects through the S3 endpoint.
    pub(crate) fn empty(&mut self, now: DateTime<Utc>) {
        (self.num_objects, self.size_bytes, self.modified_at) = (0, 0, now);
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "name": self.name,
            "size_bytes": self.size_bytes,
            "billing_account_id": self.billing_account,
            "num_objects": self.num_objects,
            "created_at": millis(self.created_at),
            "modified_at": millis(self.modified_at),
            "is_suspended": false,
        })
    }
}
