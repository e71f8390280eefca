//! Private networks.

mod recover;

use std::fmt::Display;

use elastis_core::{Elastis, NetworkId, VmId};
use http_core::client::{Accepted, CallBuilder, Effect, Operation, operations};
use http_core::recovery::{Create, Ensure, Recover, Ticket};
use http_core::wire::{DateTime, InvalidValue, Utc};
use http_core::{Call, ListCall};
use serde::Serialize;

use self::recover::WantedNetwork;

operations![
    GET = Operation::get("network.get", "/v1/network/network/{network_uuid}").location_scoped(),
    LIST = Operation::get("network.list", "/v1/network/networks").location_scoped(),
    CREATE = Operation::post("network.create", "/v1/network/network")
        .location_scoped()
        .with_recovery_hint("look for the network with networks().find_by_name(..)")
        .recoverable()
        .returns_id("uuid"),
    DELETE = Operation::delete("network.delete", "/v1/network/network/{network_uuid}")
        .location_scoped()
        .confirmed(),
    SET_DEFAULT = Operation::put("network.set_default", "/v1/network/network/{network_uuid}/default")
        .location_scoped()
        .confirmed(),
    RENAME = Operation::patch("network.rename", "/v1/network/network/{network_uuid}")
        .location_scoped()
        .confirmed(),
];

/// The handle for the private networks of a location; returned by
/// [`ElastisNetwork::networks`](crate::ElastisNetwork::networks).
///
/// One network is the default: VMs and load balancers that are created without a network use it.
#[derive(Clone, Debug)]
pub struct Networks {
    pub(crate) elastis: Elastis,
}

impl Networks {
    pub(crate) fn new(elastis: Elastis) -> Self {
        Self { elastis }
    }

    /// Creates a network with this name, which must not be blank and need not be unique. The first network of a
    /// location becomes its default.
    ///
    /// The request is never repeated after the provider may have processed it, because each request creates another
    /// network. If the response is lost, [`recover`](Create::recover) finds the network by its name.
    ///
    /// `POST /v1/network/network`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and the network may
    ///   exist; [`find_by_name`](Self::find_by_name) shows whether it does.
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the name is blank.
    ///
    /// # Examples
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
        Create::new(call, self.clone(), WantedNetwork { name }, Accepted::Now)
    }

    /// Returns all networks in the location, with the ids of their VMs.
    ///
    /// `GET /v1/network/networks`
    ///
    /// # Errors
    ///
    /// - [`is_unknown_url`](http_core::Error::is_unknown_url): the provider has no such location.
    ///
    /// # Examples
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
    #[inline]
    pub fn list(&self) -> ListCall<Network> {
        self.elastis.call(&LIST).list()
    }

    /// Returns a network.
    ///
    /// `GET /v1/network/network/{network_uuid}`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no network with this id in the location.
    ///
    /// # Examples
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
    #[inline]
    pub fn get(&self, id: NetworkId) -> Call<Network> {
        self.read(id).json()
    }

    /// Changes the name of a network. The name must not be blank.
    ///
    /// `PATCH /v1/network/network/{network_uuid}`
    ///
    /// # Errors
    ///
    /// - [`is_invalid_argument`](http_core::Error::is_invalid_argument): the name is blank.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no network with this id in the location.
    ///
    /// # Examples
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
        struct Body<'a> {
            name: &'a str,
        }
        let (name, networks) = (name.into(), self.clone());
        let call = named(self.one(&RENAME, id), &name).json_body(&Body { name: &name });
        call.confirm_by_state(move || networks.get(id), move |network| network.name == name).json()
    }

    /// Deletes a network, which must be empty and not the default one. See [`Network::can_be_deleted`].
    ///
    /// `DELETE /v1/network/network/{network_uuid}`
    ///
    /// # Errors
    ///
    /// - [`is_conflict`](http_core::Error::is_conflict): the network is the default one, or still contains VMs or load
    ///   balancers.
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no network with this id in the location.
    ///
    /// # Examples
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
    #[inline]
    pub fn delete(&self, id: NetworkId) -> Call<()> {
        let networks = self.clone();
        let read = move || networks.get(id).gone(|_| false);
        self.elastis.call(&DELETE).path("network_uuid", id).confirm_gone("", read).empty()
    }

    /// Makes a network the default, in place of the current default network. Existing VMs and load balancers stay in
    /// their networks.
    ///
    /// `PUT /v1/network/network/{network_uuid}/default`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): there is no network with this id in the location.
    ///
    /// # Examples
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
    #[inline]
    pub fn set_default(&self, id: NetworkId) -> Call<Network> {
        let networks = self.clone();
        let read = move || networks.get(id);
        self.one(&SET_DEFAULT, id).confirm_by_state(read, |network| network.is_default).json()
    }

    /// Returns the default network, and creates it if the location has none.
    ///
    /// Sends the same request as [`create`](Self::create), but without a name, and is safe to repeat.
    ///
    /// `POST /v1/network/network`
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_network::ElastisNetwork;
    ///
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let network = elastis.networks().default_or_create().await?;
    /// assert!(network.is_default);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn default_or_create(&self) -> Call<Network> {
        self.elastis.call(&CREATE).effect(Effect::Idempotent).json()
    }

    /// Convenience method: returns the network of a VM. The network is found in the list, because the VM itself does
    /// not contain it.
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): the VM is not in any network in this location.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_network::ElastisNetwork;
    ///
    /// # hostkit_doctest::elastis_vm(async |elastis, vm| {
    /// let network = elastis.networks().of_vm(vm.uuid).await?;
    /// assert!(network.vm_uuids.contains(&vm.uuid));
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn of_vm(&self, vm: VmId) -> Call<Network> {
        let missing = format!("VM {vm} is not in any network in this location");
        self.list().first(missing, move |network| network.vm_uuids.contains(&vm))
    }

    /// Convenience method: returns the networks with exactly this name, by filtering the list. Names are not unique.
    ///
    /// # Examples
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

    /// Returns the network with this name, or creates it as `create(..).recover()` does if there is none.
    ///
    /// **This is not a lock**: see [`Ensure`].
    ///
    /// # Errors
    ///
    /// - Several networks have this name; [`candidates`](http_core::Error::candidates) returns their ids.
    pub fn ensure(&self, name: impl Into<String>) -> Ensure<Network> {
        let name = name.into();
        Ensure::new(Some(&name.clone()), self.create(name))
    }

    /// Finds the network of a [`create`](Self::create) whose outcome is unknown. Takes the ticket that
    /// [`note`](Recover::note) provided before the request was sent. Creates nothing.
    #[inline]
    pub fn find_created(&self, ticket: &Ticket) -> Recover<Network> {
        Recover::find::<WantedNetwork>(self.clone(), ticket)
    }

    fn read(&self, id: impl Display + Copy) -> CallBuilder {
        self.elastis.call(&GET).path("network_uuid", id).about("uuid", id)
    }

    #[inline]
    fn one(&self, operation: &'static Operation, id: NetworkId) -> CallBuilder {
        self.elastis.call(operation).path("network_uuid", id).about("uuid", id)
    }
}

