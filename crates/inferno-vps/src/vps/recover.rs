//! Finds a VPS after the response to its installation was lost.

use std::time::Duration;

use http_core::client::{Fit, Operation, Seek, object_row};
use http_core::{Call, Error, ListCall};
use serde::{Deserialize, Serialize};

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

    #[inline]
    fn list(&self, vps: &Vpses) -> ListCall<VpsInfo> {
        vps.act(&INFO, self.order).rows(object_row).filter(|info: &VpsInfo| info.vps.is_some())
    }

    fn id(row: &VpsInfo) -> String {
        row.order_id.to_string()
    }

    #[inline]
    fn fit(&self, _: &VpsInfo) -> Fit {
        Fit::new().unique(true)
    }

    #[inline]
    fn fetch(&self, vps: &Vpses, _: &str) -> Call<VpsInfo> {
        vps.get(self.order).and_then(|info| match info.vps {
            Some(_) => Ok(info),
            None => Err(Error::not_found("the response contains no VPS")),
        })
    }

    fn found_id(info: &VpsInfo) -> String {
        info.order_id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use http_core::http::Response;

    use super::*;
    use crate::Client;

    #[test]
    fn an_order_without_a_vps_is_not_found() {
        let client = Client::key_builder("a-key").base_url("http://127.0.0.1:9").build().unwrap();
        let wanted = WantedVps { order: OrderId::new(5) };
        let fetch = |vps: &str| {
            let body = format!(r#"{{"result": "success", "orderid": 5, "vps_info": {vps}}}"#);
            wanted.fetch(&client.vps(), "5").finish(Response::new(body.into()))
        };
        assert!(fetch("null").unwrap_err().is_not_found());
        assert_eq!(fetch(r#"{"result": "success", "main_id": 7}"#).unwrap().order_id, wanted.order);
    }
}
