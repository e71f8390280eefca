//! The ids of the API.

http_core::wire::integer_id! {
    /// The id of a user.
    pub struct UserId;

    /// The id of a product (wire name `nomenclature_id` in orders and servers).
    pub struct ProductId;

    /// The id of a hardware configuration.
    pub struct ConfigurationId;

    /// The id of an order.
    pub struct OrderId;

    /// The id of a GPU server.
    pub struct ServerId;
}
