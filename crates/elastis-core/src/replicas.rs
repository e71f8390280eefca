//! Replicas: snapshots and backups of the disk that a virtual machine boots from.

use std::fmt;

use http_core::{Call, DateTime, EmptyAsNone, Form, Int, Operation, Opt, Text, Timestamp, Utc};
use serde::de::value::{MapAccessDeserializer, MapDeserializer};
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_with::serde_as;

use crate::client::Elastis;
use crate::ids::{DiskId, ReplicaId, VmId};
use crate::vms::Storage;

const PATH: &str = "/v1/user-resource/vm/replica";

pub(crate) const LIST: Operation = Operation::get("replica.list", PATH).located();
pub(crate) const CREATE: Operation = Operation::post("replica.create", PATH)
    .located()
    .lookup("look at the times in replicas().list(..) of the machine");
pub(crate) const DELETE: Operation = Operation::delete("replica.delete", PATH).located();

/// Snapshots and backups; from [`Elastis::replicas`].
#[derive(Clone, Debug)]
pub struct Replicas {
    elastis: Elastis,
}

impl Replicas {
    pub(crate) fn new(elastis: Elastis) -> Self {
        Self { elastis }
    }

    /// The replicas of one kind that a virtual machine has.
    ///
    /// `GET /v1/user-resource/vm/replica`
    ///
    /// ```
    /// use elastis_core::ReplicaKind;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = hostkit_simulator::Simulator::start().await?;
    /// # let account = simulator.elastis();
    /// # let elastis = elastis_core::Elastis::builder(account.key.as_str()).base_url(&account.base_url).build()?;
    /// # let new = elastis_core::NewVm::from_image(
    /// #     "web-1",
    /// #     elastis_core::Os::new("ubuntu", "22.04-lts"),
    /// #     20,
    /// #     elastis_core::VmSize::new(2, 2048),
    /// #     elastis_core::Login::new("example", "Password123"),
    /// # );
    /// # let vm = elastis.vms().create(new.with_billing_account(6.into())).await?;
    /// let backups = elastis.replicas().list(vm.uuid, ReplicaKind::Backup).await?;
    /// assert!(backups.is_empty());
    /// # Ok(()) }
    /// ```
    pub fn list(&self, vm: VmId, kind: ReplicaKind) -> Call<Vec<Replica>> {
        // Snapshots are what the provider lists when it is not told.
        let kind = Some(kind).filter(|kind| *kind != ReplicaKind::Snapshot);
        self.elastis.call(&LIST).query("uuid", vm).query_optional("r_type", kind).list()
    }

    /// Takes a snapshot of the disk that the machine boots from, and answers that disk with all its replicas;
    /// the new one is the latest, see [`Replica::latest`].
    ///
    /// `POST /v1/user-resource/vm/replica`
    ///
    /// ```
    /// use elastis_core::Replica;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = hostkit_simulator::Simulator::start().await?;
    /// # let account = simulator.elastis();
    /// # let elastis = elastis_core::Elastis::builder(account.key.as_str()).base_url(&account.base_url).build()?;
    /// # let new = elastis_core::NewVm::from_image(
    /// #     "web-1",
    /// #     elastis_core::Os::new("ubuntu", "22.04-lts"),
    /// #     20,
    /// #     elastis_core::VmSize::new(2, 2048),
    /// #     elastis_core::Login::new("example", "Password123"),
    /// # );
    /// # let vm = elastis.vms().create(new.with_billing_account(6.into())).await?;
    /// let disk = elastis.replicas().create(vm.uuid).await?;
    /// println!("{:?}", Replica::latest(&disk.replica).map(|replica| &replica.uuid));
    /// # Ok(()) }
    /// ```
    pub fn create(&self, vm: VmId) -> Call<Storage> {
        self.elastis.call(&CREATE).form(Form::new().field("uuid", vm)).reply()
    }

    /// Deletes a replica for good.
    ///
    /// `DELETE /v1/user-resource/vm/replica`
    ///
    /// ```
    /// # use elastis_core::Replica;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = hostkit_simulator::Simulator::start().await?;
    /// # let account = simulator.elastis();
    /// # let elastis = elastis_core::Elastis::builder(account.key.as_str()).base_url(&account.base_url).build()?;
    /// # let new = elastis_core::NewVm::from_image(
    /// #     "web-1",
    /// #     elastis_core::Os::new("ubuntu", "22.04-lts"),
    /// #     20,
    /// #     elastis_core::VmSize::new(2, 2048),
    /// #     elastis_core::Login::new("example", "Password123"),
    /// # );
    /// # let vm = elastis.vms().create(new.with_billing_account(6.into())).await?;
    /// # let disk = elastis.replicas().create(vm.uuid).await?;
    /// # let replica = Replica::latest(&disk.replica).ok_or("no replica")?;
    /// elastis.replicas().delete(&replica.uuid).await?;
    /// # Ok(()) }
    /// ```
    pub fn delete(&self, replica: &ReplicaId) -> Call<()> {
        self.elastis.call(&DELETE).form(Form::new().field("replica_uuid", replica)).done()
    }
}

http_core::open_enum! {
    /// Who made a replica.
    pub enum ReplicaKind {
        /// A caller did.
        Snapshot = "snapshot",
        /// The automatic backup did.
        Backup = "backup",
    }
}

/// A copy of a disk as it was at a time. A new machine can be made from it, or its own one put back.
///
/// Some replies give no more than its id.
#[serde_as]
#[derive(Clone, Debug, Serialize, Deserialize)]
// Derives inherent functions, for the reply may hold a mere id in place of the object.
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct Replica {
    /// The id.
    pub uuid: ReplicaId,
    /// Who made it.
    #[serde(default)]
    pub r#type: Option<ReplicaKind>,
    /// The size in GiB.
    #[serde_as(as = "Opt<Int>")]
    #[serde(default)]
    pub size: Option<u64>,
    /// The disk that it is a copy of.
    #[serde_as(as = "Opt")]
    #[serde(default)]
    pub master_uuid: Option<DiskId>,
    /// The number of that disk.
    #[serde_as(as = "Opt<Int>")]
    #[serde(default)]
    pub master_id: Option<u64>,
    /// The number of the replica.
    #[serde_as(as = "Opt<Int>")]
    #[serde(default)]
    pub id: Option<u64>,
    /// The pool that it lies in.
    #[serde_as(as = "EmptyAsNone<Text>")]
    #[serde(default)]
    pub pool: Option<String>,
    /// When it was made.
    #[serde_as(as = "Timestamp")]
    #[serde(default)]
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    #[serde_as(as = "Timestamp")]
    #[serde(default)]
    pub updated_at: Option<DateTime<Utc>>,
}

impl Replica {
    /// Ours: the youngest of these replicas; where times are not told, the last by name, which ends in the
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
