//! Classes of servers that can host a VM.

pub(crate) struct HostPool {
    pub(crate) uuid: &'static str,
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) is_default: bool,
}

pub(crate) static POOLS: [HostPool; 2] = [
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

pub(crate) fn find(uuid: &str) -> Option<&'static HostPool> {
    POOLS.iter().find(|pool| pool.uuid == uuid)
}
