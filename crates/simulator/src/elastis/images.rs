//! The systems that a VM or a disk can be made from.

use serde_json::{Value, json};

use super::call::Endpoint;
use crate::provider::Reply;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::global("image.list", "GET", "/v1/config/vm_images", |_| Ok(list(|_| true))),
    Endpoint::global("image.list_plain_os", "GET", "/v1/config/vm_images/plain_os", |_| {
        Ok(list(|image| !image.is_app_catalog))
    }),
    Endpoint::global("image.list_app_catalog", "GET", "/v1/config/vm_images/app_catalog", |_| {
        Ok(list(|image| image.is_app_catalog))
    }),
];

pub(super) struct Image {
    pub(super) os_name: &'static str,
    display_name: &'static str,
    is_app_catalog: bool,
    /// Version, and whether new VMs may use it.
    versions: &'static [(&'static str, bool)],
}

const fn image(
    os_name: &'static str,
    display_name: &'static str,
    is_app_catalog: bool,
    versions: &'static [(&'static str, bool)],
) -> Image {
    Image { os_name, display_name, is_app_catalog, versions }
}

/// The first is the one that is offered by default.
pub(super) const IMAGES: [Image; 6] = [
    image("almalinux", "Almalinux", false, &[("8", true), ("9", true)]),
    image("centos", "Centos", true, &[("6.9.1611", false), ("7.3.1611", true), ("7.6", true), ("8.2", true)]),
    image("debian", "Debian", false, &[("9.1", true), ("12", true)]),
    image("ubuntu", "Ubuntu", false, &[("16.04", true), ("20.04", true), ("22.04-lts", true)]),
    image("windows", "Windows", false, &[("2016", true), ("2022", true)]),
    image("wordpress", "WordPress", true, &[("6.4", true)]),
];

impl Image {
    pub(super) fn published(&self) -> impl Iterator<Item = &'static str> {
        self.versions.iter().filter(|(_, published)| *published).map(|(version, _)| *version)
    }
}

pub(super) fn find(os_name: &str) -> Option<&'static Image> {
    IMAGES.iter().find(|image| image.os_name == os_name)
}

/// Name and version of a base image as disks write it, e.g. `ubuntu_20.04`.
pub(super) fn base(source: &str) -> Option<(&'static str, &'static str)> {
    let (name, version) = source.split_once('_')?;
    let image = find(name)?;
    image.published().find(|published| *published == version).map(|version| (image.os_name, version))
}

fn list(wanted: impl Fn(&Image) -> bool) -> Reply {
    let version = |(version, published): &(&str, bool)| json!({"os_version": version, "display_name": version, "published": published});
    let rows = IMAGES.iter().zip(1..).filter(|(image, _)| wanted(image)).map(|(image, position)| {
        json!({
            "os_name": image.os_name,
            "display_name": image.display_name,
            "ui_position": position,
            "is_default": position == 1,
            "is_app_catalog": image.is_app_catalog,
            "icon": format!("https://icons.example/{}.svg", image.os_name),
            "versions": image.versions.iter().map(version).collect::<Value>(),
        })
    });
    Reply::json(200, &rows.collect::<Value>())
}

#[cfg(test)]
mod tests {
    use super::super::testing::Lab;

    #[test]
    fn every_image_is_either_plain_or_from_the_app_catalog() {
        let mut lab = Lab::new();
        let mut names = |path: &str| -> Vec<String> {
            let list = lab.ok("GET", path, "");
            list.as_array()
                .unwrap()
                .iter()
                .map(|image| image["os_name"].as_str().unwrap().to_owned())
                .collect()
        };
        let all = names("/v1/config/vm_images");
        let plain = names("/v1/config/vm_images/plain_os");
        let apps = names("/v1/config/vm_images/app_catalog");
        assert!(plain.contains(&"ubuntu".to_owned()) && apps.contains(&"centos".to_owned()));
        let mut both = [plain, apps].concat();
        both.sort();
        assert_eq!(both, all);
    }
}
