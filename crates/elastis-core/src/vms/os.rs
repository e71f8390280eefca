//! Operating systems, as images, creation and reinstallation name them.

/// An operating system in one version; see [`Images`](crate::Images) for what is on offer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Os {
    /// The name, e.g. `ubuntu`.
    pub name: String,
    /// The version, e.g. `22.04-lts`.
    pub version: String,
}

impl Os {
    /// This version of this system, e.g. `ubuntu` in `22.04-lts`.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self { name: name.into(), version: version.into() }
    }
}

/// The system that [`Vms::reinstall`](super::Vms::reinstall) installs: by default the one that the VM has.
///
/// ```
/// use elastis_core::{Os, Reinstall};
///
/// let newer = Reinstall::same().with_os_version("24.04-lts");
/// assert_eq!(newer.os_name, None);
/// assert_eq!(Reinstall::from(Os::new("debian", "12")).os_name.as_deref(), Some("debian"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reinstall {
    /// The system's name; `None` is the one that the VM has.
    pub os_name: Option<String>,
    /// The system's version; `None` is the one that the VM has.
    pub os_version: Option<String>,
}

impl Reinstall {
    /// The system and version that the VM has.
    pub fn same() -> Self {
        Self::default()
    }

    /// Sets the system's name.
    pub fn with_os_name(mut self, name: impl Into<String>) -> Self {
        self.os_name = Some(name.into());
        self
    }

    /// Sets the system's version.
    pub fn with_os_version(mut self, version: impl Into<String>) -> Self {
        self.os_version = Some(version.into());
        self
    }
}

impl From<Os> for Reinstall {
    fn from(Os { name, version }: Os) -> Self {
        Self { os_name: Some(name), os_version: Some(version) }
    }
}
