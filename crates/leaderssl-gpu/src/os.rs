//! Operating systems, as products, orders and servers name them.

http_core::wire::open_enum! {
    /// An operating system that a server can be ordered with.
    pub enum Os {
        /// CentOS.
        CentOs = "centos",
        /// Ubuntu.
        Ubuntu = "ubuntu",
        /// Windows.
        Windows = "windows",
    }
}
