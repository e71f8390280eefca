//! Private networks.

mod recover;

use elastis_core::{Elastis, NetworkId, VmId};
use http_core::client::{Accepted, CallBuilder, Effect, Operation, operations};
use http_core::recovery::Create;
use http_core::wire::{DateTime, InvalidValue, Utc};
use http_core::{Call, Error, ListCall};
use serde::Serialize;

use self::recover::SoughtNetwork;

operations![
    GET = Operation::get("network.get", "/v1/network/network/{network_uuid}").location_scoped(),
    LIST = Operation::get("network.list", "/v1/network/networks").location_scoped(),
    CREATE = Operation::post("network.create", "/v1/network/network")
        .location_scoped()
        .with_recovery_hint("look for its name with networks().find_by_name(..)")
        .recoverable()
        .returns_id("uuid"),
    DELETE = Operation::delete("network.delete", "/v1/network/network/{network_uuid}").location_scoped(),
    SET_DEFAULT =
        Operation::put("network.set_default", "/v1/network/network/{network_uuid}/default").location_scoped(),
    RENAME = Operation::patch("network.rename", "/v1/network/network/{network_uuid}").location_scoped(),
];

/// The private networks of a location; from [`ElastisNetwork::networks`](crate::ElastisNetwork::networks).
///
/// One of them is the default: VMs and load balancers that are made without naming a network go there.
#[derive(Clone, Debug)]
pub struct Networks {
    pub(crate) elastis: Elastis,
}

impl Networks {
    pub(crate) fn new(elastis: Elastis) -> Self {
        Self { elastis }
    }

    /// One network. An id that the location does not know gives an error that
    /// [`is_not_found`](Error::is_not_found).
    ///
    /// `GET /v1/network/network/{network_uuid}`
    ///
    /// ```
    /// use elastis_network::ElastisNetwork;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let id = elastis.networks().default_or_create().await?.uuid;
    /// let network = elastis.networks().get(id).await?;
    /// println!("{}: {:?}", network.name, network.subnet);
    /// # Ok(()) });
    /// ```
    pub fn get(&self, id: NetworkId) -> Call<Network> {
        self.one(&GET, id).json()
    }

    /// All networks of the location, with the VMs in them.
    ///
    /// `GET /v1/network/networks`
    ///
    /// ```
    /// use elastis_network::ElastisNetwork;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// for network in elastis.networks().list().await? {
    ///     println!("{} has {} VMs", network.name, network.vm_uuids.len());
    /// }
    /// # Ok(()) });
    /// ```
    pub fn list(&self) -> ListCall<Network> {
        self.elastis.call(&LIST).list()
    }

    /// Makes a network of this name, which must not be blank; other networks may have the same. The first
    /// network of a location becomes its default.
    ///
    /// It is not repeated after it may have been processed, because each run creates one more;
    /// [`recover`](Create::recover) finds the network by its name if the response is lost.
    ///
    /// `POST /v1/network/network`
    ///
    /// ```
    /// use elastis_network::ElastisNetwork;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let network = elastis.networks().create("databases").await?;
    /// println!("{} is {}", network.name, network.uuid);
    /// # Ok(()) });
    /// ```
    pub fn create(&self, name: impl Into<String>) -> Create<Network> {
        let name = name.into();
        let call = named(self.elastis.call(&CREATE), &name).query("name", &name).json();
        Create::new(call, self.clone(), SoughtNetwork { name }, Accepted::Now)
    }

    /// The default network, which is made if the location has none.
    ///
    /// The same operation as [`create`](Self::create), without a name: it may run any number of times.
    ///
    /// `POST /v1/network/network`
    ///
    /// ```
    /// use elastis_network::ElastisNetwork;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let network = elastis.networks().default_or_create().await?;
    /// assert!(network.is_default);
    /// # Ok(()) });
    /// ```
    pub fn default_or_create(&self) -> Call<Network> {
        self.elastis.call(&CREATE).effect(Effect::Idempotent).json()
    }

    /// Deletes a network. The provider refuses it for the default network and for one that still holds
    /// VMs or load balancers; see [`Network::can_be_deleted`].
    ///
    /// `DELETE /v1/network/network/{network_uuid}`
    ///
    /// ```
    /// use elastis_network::ElastisNetwork;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// for network in elastis.networks().list().await? {
    ///     if network.can_be_deleted() {
    ///         elastis.networks().delete(network.uuid).await?;
    ///     }
    /// }
    /// # Ok(()) });
    /// ```
    pub fn delete(&self, id: NetworkId) -> Call<()> {
        let networks = self.clone();
        let look = move || networks.get(id).optional().map(|network| network.is_none());
        self.one(&DELETE, id).confirm_by("", look).empty()
    }

