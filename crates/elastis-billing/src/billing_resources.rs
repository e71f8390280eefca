//! Which account pays for which resource.

use std::fmt;

use elastis_core::{BillingAccountId, Elastis, UserId, Vm, VmId};
use http_core::client::{Form, Operation, operations};
use http_core::wire::{DateTime, Utc};
use http_core::{Call, ListCall};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

operations![
    LIST = Operation::get("billing_resource.list", "/v1/user-resource/billing_resources").location_scoped(),
    ASSIGN = Operation::post("billing_resource.assign", "/v1/user-resource/resource_billing")
        .idempotent()
        .location_scoped(),
];

/// Which account pays for which resource, in this handle's location; from
/// [`ElastisBilling::billing_resources`](crate::ElastisBilling::billing_resources).
#[derive(Clone, Debug)]
pub struct BillingResources {
    pub(crate) elastis: Elastis,
}

impl BillingResources {
    /// The VMs that a billing account pays for, in this handle's location;
    /// [`Elastis::in_all_locations`] asks all of them.
    ///
    /// `GET /v1/user-resource/billing_resources`
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// for vm in elastis.billing_resources().list(account).await? {
    ///     println!("{:?} {:?}", vm.uuid, vm.name);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn list(&self, account: BillingAccountId) -> ListCall<BillingResource> {
        self.list_by_type(account, None)
    }

    /// Like [`list`](Self::list), for resources of another type. The documentation names none but `vm`; a type
    /// that the provider does not have is refused.
    ///
    /// `GET /v1/user-resource/billing_resources`
    ///
    /// ```
    /// use elastis_billing::{ElastisBilling, ResourceType};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let disks = elastis.billing_resources().list_of(account, ResourceType::from("disk")).await?;
    /// assert!(disks.is_empty());
    /// # Ok(()) });
    /// ```
    pub fn list_of(&self, account: BillingAccountId, kind: ResourceType) -> ListCall<BillingResource> {
        self.list_by_type(account, Some(kind))
    }

    fn list_by_type(
        &self,
        account: BillingAccountId,
        kind: Option<ResourceType>,
    ) -> ListCall<BillingResource> {
        self.elastis.call(&LIST).query("id", account).query_optional("resource_type", kind).list()
    }

    /// Has another billing account pay for a resource from now on. The resource must be in this handle's
    /// location.
    ///
    /// `POST /v1/user-resource/resource_billing`
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let accounts = elastis.billing_accounts().list().await?;
    /// if let Some(other) = accounts.iter().find(|account| Some(account.id) != vm.billing_account) {
    ///     elastis.billing_resources().assign(vm.uuid, other.id).await?;
    /// }
    /// # Ok(()) });
    /// ```
    pub fn assign(&self, resource: impl Into<ResourceRef>, account: BillingAccountId) -> Call<()> {
        let ResourceRef { kind, id } = resource.into();
        // It means a VM where it is not told.
        let kind = Some(kind).filter(|kind| *kind != ResourceType::Vm);
        let form = Form::new()
            .field("billing_account_id", account)
            .optional("resource_type", kind)
            .field("uuid", id);
        self.elastis.call(&ASSIGN).form(form).empty()
    }
}

http_core::wire::open_enum! {
    /// A type of resources that cost money. The documentation names one; others are made from their name.
    pub enum ResourceType {
        /// VMs.
        Vm = "vm",
    }
}

/// A resource, by type and id. A [`VmId`] makes one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ResourceRef {
    kind: ResourceType,
    id: String,
}

impl ResourceRef {
    /// The resource of this type with this id, mostly a UUID.
    pub fn new(kind: ResourceType, id: impl fmt::Display) -> Self {
        Self { kind, id: id.to_string() }
    }
}

impl From<VmId> for ResourceRef {
    fn from(id: VmId) -> Self {
        Self::new(ResourceType::Vm, id)
    }
}

