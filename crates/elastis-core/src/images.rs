//! Images: the systems that a virtual machine can be made from.

use http_core::Call;
use http_core::client::Operation;
use http_core::wire::{EmptyAsNone, Flag, Int, Opt, Text};
use serde::{Deserialize, Serialize};
use serde_with::serde_as;

use crate::client::Elastis;
use crate::vms::Os;

impl Elastis {
    /// Returns the handle for images: the systems that VMs can be created from.
    pub fn images(&self) -> Images {
        Images { elastis: self.clone() }
    }
}

pub(crate) const LIST: Operation = Operation::get("image.list", "/v1/config/vm_images");
pub(crate) const LIST_PLAIN_OS: Operation =
    Operation::get("image.list_plain_os", "/v1/config/vm_images/plain_os");
pub(crate) const LIST_APP_CATALOG: Operation =
    Operation::get("image.list_app_catalog", "/v1/config/vm_images/app_catalog");

/// The systems on offer; from [`Elastis::images`].
#[derive(Clone, Debug)]
pub struct Images {
    elastis: Elastis,
}

impl Images {
    /// All images, plain systems and applications.
    ///
    /// `GET /v1/config/vm_images`
    ///
    /// ```
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let images = elastis.images().list().await?;
    /// let default = images.iter().find(|image| image.is_default);
    /// let newest = default.and_then(|image| image.published().last());
    /// assert!(newest.is_some());
    /// # Ok(()) });
    /// ```
    pub fn list(&self) -> Call<Vec<Image>> {
        self.elastis.call(&LIST).list()
    }

    /// The images of operating systems without anything on top.
    ///
    /// `GET /v1/config/vm_images/plain_os`
    ///
    /// ```
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let images = elastis.images().list_plain_os().await?;
    /// assert!(images.iter().all(|image| !image.is_app_catalog));
    /// # Ok(()) });
    /// ```
    pub fn list_plain_os(&self) -> Call<Vec<Image>> {
        self.elastis.call(&LIST_PLAIN_OS).list()
    }

    /// The images with an application on top.
    ///
    /// `GET /v1/config/vm_images/app_catalog`
    ///
    /// ```
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let images = elastis.images().list_app_catalog().await?;
    /// assert!(images.iter().all(|image| image.is_app_catalog));
    /// # Ok(()) });
    /// ```
    pub fn list_app_catalog(&self) -> Call<Vec<Image>> {
        self.elastis.call(&LIST_APP_CATALOG).list()
    }
}

/// A system, in one or more versions.
#[serde_as]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Image {
    /// The name that calls want, e.g. `ubuntu`.
    pub os_name: String,
    /// The name for people.
    #[serde_as(as = "serde_with::DefaultOnNull")]
    #[serde(default)]
    pub display_name: String,
    /// The place in the provider's own lists.
    #[serde_as(as = "Opt<Int>")]
    #[serde(default)]
    pub ui_position: Option<i64>,
    /// Whether the provider offers it first.
    #[serde_as(as = "serde_with::DefaultOnNull<Flag>")]
    #[serde(default)]
    pub is_default: bool,
    /// Whether there is an application on top of the system.
    #[serde_as(as = "serde_with::DefaultOnNull<Flag>")]
    #[serde(default)]
    pub is_app_catalog: bool,
    /// A picture, as an address or as data.
    #[serde_as(as = "EmptyAsNone<Text>")]
    #[serde(default)]
    pub icon: Option<String>,
    /// The versions.
    #[serde_as(as = "http_core::wire::Rows")]
    #[serde(default)]
    pub versions: Vec<ImageVersion>,
}

impl Image {
    /// Ours: the versions that new machines can be made from, ready to be asked for.
    pub fn published(&self) -> impl DoubleEndedIterator<Item = Os> {
        let published = self.versions.iter().filter(|version| version.published);
        published.map(|version| Os::new(&*self.os_name, &*version.os_version))
    }
}

/// One version of a system.
#[serde_as]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ImageVersion {
    /// The version that calls want, e.g. `22.04-lts`.
    #[serde_as(as = "Text")]
    pub os_version: String,
    /// The version for people.
    #[serde_as(as = "EmptyAsNone<Text>")]
    #[serde(default)]
    pub display_name: Option<String>,
    /// Whether new machines can be made from it.
    #[serde_as(as = "serde_with::DefaultOnNull<Flag>")]
    #[serde(default)]
    pub published: bool,
}
