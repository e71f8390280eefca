//! Operating systems of products, orders and servers.

http_core::wire::open_enum! {
    /// The operating system of a GPU server.
    pub enum Os {
        /// CentOS.
        CentOs = "centos",
        /// Ubuntu.
        Ubuntu = "ubuntu",
        /// Windows.
        Windows = "windows",
    }
}