/// A resource that a billing account pays for.
///
/// What the types of resources have in common is typed; the rest of a row depends on the type and is reached
/// by [`to_vm`](Self::to_vm) or [`as_json`](Self::as_json).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BillingResource {
    /// The resource, where it has a UUID.
    pub uuid: Option<uuid::Uuid>,
    /// Its name.
    pub name: Option<String>,
    /// What it is doing, e.g. `running`.
    pub status: Option<String>,
    /// The account that pays for it.
    pub billing_account: Option<BillingAccountId>,
    /// The user that owns the resource.
    pub user_id: Option<UserId>,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
    json: Box<RawValue>,
}

impl BillingResource {
    /// The whole row as the provider wrote it; read it as the model of its type:
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Size {
    ///     vcpu: u32,
    ///     memory: u64,
    /// }
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// for vm in elastis.billing_resources().list(account).await? {
    ///     let size: Size = serde_json::from_str(vm.as_json())?;
    ///     println!("{:?}: {} vCPU, {} MiB", vm.name, size.vcpu, size.memory);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn as_json(&self) -> &str {
        self.json.get()
    }

    /// The whole VM; `None` where the resource is none. It lacks what only
    /// [`vms().get(..)`](elastis_core::Vms::get) tells.
    pub fn to_vm(&self) -> Option<Vm> {
        // Only a VM has processors; what else it has, other resources have too.
        serde_json::from_str(self.as_json()).ok().filter(|vm: &Vm| vm.vcpu.is_some())
    }

    /// The whole row, to look into.
    pub fn to_value(&self) -> Value {
        serde_json::from_str(self.as_json()).unwrap_or_default()
    }
}

http_core::wire::models! {
    /// The typed part of a row; disks, addresses and load balancers have other names for some of it.
    struct Common {
        uuid: Option<uuid::Uuid>,
        name: Option<String>,
        display_name: Option<String>,
        status: Option<String>,
        billing_account: Option<BillingAccountId>,
        billing_account_id: Option<BillingAccountId>,
        user_id: Option<UserId>,
        created_at: Option<DateTime<Utc>>,
    }
}

/// The JSON is compared as text.
impl PartialEq for BillingResource {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
            && self.name == other.name
            && self.status == other.status
            && self.billing_account == other.billing_account
            && self.user_id == other.user_id
            && self.created_at == other.created_at
            && self.json.get() == other.json.get()
    }
}

impl<'de> Deserialize<'de> for BillingResource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        let row: Common = serde_json::from_str(json.get()).map_err(D::Error::custom)?;
        Ok(Self {
            uuid: row.uuid,
            name: row.name.or(row.display_name),
            status: row.status,
            billing_account: row.billing_account.or(row.billing_account_id),
            user_id: row.user_id,
            created_at: row.created_at,
            json,
        })
    }
}

impl Serialize for BillingResource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DISK: &str = r#"{"uuid": "e624e5cb-e0f9-4b59-8686-0a4c829027c6", "display_name": "data",
        "status": "Active", "billing_account_id": 129072, "size_gb": 20, "created_at": "2018-02-22 09:50:37"}"#;

    #[test]
    fn a_disk_says_the_same_under_other_names() {
        let disk: BillingResource = serde_json::from_str(DISK).unwrap();
        assert_eq!(disk.name.as_deref(), Some("data"));
        assert_eq!(disk.billing_account, Some(BillingAccountId::new(129_072)));
        assert_eq!(disk.created_at.unwrap().to_rfc3339(), "2018-02-22T09:50:37+00:00");
        assert!(disk.to_vm().is_none());
    }

    #[test]
    fn the_whole_row_is_kept_and_written_back() {
        let disk: BillingResource = serde_json::from_str(DISK).unwrap();
        assert_eq!(disk.to_value()["size_gb"], 20);
        assert_eq!(serde_json::to_string(&disk).unwrap(), DISK);
    }
}
