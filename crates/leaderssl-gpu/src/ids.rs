//! The ids of the API.

http_core::wire::integer_id! {
    /// The number of a user.
    pub struct UserId;

    /// The number of a product; orders call it `nomenclature_id`.
    pub struct ProductId;

    /// The number of a GPU server's configuration.
    pub struct ConfigurationId;

    /// The number of an order.
    pub struct OrderId;

    /// The number of a server.
    pub struct ServerId;
}
