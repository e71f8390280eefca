//! Finds the server of an order, even if the response to the order was lost.

use std::time::Duration;

use http_core::client::{Accepted, Fit, Operation, Seek};
use http_core::{Call, ListCall};
use serde::{Deserialize, Serialize};

use super::{CREATE, NewOrder, PlacedOrder};
use crate::client::Client;
use crate::ids::{ProductId, ServerId};
use crate::os::Os;
use crate::servers::{LIST, Server};

/// The result of a recovered [`Orders::create`](crate::Orders::create).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OrderedServer {
    /// The order; `None` if its response was lost. The order's id and payment link cannot be read later.
    pub order: Option<PlacedOrder>,
    /// The server; `None` if it is not in the list yet, e.g. because the order is not paid, or if several servers
    /// match.
    pub server: Option<Server>,
}

impl OrderedServer {
    pub(crate) fn accept(order: PlacedOrder) -> Accepted<Self> {
        Accepted::Later(Box::new(|found| {
            // A confirmed order is returned even if the search for its server failed.
            let server = found.ok().and_then(|found: Self| found.server);
            Ok(Self { order: Some(order), server })
        }))
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct WantedServer {
    product: ProductId,
    os: String,
    period_count: u32,
}

impl WantedServer {
    pub(crate) fn new(order: &NewOrder) -> Self {
        let os = order.os.as_str().to_owned();
        Self { product: order.product, os, period_count: order.period_count }
    }
}

http_core::wire::models! {
    /// A row of the list of servers, which includes queued ones.
    pub(crate) struct ServerRow {
        id: ServerId,
        nomenclature_id: Option<ProductId>,
        os_type: Option<Os>,
        period_count: Option<u32>,
    }
}

impl Seek for WantedServer {
    const APPEARS_WITHIN: Duration = Duration::from_secs(60);
    const RESPONSE_NAMES_ROW: bool = false;
    type Handle = Client;
    type Row = ServerRow;
    type Found = OrderedServer;

    fn operation(&self) -> Operation {
        CREATE
    }

    #[inline]
    fn list(&self, client: &Client) -> ListCall<ServerRow> {
        client.transport.call(&LIST).list()
    }

    fn id(row: &ServerRow) -> String {
        row.id.to_string()
    }

    #[inline]
    fn fit(&self, row: &ServerRow) -> Fit {
        Fit::new()
            .field("nomenclature_id", Some(&self.product), row.nomenclature_id.as_ref())
            .word("os_type", Some(&self.os), row.os_type.as_ref().map(Os::as_str))
            .field("period_count", Some(&self.period_count), row.period_count.as_ref())
    }

    #[inline]
    fn fetch(&self, client: &Client, id: &str) -> Call<OrderedServer> {
        let server = client.servers().list().only("server", id, |it| it.id.to_string());
        server.map(|server| OrderedServer { order: None, server: Some(server) })
    }

    fn found_id(found: &OrderedServer) -> String {
        found.server.as_ref().map(|server| server.id.to_string()).unwrap_or_default()
    }
}
