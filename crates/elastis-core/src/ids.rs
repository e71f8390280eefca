//! Ids that more than one crate of the family needs.

http_core::wire::uuid_id! {
    /// The id of a VM.
    pub struct VmId;
}

http_core::wire::uuid_id! {
    /// The id of a disk, attached or not.
    pub struct DiskId;
}

impl DiskId {
    /// Convenience method: returns the stable path of the disk in a Linux guest, whatever else is attached: its serial
    /// number is the first 20 characters of the id.
    ///
    /// ```
    /// use elastis_core::DiskId;
    ///
    /// let id: DiskId = "3d91aa31-16ec-44ee-b8b3-22a0bda6559e".parse()?;
    /// assert_eq!(id.guest_device_path(), "/dev/disk/by-id/virtio-3d91aa31-16ec-44ee-b");
    /// # Ok::<(), http_core::wire::InvalidValue>(())
    /// ```
    pub fn guest_device_path(self) -> String {
        format!("/dev/disk/by-id/virtio-{}", self.to_string().chars().take(20).collect::<String>())
    }
}

http_core::wire::uuid_id! {
    /// The id of a private network.
    pub struct NetworkId;
}

http_core::wire::uuid_id! {
    /// The id of a pool of hosts.
    pub struct HostPoolId;
}

http_core::wire::text_id! {
    /// The id of a replica: the disk's id and the time, not a UUID.
    pub struct ReplicaId;
}

http_core::wire::integer_id! {
    /// The number of a billing account. It may exceed 32 bits.
    pub struct BillingAccountId;
}

http_core::wire::integer_id! {
    /// The number of a user.
    pub struct UserId;
}

http_core::wire::text_id! {
    /// The short name of a location as used in URLs, e.g. `bus02`.
    pub struct LocationSlug;
}