    /// Makes this network the default in place of the one that was. What exists stays where it is.
    ///
    /// `PUT /v1/network/network/{network_uuid}/default`
    ///
    /// ```
    /// use elastis_network::ElastisNetwork;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let network = elastis.networks().create("web").await?;
    /// let network = elastis.networks().set_default(network.uuid).await?;
    /// assert!(network.is_default);
    /// # Ok(()) });
    /// ```
    pub fn set_default(&self, id: NetworkId) -> Call<Network> {
        self.one(&SET_DEFAULT, id).json()
    }

    /// Gives a network another name, which must not be blank.
    ///
    /// `PATCH /v1/network/network/{network_uuid}`
    ///
    /// ```
    /// use elastis_network::ElastisNetwork;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let network = elastis.networks().default_or_create().await?;
    /// let network = elastis.networks().rename(network.uuid, "front").await?;
    /// assert_eq!(network.name, "front");
    /// # Ok(()) });
    /// ```
    pub fn rename(&self, id: NetworkId, name: impl Into<String>) -> Call<Network> {
        #[derive(Serialize)]
        struct Body {
            name: String,
        }
        let name = name.into();
        named(self.one(&RENAME, id), &name).json_body(&Body { name }).json()
    }

    /// Convenience method: returns the networks of exactly this name, from the list. Names are not unique.
    ///
    /// ```
    /// use elastis_network::ElastisNetwork;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// if elastis.networks().find_by_name("databases").await?.is_empty() {
    ///     elastis.networks().create("databases").await?;
    /// }
    /// # Ok(()) });
    /// ```
    pub fn find_by_name(&self, name: impl Into<String>) -> ListCall<Network> {
        let name = name.into();
        self.list().filter(move |network| network.name == name)
    }

    /// Convenience method: returns the network of a VM, from the list, because the VM does not name it. For a VM
    /// without a network the error [`is_not_found`](Error::is_not_found).
    ///
    /// ```
    /// use elastis_network::ElastisNetwork;
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let network = elastis.networks().of_vm(vm.uuid).await?;
    /// assert!(network.vm_uuids.contains(&vm.uuid));
    /// # Ok(()) });
    /// ```
    pub fn of_vm(&self, vm: VmId) -> Call<Network> {
        self.list().and_then(move |networks| {
            networks
                .into_iter()
                .find(|network| network.vm_uuids.contains(&vm))
                .ok_or_else(|| Error::not_found(format!("no network of this location holds the VM {vm}")))
        })
    }

    fn one(&self, operation: &'static Operation, id: NetworkId) -> CallBuilder {
        self.elastis.call(operation).path("network_uuid", id)
    }
}

/// The provider drops an empty name silently, and without a name some calls mean something else.
pub(crate) fn named(draft: CallBuilder, name: &str) -> CallBuilder {
    if name.trim().is_empty() {
        draft.invalid(InvalidValue::new("the name must not be blank"))
    } else {
        draft
    }
}

http_core::wire::open_enum! {
    /// What kind a network is of.
    pub enum NetworkType {
        /// Reached only by the account's own VMs.
        Private = "private",
    }
}

http_core::wire::models! {
    /// A private network.
    pub struct Network {
        /// The network.
        pub uuid: NetworkId,
        /// Its name.
        pub name: String,
        /// Its kind.
        #[serde(rename = "type")]
        pub network_type: Option<NetworkType>,
        /// Whether what names no network goes here.
        #[required]
        pub is_default: bool,
        /// The number of its VLAN.
        pub vlan_id: Option<u32>,
        /// Its IPv4 addresses in CIDR form, e.g. `10.1.104.0/24`.
        pub subnet: Option<String>,
        /// Its IPv6 addresses in CIDR form.
        pub subnet_ipv6: Option<String>,
        /// When it was made.
        pub created_at: Option<DateTime<Utc>>,
        /// When it was last changed.
        pub updated_at: Option<DateTime<Utc>>,
        /// The VMs in it.
        pub vm_uuids: Vec<VmId>,
        /// How many VMs and load balancers are in it.
        pub resources_count: Option<u32>,
    }
}

impl Network {
    /// Whether [`Networks::delete`] would be taken: it is not the default, and nothing is known to be in it.
    pub fn can_be_deleted(&self) -> bool {
        !self.is_default && self.vm_uuids.is_empty() && self.resources_count.unwrap_or(0) == 0
    }
}
