//! The changes that an update makes.

use super::VmSize;

/// What is to be changed in a machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct VmChanges {
    /// The name.
    pub name: Option<String>,
    /// The number of virtual processors.
    pub vcpu: Option<u32>,
    /// The memory in MiB.
    pub ram_mib: Option<u64>,
}

impl VmChanges {
    /// No change yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Changes the name.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Changes processors and memory.
    pub fn with_size(self, size: VmSize) -> Self {
        self.with_vcpu(size.vcpu).with_ram_mib(size.ram_mib)
    }

    /// Changes the number of virtual processors.
    pub fn with_vcpu(mut self, vcpu: u32) -> Self {
        self.vcpu = Some(vcpu);
        self
    }

    /// Changes the memory, in MiB.
    pub fn with_ram_mib(mut self, ram_mib: u64) -> Self {
        self.ram_mib = Some(ram_mib);
        self
    }
}
