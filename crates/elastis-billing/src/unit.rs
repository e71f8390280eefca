//! The units of prices.

http_core::wire::open_enum! {
    /// The unit that a price refers to.
    pub enum Unit {
        /// One hour.
        Hour = "h",
    }
}
