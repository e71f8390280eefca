//! Ids that several elastis crates use.

http_core::wire::uuid_id! {
    /// The id of a VM.
    pub struct VmId;
}

http_core::wire::uuid_id! {
    /// The id of a disk, attached or not.
    pub struct DiskId;
}

impl DiskId {
    /// Convenience method: returns the disk's path in a Linux guest. The path is stable: it does not depend on the VM's
    /// other disks. The serial number in the path is the first 20 characters of the id.
    ///
    /// # Examples
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
    /// The id of a host pool.
    pub struct HostPoolId;
}

http_core::wire::text_id! {
    /// The id of a replica: the id of its disk, followed by a timestamp. It is not a UUID.
    pub struct ReplicaId;
}

http_core::wire::integer_id! {
    /// The id of a billing account. It can exceed 32 bits.
    pub struct BillingAccountId;
}

http_core::wire::integer_id! {
    /// The id of a user.
    pub struct UserId;
}

http_core::wire::text_id! {
    /// The short name of a location as used in URLs, e.g. `bus02`.
    pub struct LocationSlug;
}
