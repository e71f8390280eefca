//! The resources that a billing account pays for.

use std::fmt;

use elastis_core::{BillingAccountId, Elastis, UserId, Vm, VmId};
use http_core::client::{Form, Operation, Row, decode_json, json_text, operations};
use http_core::wire::{DateTime, JsonText, Utc};
use http_core::{Call, ListCall};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

operations![
    LIST = Operation::get("billing_resource.list", "/v1/user-resource/billing_resources").location_scoped(),
    ASSIGN = Operation::post("billing_resource.assign", "/v1/user-resource/resource_billing")
        .idempotent()
        .location_scoped()
        .confirmed(),
];

/// The handle for the resources that a billing account pays for, in the client's location; returned by
/// [`ElastisBilling::billing_resources`](crate::ElastisBilling::billing_resources).
#[derive(Clone, Debug)]
pub struct BillingResources {
    pub(crate) elastis: Elastis,
}

impl BillingResources {
    /// Returns the VMs that a billing account pays for, in the client's location. Use [`Elastis::in_all_locations`] to
    /// list the VMs in all locations.
    ///
    /// `GET /v1/user-resource/billing_resources`
    ///
    /// # Examples
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
    #[inline]
    pub fn list(&self, account: BillingAccountId) -> ListCall<BillingResource> {
        self.list_by_type(account, None)
    }

    /// Returns the resources of a given type that a billing account pays for. The documentation names only the type
    /// `vm`.
    ///
    /// `GET /v1/user-resource/billing_resources`
    ///
    /// # Errors
    ///
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the provider does not know this type.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_billing::{ElastisBilling, ResourceType};
    ///
    /// # hostkit_doctest::elastis(async |elastis, account| {
    /// let disks = elastis.billing_resources().list_of(account, ResourceType::from("disk")).await?;
    /// assert!(disks.is_empty());
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn list_of(&self, account: BillingAccountId, kind: ResourceType) -> ListCall<BillingResource> {
        self.list_by_type(account, Some(kind))
    }

    #[inline]
    fn list_by_type(
        &self,
        account: BillingAccountId,
        kind: Option<ResourceType>,
    ) -> ListCall<BillingResource> {
        self.elastis.call(&LIST).query("id", account).query_optional("resource_type", kind).list()
    }

    /// Changes the billing account that pays for a resource. The resource must be in the client's location.
    ///
    /// `POST /v1/user-resource/resource_billing`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no resource with this id.
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): there is no billing account with this id.
    /// - [`is_forbidden`](http_core::Error::is_forbidden): the resource or the billing account belongs to another user.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_billing::ElastisBilling;
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let accounts = elastis.billing_accounts().list().await?;
    /// if let Some(other) = accounts.iter().find(|account| Some(account.id) != vm.billing_account_id) {
    ///     elastis.billing_resources().assign(vm.uuid, other.id).await?;
    /// }
    /// # Ok(()) });
    /// ```
    pub fn assign(&self, resource: impl Into<ResourceRef>, account: BillingAccountId) -> Call<()> {
        let ResourceRef { kind, id } = resource.into();
        // The type is not sent for a VM, because `vm` is the provider's default.
        let kind = Some(kind).filter(|kind| *kind != ResourceType::Vm);
        let paid = self.list_by_type(account, kind.clone());
        let form = Form::new()
            .field("billing_account_id", account)
            .optional("resource_type", kind)
            .field("uuid", &id);
        let is_there = move |row: &BillingResource| row.uuid.is_some_and(|uuid| uuid.to_string() == id);
        let read = || paid.map(move |rows| rows.iter().any(is_there));
        self.elastis.call(&ASSIGN).form(form).confirm_by("", read).empty()
    }
}

http_core::wire::open_enum! {
    /// A type of billed resource. The documentation names only one; create others from their names.
    pub enum ResourceType {
        /// VMs.
        Vm = "vm",
    }
}

/// A resource, identified by type and id. Convert a [`VmId`] into one with `into()`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ResourceRef {
    kind: ResourceType,
    id: String,
}

impl ResourceRef {
    /// Creates a reference to a resource from its type and id. The id is usually a UUID.
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
/// This struct has fields for the values that all resource types share. The other values depend on the type;
/// [`to_vm`](Self::to_vm) and [`as_json`](Self::as_json) give access to them. They read the JSON of the whole list, which
/// stays allocated until the last of its resources is dropped.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BillingResource {
    /// The resource's UUID, if it has one.
    pub uuid: Option<uuid::Uuid>,
    /// The name of the resource.
    pub name: Option<String>,
    /// The state of the resource, e.g. `running`.
    pub status: Option<String>,
    /// The billing account that pays for the resource.
    pub billing_account_id: Option<BillingAccountId>,
    /// The user that owns the resource.
    pub user_id: Option<UserId>,
    /// The time at which the resource was created.
    pub created_at: Option<DateTime<Utc>>,
    json: JsonText,
}

impl BillingResource {
    /// Convenience method: returns the complete row as the original JSON string. Decode it into a model for the
    /// resource's type.
    ///
    /// # Examples
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
        self.json.as_str()
    }

    /// Convenience method: returns the row as a VM, or `None` if the resource is not a VM. Fields that only
    /// [`vms().get(..)`](elastis_core::Vms::get) returns are missing.
    pub fn to_vm(&self) -> Option<Vm> {
        // Only VMs have processors; other resources could be decoded as VMs, too.
        decode_json(self.as_json().as_bytes()).ok().filter(|vm: &Vm| vm.vcpu.is_some())
    }

    /// Convenience method: returns the complete row as a JSON value.
    pub fn to_value(&self) -> Value {
        serde_json::from_str(self.as_json()).unwrap_or_default()
    }
}

http_core::wire::models! {
    /// The values of a row that all resource types share. Disks, addresses and load balancers use other names for some
    /// fields.
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

/// Compares the JSON as a string.
impl PartialEq for BillingResource {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
            && self.name == other.name
            && self.status == other.status
            && self.billing_account_id == other.billing_account_id
            && self.user_id == other.user_id
            && self.created_at == other.created_at
            && self.json == other.json
    }
}

impl<'de> Deserialize<'de> for BillingResource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = json_text(deserializer)?;
        let Row(row): Row<Common> = serde_json::from_str(&json).map_err(D::Error::custom)?;
        Ok(Self {
            uuid: row.uuid,
            name: row.name.or(row.display_name),
            status: row.status,
            billing_account_id: row.billing_account.or(row.billing_account_id),
            user_id: row.user_id,
            created_at: row.created_at,
            json: JsonText::keep(json)?,
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
    fn the_alternative_field_names_of_a_disk_are_accepted() {
        let disk: BillingResource = serde_json::from_str(DISK).unwrap();
        assert_eq!(disk.name.as_deref(), Some("data"));
        assert_eq!(disk.billing_account_id, Some(BillingAccountId::new(129_072)));
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
