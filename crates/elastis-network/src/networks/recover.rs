//! Finds a network after the response to its create request was lost.

use elastis_core::NetworkId;
use http_core::client::{Fit, Operation, Seek};
use http_core::{Call, ListCall};
use serde::{Deserialize, Serialize};

use super::{CREATE, LIST, Network, Networks};

#[derive(Serialize, Deserialize)]
pub(super) struct WantedNetwork {
    pub(super) name: String,
}

http_core::wire::models! {
    /// A network as it appears in a list; only the id is required.
    pub(super) struct NetworkRow {
        uuid: NetworkId,
        name: Option<String>,
    }
}

impl Seek for WantedNetwork {
    type Handle = Networks;
    type Row = NetworkRow;
    type Found = Network;

    fn operation(&self) -> Operation {
        CREATE
    }

    #[inline]
    fn list(&self, networks: &Networks) -> ListCall<NetworkRow> {
        networks.elastis.call(&LIST).list()
    }

    fn id(row: &NetworkRow) -> String {
        row.uuid.to_string()
    }

    #[inline]
    fn fit(&self, row: &NetworkRow) -> Fit {
        Fit::new().name(&self.name, row.name.as_deref())
    }

    #[inline]
    fn fetch(&self, networks: &Networks, id: &str) -> Call<Network> {
        networks.read(id).json()
    }

    fn found_id(network: &Network) -> String {
        network.uuid.to_string()
    }
}
