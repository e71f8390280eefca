//! The update of a VM.

use super::VmSize;

/// The update of a VM: fields that are `None` keep their values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct VmUpdate {
    /// The name.
    pub name: Option<String>,
    /// The number of virtual processors.
    pub vcpu: Option<u32>,
    /// The memory in MiB; `ram` on the wire.
    pub memory_mib: Option<u64>,
}

impl VmUpdate {
    /// Creates an update without fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the new name.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the new number of processors and the new memory.
    pub fn with_size(self, size: VmSize) -> Self {
        self.with_vcpu(size.vcpu).with_memory_mib(size.memory_mib)
    }

    /// Sets the new number of virtual processors.
    pub fn with_vcpu(mut self, vcpu: u32) -> Self {
        self.vcpu = Some(vcpu);
        self
    }

    /// Sets the new memory in MiB.
    pub fn with_memory_mib(mut self, memory_mib: u64) -> Self {
        self.memory_mib = Some(memory_mib);
        self
    }
}
