//! How a network is found whose create was not answered.

use elastis_core::NetworkId;
use http_core::client::{Fit, Operation, Seek};
use http_core::recovery::{Ensure, Recover, Ticket};
use http_core::{Call, ListCall};
use serde::{Deserialize, Serialize};

use super::{CREATE, GET, LIST, Network, Networks};

#[derive(Serialize, Deserialize)]
pub(super) struct SoughtNetwork {
    pub(super) name: String,
}

http_core::wire::models! {
    /// A network of which only the id has to be there.
    pub(super) struct NetworkRow {
        uuid: NetworkId,
        name: Option<String>,
    }
}

impl Seek for SoughtNetwork {
    type Handle = Networks;
    type Row = NetworkRow;
    type Found = Network;

    fn operation(&self) -> Operation {
        CREATE
    }

    fn list(&self, networks: &Networks) -> ListCall<NetworkRow> {
        networks.elastis.call(&LIST).list()
    }

    fn id(row: &NetworkRow) -> String {
        row.uuid.to_string()
    }

    fn fit(&self, row: &NetworkRow) -> Fit {
        Fit::new().name(&self.name, row.name.as_deref())
    }

    fn fetch(&self, networks: &Networks, id: &str) -> Call<Network> {
        networks.elastis.call(&GET).path("network_uuid", id).json()
    }

    fn found_id(network: &Network) -> String {
        network.uuid.to_string()
    }
}

impl Networks {
    /// Finds the network of a [`create`](Self::create) whose outcome is unknown, by the ticket that
    /// [`note`](Recover::note) returned before. It only looks and creates nothing.
    pub fn find_created(&self, ticket: &Ticket) -> Recover<Network> {
        Recover::find::<SoughtNetwork>(self.clone(), ticket)
    }

    /// Returns the network of this name, or creates it recoverably if there is none. Two networks of the name are an
    /// error with both ids.
    ///
    /// **This is no lock**: see [`Ensure`].
    pub fn ensure(&self, name: impl Into<String>) -> Ensure<Network> {
        Ensure::new(self.create(name))
    }
}
