//! The ids of the API.

http_core::wire::integer_id! {
    /// The id of a client (wire name `cid`).
    pub struct ClientId;

    /// The id of a product (wire name `pid`).
    pub struct ProductId;

    /// The id of an order.
    pub struct OrderId;

    /// The id of an invoice.
    pub struct InvoiceId;

    /// The id of a service (wire name `productids` in orders).
    pub struct ServiceId;

    /// The id of an SSH key.
    pub struct SshKeyId;
}

http_core::wire::text_id! {
    /// The name of a template (wire name `ostpl`), e.g. `debian12-64-default`.
    pub struct TemplateName;
}
