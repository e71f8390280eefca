//! Orders for GPU servers.

mod recover;

use http_core::client::{Form, Operation, Transport, operations};
use http_core::recovery::{Create, Recover, Ticket};
use http_core::{Error, SecretString};

use crate::client::Client;
use crate::ids::{OrderId, ProductId};
use crate::os::Os;

pub use self::recover::OrderedServer;
use self::recover::WantedServer;

impl Client {
    /// Returns the handle for ordering GPU servers.
    pub fn orders(&self) -> Orders {
        Orders { transport: self.transport.clone() }
    }
}

operations![
    CREATE = Operation::post("order.create", "/api/v1/servers/order")
        .with_recovery_hint("look for the new server in servers().list()")
        .recoverable()
        .returns_id("order_id")
        .with_result_keys(&["bill"]),
];

/// The handle for ordering GPU servers; returned by [`Client::orders`].
#[derive(Clone, Debug)]
pub struct Orders {
    transport: Transport,
}

impl Orders {
    pub(crate) fn client(&self) -> Client {
        Client { transport: self.transport.clone() }
    }

    /// Orders a GPU server. **This is a commitment to pay.**
    ///
    /// The response does not contain the server's id. [`recover`](Create::recover) finds the server, even if the
    /// response is lost. Without `recover`, look for the server in [`servers().list()`](crate::Servers::list), where it
    /// is queued or available. A queued server cannot be started yet: [`while_running`](crate::Servers::while_running)
    /// waits for it.
    ///
    /// `POST /api/v1/servers/order`
    ///
    /// # Errors
    ///
    /// - [`is_invalid_argument`](Error::is_invalid_argument): the provider rejects the product, the operating system or
    ///   the number of periods. The message contains all reasons.
    /// - [`is_outcome_unknown`](Error::is_outcome_unknown): the response was lost. **Look for the server before you
    ///   order again**, or use [`recover`](Create::recover).
    ///
    /// # Examples
    ///
    /// ```
    /// use leaderssl_gpu::{NewOrder, Os};
    ///
    /// # hostkit_doctest::leaderssl(async |client| {
    /// let products = client.products().list().await?;
    /// if let Some(product) = products.iter().find(|p| p.is_free_now() && p.runs(&Os::Ubuntu)) {
    ///     let order = client.orders().create(NewOrder::new(product.id, Os::Ubuntu, 1)).await?;
    ///     println!("order {} of {}", order.order_id, product.name);
    /// }
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn create(&self, order: NewOrder) -> Create<PlacedOrder, OrderedServer> {
        let form = Form::new()
            .field("nomenclature_id", order.product)
            .field("os", order.os.as_str())
            .field("period_count", order.period_count);
        let draft = self.transport.call(&CREATE).form(form);
        let draft = if order.period_count == 0 {
            draft.invalid(Error::invalid_argument("period_count must be at least 1"))
        } else {
            draft
        };
        Create::new(draft.json(), self.client(), WantedServer::new(&order), OrderedServer::accept)
    }

    /// Convenience method: finds the server of a [`create`](Self::create) whose outcome is unknown. Takes the ticket
    /// that [`note`](Recover::note) returned before the request was sent. Never orders anything.
    ///
    /// # Examples
    ///
    /// ```
    /// use leaderssl_gpu::{NewOrder, Os};
    ///
    /// # hostkit_doctest::leaderssl(async |client| {
    /// let product = client.products().list().await?[0].id;
    /// let noted = client.orders().create(NewOrder::new(product, Os::Ubuntu, 1)).recover().note().await?;
    /// let ticket = noted.ticket().clone(); // store it
    /// let ordered = noted.await?.value;
    /// let found = client.orders().find_created(&ticket).await?.value;
    /// assert_eq!(found.server.map(|server| server.id), ordered.server.map(|server| server.id));
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn find_created(&self, ticket: &Ticket) -> Recover<OrderedServer> {
        Recover::find::<WantedServer>(self.client(), ticket)
    }
}

/// An order to be placed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewOrder {
    /// The id of the product to order.
    pub product: ProductId,
    /// The operating system to install. It must be one of the product's [`os`](crate::Product::os), unless that list is
    /// empty.
    pub os: Os,
    /// The number of billing periods to pay for; at least 1.
    pub period_count: u32,
}

impl NewOrder {
    /// Creates an order for a product, with an operating system and a number of billing periods.
    ///
    /// [`Product::cost_of`](crate::Product::cost_of) returns the number of periods for a job of a given length.
    pub fn new(product: ProductId, os: Os, period_count: u32) -> Self {
        Self { product, os, period_count }
    }
}

http_core::wire::models! {
    /// An order that the provider accepted.
    pub struct PlacedOrder {
        /// The id of the order.
        pub order_id: OrderId,
        /// The token of the proforma invoice. Anyone who has it can see the invoice.
        pub bill: Option<SecretString>,
        /// The URL of the page where the order can be paid and the invoice can be downloaded. It contains the invoice's
        /// token.
        pub url: Option<SecretString>,
    }
}
