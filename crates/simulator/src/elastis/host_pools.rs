//! Classes of servers that a VM can be hosted on.

use serde_json::{Value, json};

use super::call::{Answer, Call, Endpoint};
use crate::provider::Reply;

pub(super) const ENDPOINTS: &[Endpoint] =
    &[Endpoint::located("host_pool.list", "GET", "/v1/user-resource/host_pool/list", list)];

pub(super) struct HostPool {
    pub(super) uuid: &'static str,
    pub(super) name: &'static str,
    description: &'static str,
    is_default: bool,
}

static POOLS: [HostPool; 2] = [
    HostPool {
        uuid: "4820b11f-82c9-4313-a1ef-14d6039981db",
        name: "General",
        description: "A server class for a wide range of purposes",
        is_default: true,
    },
    HostPool {
        uuid: "d2fc6881-9316-46d7-b515-b6cddaeee927",
        name: "Performance",
        description: "another fine server class",
        is_default: false,
    },
];

pub(super) fn find(uuid: &str) -> Option<&'static HostPool> {
    POOLS.iter().find(|pool| pool.uuid == uuid)
}

fn list(_: &mut Call<'_>) -> Answer {
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
    Ok(Reply::json(200, &rows.collect::<Value>()))
}
