//! The ids of the API.

http_core::wire::integer_id! {
    /// The number of a client, which the provider calls `cid`.
    pub struct ClientId;

    /// The number of a product, which the provider calls `pid`.
    pub struct ProductId;

    /// The number of an order.
    pub struct OrderId;

    /// The number of an invoice.
    pub struct InvoiceId;

    /// The number of a service; orders call it `productids`.
    pub struct ServiceId;

    /// The number of an SSH key.
    pub struct SshKeyId;
}

http_core::wire::text_id! {
    /// The name of a template, which the provider calls `ostpl`, e.g. `debian12-64-default`.
    pub struct TemplateName;
}
