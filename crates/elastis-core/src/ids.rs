//! Ids that more than one crate of the family needs.

http_core::uuid_id! {
    /// The id of a virtual machine.
    pub struct VmId;
}

http_core::uuid_id! {
    /// The id of a disk, attached or not.
    pub struct DiskId;
}

http_core::uuid_id! {
    /// The id of a private network.
    pub struct NetworkId;
}

http_core::uuid_id! {
    /// The id of a pool of hosts.
    pub struct HostPoolId;
}

http_core::text_id! {
    /// The id of a replica: the disk's id and the time, not a UUID.
    pub struct ReplicaId;
}

http_core::integer_id! {
    /// The number of a billing account. It may exceed 32 bits.
    pub struct BillingAccountId;
}

http_core::integer_id! {
    /// The number of a user.
    pub struct UserId;
}
