//! Processors and memory, as used in create requests, updates and resizes.

/// The processors and memory of a VM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VmSize {
    /// The number of virtual processors.
    pub vcpu: u32,
    /// The memory in MiB; `ram` on the wire.
    pub memory_mib: u64,
}

impl VmSize {
    /// Creates a size of `vcpu` virtual processors and `memory_mib` MiB of memory.
    pub const fn new(vcpu: u32, memory_mib: u64) -> Self {
        Self { vcpu, memory_mib }
    }
}
