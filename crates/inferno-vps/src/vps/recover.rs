//! Finds a VPS after the response to its installation was lost.

use std::time::Duration;

use http_core::client::{Fit, Operation, Seek, object_row};
use http_core::{Call, ListCall};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{INFO, INSTALL, VpsInfo, Vpses};
use crate::ids::OrderId;

/// The VPS to search for. An order has only one VPS.
#[derive(Serialize, Deserialize)]
pub(super) struct WantedVps {
    pub(super) order: OrderId,
}

impl Seek for WantedVps {
    // A VPS that waits in the installation queue does not appear in any response.
    const APPEARS_WITHIN: Duration = Duration::from_secs(600);
    type Handle = Vpses;
    type Row = VpsInfo;
    type Found = VpsInfo;

    fn operation(&self) -> Operation {
        INSTALL
    }

    fn list(&self, vps: &Vpses) -> ListCall<VpsInfo> {
        let order = vps.client.call(&INFO, [("orderid", json!(self.order))]).rows(object_row);
        let wanted = self.order;
        order.filter(move |info: &VpsInfo| info.vps.is_some() && info.order_id == wanted)
    }

    fn id(row: &VpsInfo) -> String {
        row.order_id.to_string()
    }

    fn fit(&self, _: &VpsInfo) -> Fit {
        Fit::new().unique(true)
    }

    fn fetch(&self, vps: &Vpses, _: &str) -> Call<VpsInfo> {
        vps.get(self.order)
    }

    fn found_id(info: &VpsInfo) -> String {
        info.order_id.to_string()
    }
}
