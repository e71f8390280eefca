//! Images: the systems that a VM can be made from.

use http_core::ListCall;
use http_core::client::{Operation, operations};

use crate::client::Elastis;
use crate::vms::Os;

impl Elastis {
    /// Returns the handle for images: the systems that VMs can be created from.
    pub fn images(&self) -> Images {
        Images { elastis: self.clone() }
    }
}

operations![
    LIST = Operation::get("image.list", "/v1/config/vm_images"),
    LIST_PLAIN_OS = Operation::get("image.list_plain_os", "/v1/config/vm_images/plain_os"),
    LIST_APP_CATALOG = Operation::get("image.list_app_catalog", "/v1/config/vm_images/app_catalog"),
];

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
    pub fn list(&self) -> ListCall<Image> {
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
    pub fn list_plain_os(&self) -> ListCall<Image> {
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
    pub fn list_app_catalog(&self) -> ListCall<Image> {
        self.elastis.call(&LIST_APP_CATALOG).list()
    }
}

http_core::wire::models! {
    /// A system, in one or more versions.
    pub struct Image {
        /// The name that calls want, e.g. `ubuntu`.
        #[required]
        pub os_name: String,
        /// The name for people.
        pub display_name: String,
        /// The place in the provider's own lists.
        pub ui_position: Option<i64>,
        /// Whether the provider offers it first.
        pub is_default: bool,
        /// Whether there is an application on top of the system.
        pub is_app_catalog: bool,
        /// A picture, as an address or as data.
        pub icon: Option<String>,
        /// The versions.
        pub versions: Vec<ImageVersion>,
    }
}

impl Image {
    /// Convenience method: returns the versions from which VMs can be created.
    pub fn published(&self) -> impl DoubleEndedIterator<Item = Os> {
        let published = self.versions.iter().filter(|version| version.published);
        published.map(|version| Os::new(&*self.os_name, &*version.os_version))
    }
}

http_core::wire::models! {
    /// One version of a system.
    pub struct ImageVersion {
        /// The version that calls want, e.g. `22.04-lts`.
        #[required]
        pub os_version: String,
        /// The version for people.
        pub display_name: Option<String>,
        /// Whether new VMs can be made from it.
        pub published: bool,
    }
}
