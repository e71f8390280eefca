//! Operating systems, as used in images, create requests and reinstall requests.

/// A version of an operating system; [`Images`](crate::Images) lists those that the provider offers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Os {
    /// The name, e.g. `ubuntu`.
    pub name: String,
    /// The version, e.g. `22.04-lts`.
    pub version: String,
}

impl Os {
    /// Creates an `Os` from a name and a version, e.g. `ubuntu` and `22.04-lts`.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self { name: name.into(), version: version.into() }
    }
}

/// The operating system that [`Vms::reinstall`](super::Vms::reinstall) installs; the default is the current one.
///
/// # Examples
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
    /// The name of the operating system; `None` is the current one.
    pub os_name: Option<String>,
    /// The version of the operating system; `None` is the current one.
    pub os_version: Option<String>,
}

impl Reinstall {
    /// Creates a request that reinstalls the current operating system and version.
    pub fn same() -> Self {
        Self::default()
    }

    /// Sets the name of the operating system.
    pub fn with_os_name(mut self, name: impl Into<String>) -> Self {
        self.os_name = Some(name.into());
        self
    }

    /// Sets the version of the operating system.
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
