//! The operating systems for VMs and disks.
use serde_json::{Value, json};

use super::context::Endpoint;
use crate::base::Response;
use crate::elastis::state::image::{IMAGES, Image};

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::global("image.list", "GET", "/v1/config/vm_images", |_| Ok(list(|_| true))),
    Endpoint::global("image.list_plain_os", "GET", "/v1/config/vm_images/plain_os", |_| {
        Ok(list(|image| !image.is_app_catalog))
    }),
    Endpoint::global("image.list_app_catalog", "GET", "/v1/config/vm_images/app_catalog", |_| {
        Ok(list(|image| image.is_app_catalog))
    }),
];

fn list(wanted: impl Fn(&Image) -> bool) -> Response {
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
    Response::json(200, &rows.collect::<Value>())
}

#[cfg(test)]
mod tests {
    use crate::elastis::testing::Lab;

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
