//! Classes of servers that can host a VM.
use serde_json::{Value, json};

use super::context::{Answer, Context, Endpoint};
use crate::base::Response;
use crate::elastis::state::host_pool::POOLS;

pub(crate) const ENDPOINTS: &[Endpoint] =
    &[Endpoint::located("host_pool.list", "GET", "/v1/user-resource/host_pool/list", list)];

fn list(_: &mut Context<'_>) -> Answer {
    let rows = POOLS.iter().map(|pool| {
        json!({
            "created_at": "2022-12-28 13:50:52",
            "description": pool.description,
            "is_default_designated": pool.is_default,
            "name": pool.name,
            "updated_at": "2023-02-21 08:17:13",
            "uuid": pool.uuid,
        })
    });
    Ok(Response::json(200, &rows.collect::<Value>()))
}

#[cfg(test)]
mod tests {
    use crate::elastis::testing::{Lab, NEW_VM};

    #[test]
    fn a_vm_is_created_only_on_a_listed_host_pool() {
        let mut lab = Lab::new();
        let pools = lab.ok("GET", "/v1/bus02/user-resource/host_pool/list", "");
        assert_eq!(
            pools.as_array().unwrap().iter().filter(|pool| pool["is_default_designated"] == true).count(),
            1
        );
        for pool in pools.as_array().unwrap() {
            let uuid = pool["uuid"].as_str().unwrap();
            let form = format!("{NEW_VM}&billing_account_id=6&designated_pool_uuid={uuid}");
            let vm = lab.ok("POST", "/v1/user-resource/vm", &form);
            assert_eq!(vm["designated_pool_name"], pool["name"]);
        }
        let unknown = "aaaaaaaa-0000-bbbb-1111-cccccccccccc";
        let form = format!("{NEW_VM}&billing_account_id=6&designated_pool_uuid={unknown}");
        let (status, body) = lab.form("POST", "/v1/user-resource/vm", &form);
        assert_eq!(status, 400);
        assert!(body["errors"]["designated_pool_uuid"].is_string());
    }
}
