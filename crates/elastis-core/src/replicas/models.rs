//! The models of replicas.

use std::fmt;

use http_core::client::read_fields;
use http_core::wire::{DateTime, Utc};
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, MapDeserializer};
use serde::de::{self, Deserializer, MapAccess, Visitor};

use crate::ids::{DiskId, ReplicaId};

http_core::wire::open_enum! {
    /// The kind of a replica.
    pub enum ReplicaKind {
        /// A snapshot, created on request.
        Snapshot = "snapshot",
        /// A backup, created automatically by the provider.
        Backup = "backup",
    }
}

http_core::wire::models! {
    /// A copy of a boot disk at a point in time. It can be used to create a new VM or to restore the VM that it was
    /// taken from.
    ///
    /// Some responses contain only the id.
    #[custom_deserialize]
    pub struct Replica {
        /// The replica's id.
        pub uuid: ReplicaId,
        /// Whether the replica is a snapshot or a backup.
        pub r#type: Option<ReplicaKind>,
        /// The size in GiB.
        pub size: Option<u64>,
        /// The id of the disk that the replica is a copy of.
        pub master_uuid: Option<DiskId>,
        /// The numeric id of the disk that the replica is a copy of.
        pub master_id: Option<u64>,
        /// The replica's numeric id.
        pub id: Option<u64>,
        /// The storage pool that contains the replica.
        pub pool: Option<String>,
        /// The time at which the replica was created.
        pub created_at: Option<DateTime<Utc>>,
        /// The time of the last update.
        pub updated_at: Option<DateTime<Utc>>,
    }
}

impl Replica {
    /// Convenience method: returns the latest of the given replicas. If the creation times are missing, compares the
    /// ids, which end in a timestamp.
    pub fn latest(replicas: &[Self]) -> Option<&Self> {
        replicas.iter().max_by_key(|replica| (replica.created_at, &replica.uuid))
    }
}

/// A response may contain the id in place of the object.
impl<'de> Deserialize<'de> for Replica {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdOrObject;

        impl<'de> Visitor<'de> for IdOrObject {
            type Value = Replica;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a replica or its id")
            }

            fn visit_str<E: de::Error>(self, id: &str) -> Result<Replica, E> {
                read_fields(MapDeserializer::new([("uuid", id)].into_iter()))
            }

            fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Replica, A::Error> {
                read_fields(MapAccessDeserializer::new(object))
            }
        }

        deserializer.deserialize_any(IdOrObject)
    }
}
