//! The operating systems for VMs.

pub(crate) struct Image {
    pub(crate) os_name: &'static str,
    pub(crate) display_name: &'static str,
    pub(crate) is_app_catalog: bool,
    /// The versions, and whether new VMs may use each of them.
    pub(crate) versions: &'static [(&'static str, bool)],
}

pub(crate) const fn image(
    os_name: &'static str,
    display_name: &'static str,
    is_app_catalog: bool,
    versions: &'static [(&'static str, bool)],
) -> Image {
    Image { os_name, display_name, is_app_catalog, versions }
}

/// The images; the first one is the default.
pub(crate) const IMAGES: [Image; 6] = [
    image("almalinux", "Almalinux", false, &[("8", true), ("9", true)]),
    image("centos", "Centos", true, &[("6.9.1611", false), ("7.3.1611", true), ("7.6", true), ("8.2", true)]),
    image("debian", "Debian", false, &[("9.1", true), ("12", true)]),
    image("ubuntu", "Ubuntu", false, &[("16.04", true), ("20.04", true), ("22.04-lts", true)]),
    image("windows", "Windows", false, &[("2016", true), ("2022", true)]),
    image("wordpress", "WordPress", true, &[("6.4", true)]),
];

impl Image {
    pub(crate) fn published(&self) -> impl Iterator<Item = &'static str> {
        self.versions.iter().filter(|(_, published)| *published).map(|(version, _)| *version)
    }
}

pub(crate) fn find(os_name: &str) -> Option<&'static Image> {
    IMAGES.iter().find(|image| image.os_name == os_name)
}

/// Splits the name of a base image in disk operations, e.g. `ubuntu_20.04`, into the operating system and its version;
/// `None` if there is no such image.
pub(crate) fn base(source: &str) -> Option<(&'static str, &'static str)> {
    let (name, version) = source.split_once('_')?;
    let image = find(name)?;
    image.published().find(|published| *published == version).map(|version| (image.os_name, version))
}
