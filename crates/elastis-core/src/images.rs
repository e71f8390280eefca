//! Images: the operating systems and applications that a VM can be created from.

use http_core::ListCall;
use http_core::client::{Operation, operations};

use crate::client::Elastis;
use crate::vms::Os;

impl Elastis {
    /// Returns the handle for images, the operating systems and applications that VMs can be created from.
    pub fn images(&self) -> Images {
        Images { elastis: self.clone() }
    }
}

operations![
    LIST = Operation::get("image.list", "/v1/config/vm_images"),
    LIST_PLAIN_OS = Operation::get("image.list_plain_os", "/v1/config/vm_images/plain_os"),
    LIST_APP_CATALOG = Operation::get("image.list_app_catalog", "/v1/config/vm_images/app_catalog"),
];

/// The handle for images; returned by [`Elastis::images`].
#[derive(Clone, Debug)]
pub struct Images {
    elastis: Elastis,
}

impl Images {
    /// Returns all images: operating systems and applications.
    ///
    /// `GET /v1/config/vm_images`
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let images = elastis.images().list().await?;
    /// let default = images.iter().find(|image| image.is_default);
    /// let newest = default.and_then(|image| image.published().last());
    /// assert!(newest.is_some());
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn list(&self) -> ListCall<Image> {
        self.elastis.call(&LIST).list()
    }

    /// Returns the images that contain only an operating system.
    ///
    /// `GET /v1/config/vm_images/plain_os`
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let images = elastis.images().list_plain_os().await?;
    /// assert!(images.iter().all(|image| !image.is_app_catalog));
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn list_plain_os(&self) -> ListCall<Image> {
        self.elastis.call(&LIST_PLAIN_OS).list()
    }

    /// Returns the images that contain an application on top of an operating system.
    ///
    /// `GET /v1/config/vm_images/app_catalog`
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::elastis(async |elastis, _| {
    /// let images = elastis.images().list_app_catalog().await?;
    /// assert!(images.iter().all(|image| image.is_app_catalog));
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn list_app_catalog(&self) -> ListCall<Image> {
        self.elastis.call(&LIST_APP_CATALOG).list()
    }
}

http_core::wire::models! {
    /// An operating system or application, in one or more versions.
    pub struct Image {
        /// The name that requests use, e.g. `ubuntu`.
        #[required]
        pub os_name: String,
        /// The human-readable name.
        pub display_name: String,
        /// The position in the provider's own lists.
        pub ui_position: Option<i64>,
        /// Whether the provider preselects this image.
        pub is_default: bool,
        /// Whether the image contains an application on top of the operating system.
        pub is_app_catalog: bool,
        /// An icon, as a URL or as data.
        pub icon: Option<String>,
        /// The versions of the image.
        pub versions: Vec<ImageVersion>,
    }
}

impl Image {
    /// Convenience method: returns the versions that VMs can be created from.
    #[inline]
    pub fn published(&self) -> impl DoubleEndedIterator<Item = Os> {
        let published = self.versions.iter().filter(|version| version.published);
        published.map(|version| Os::new(&*self.os_name, &*version.os_version))
    }
}

http_core::wire::models! {
    /// One version of an image.
    pub struct ImageVersion {
        /// The version that requests use, e.g. `22.04-lts`.
        #[required]
        pub os_version: String,
        /// The human-readable version.
        pub display_name: Option<String>,
        /// Whether new VMs can be created from this version.
        pub published: bool,
    }
}