/// Rejects a blank name: the provider would silently ignore it, and some calls have a different effect without a name.
#[inline]
pub(crate) fn named(draft: CallBuilder, name: &str) -> CallBuilder {
    if name.trim().is_empty() {
        draft.invalid(InvalidValue::new("the name must not be blank"))
    } else {
        draft
    }
}

http_core::wire::open_enum! {
    /// The kind of a network.
    pub enum NetworkType {
        /// Reachable only from the account's own VMs.
        Private = "private",
    }
}

http_core::wire::models! {
    /// A private network.
    pub struct Network {
        /// The network's id.
        pub uuid: NetworkId,
        /// The name, which is not necessarily unique.
        pub name: String,
        /// The kind of the network; `type` on the wire.
        #[serde(rename = "type")]
        pub network_type: Option<NetworkType>,
        /// Whether VMs and load balancers that are created without a network use this one.
        #[required]
        pub is_default: bool,
        /// The VLAN number.
        pub vlan_id: Option<u32>,
        /// The network's IPv4 range in CIDR form, e.g. `10.1.104.0/24`.
        pub subnet: Option<String>,
        /// The network's IPv6 range in CIDR form.
        pub subnet_ipv6: Option<String>,
        /// The time at which the network was created.
        pub created_at: Option<DateTime<Utc>>,
        /// The time of the last update.
        pub updated_at: Option<DateTime<Utc>>,
        /// The ids of the VMs in the network.
        pub vm_uuids: Vec<VmId>,
        /// The number of VMs and load balancers in the network.
        pub resources_count: Option<u32>,
    }
}

impl Network {
    /// Convenience method: returns whether [`Networks::delete`] can succeed: the network is not the default and, as far
    /// as the response shows, empty.
    pub fn can_be_deleted(&self) -> bool {
        !self.is_default && self.vm_uuids.is_empty() && self.resources_count.unwrap_or(0) == 0
    }
}
