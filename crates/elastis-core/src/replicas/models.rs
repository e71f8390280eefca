//! Replicas as the provider describes them.

use std::fmt;

use http_core::wire::{DateTime, Utc};
use serde::de::value::{MapAccessDeserializer, MapDeserializer};
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::ids::{DiskId, ReplicaId};

http_core::wire::open_enum! {
    /// Who made a replica.
    pub enum ReplicaKind {
        /// A caller did.
        Snapshot = "snapshot",
        /// The automatic backup did.
        Backup = "backup",
    }
}

http_core::wire::models! {
    /// A copy of a disk as it was at a time. A new VM can be made from it, or its own one put back.
    ///
    /// Some responses give no more than its id.
    // Derives inherent functions, for the response may hold a mere id in place of the object.
    #[serde(remote = "Self")]
    pub struct Replica {
        /// The id.
        pub uuid: ReplicaId,
        /// Who made it.
        pub r#type: Option<ReplicaKind>,
        /// The size in GiB.
        pub size: Option<u64>,
        /// The disk that it is a copy of.
        pub master_uuid: Option<DiskId>,
        /// The number of that disk.
        pub master_id: Option<u64>,
        /// The number of the replica.
        pub id: Option<u64>,
        /// The pool that it lies in.
        pub pool: Option<String>,
        /// When it was made.
        pub created_at: Option<DateTime<Utc>>,
        /// When it was last changed.
        pub updated_at: Option<DateTime<Utc>>,
    }
}

impl Replica {
    /// Convenience method: returns the latest of these replicas; without times the last by name, which ends in the
    /// time.
    pub fn latest(replicas: &[Self]) -> Option<&Self> {
        replicas.iter().max_by_key(|replica| (replica.created_at, &replica.uuid))
    }
}

impl Serialize for Replica {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Replica {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdOrObject;

        impl<'de> Visitor<'de> for IdOrObject {
            type Value = Replica;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a replica or its id")
            }

            fn visit_str<E: de::Error>(self, id: &str) -> Result<Replica, E> {
                Replica::deserialize(MapDeserializer::new([("uuid", id)].into_iter()))
            }

            fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Replica, A::Error> {
                Replica::deserialize(MapAccessDeserializer::new(object))
            }
        }

        deserializer.deserialize_any(IdOrObject)
    }
}
