//! The update of a VM.

use super::VmSize;

/// The update of a VM: the fields that are set are changed, the others keep their values.
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
        self.with_vcpu(size.vcpu).with_memory_mib(size.memory_mib)
    }

    /// Changes the number of virtual processors.
    pub fn with_vcpu(mut self, vcpu: u32) -> Self {
        self.vcpu = Some(vcpu);
        self
    }

    /// Changes the memory, in MiB.
    pub fn with_memory_mib(mut self, memory_mib: u64) -> Self {
        self.memory_mib = Some(memory_mib);
        self
    }
}
