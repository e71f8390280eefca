//! What a price is for one of.

http_core::wire::open_enum! {
    /// What a price is for one of.
    pub enum Unit {
        /// An hour.
        Hour = "h",
    }
}
