//! Ordering a server.

mod recover;

use http_core::client::{Form, Operation, Transport, operations};
use http_core::recovery::Create;
use http_core::{Error, SecretString};

use crate::client::Client;
use crate::ids::{OrderId, ProductId};
use crate::os::Os;

pub use self::recover::OrderedServer;
use self::recover::SoughtServer;

impl Client {
    /// Returns the handle for ordering.
    pub fn orders(&self) -> Orders {
        Orders { transport: self.transport.clone() }
    }
}

operations![
    CREATE = Operation::post("order.create", "/api/v1/servers/order")
        .with_recovery_hint("look for the new server in servers().list()")
        .recoverable()
        .returns_id("order_id"),
];

/// Ordering; from [`Client::orders`].
#[derive(Clone, Debug)]
pub struct Orders {
    transport: Transport,
}

impl Orders {
    pub(crate) fn client(&self) -> Client {
        Client { transport: self.transport.clone() }
    }

    /// Orders a server. **This is a commitment to pay.** It is never repeated after it may have been
    /// processed: if the response is lost, the error says [`is_outcome_unknown`](Error::is_outcome_unknown).
    /// [`recover`](Create::recover) finds the server then, and returns it also if the response comes, which does not
    /// name it.
    ///
    /// The server then stands in [`servers().list()`](crate::Servers::list), queued or available. A product,
    /// system or period that the provider does not take gives an error that
    /// [`is_invalid_argument`](Error::is_invalid_argument) with all its reasons.
    ///
    /// `POST /api/v1/servers/order`
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
        Create::new(draft.json(), self.client(), SoughtServer::new(&order), OrderedServer::accept)
    }
}

/// What is to be ordered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewOrder {
    /// The product.
    pub product: ProductId,
    /// The operating system; one that the product's [`os`](crate::Product::os) lists, where it lists any.
    pub os: Os,
    /// For how many of the product's billing periods, at least 1.
    pub period_count: u32,
}

impl NewOrder {
    /// An order of this product with this system for so many of its billing periods.
    pub fn new(product: ProductId, os: Os, period_count: u32) -> Self {
        Self { product, os, period_count }
    }
}

http_core::wire::models! {
    /// An order that the provider took.
    pub struct PlacedOrder {
        /// The order.
        pub order_id: OrderId,
        /// The token of the proforma invoice. Whoever has it can see the invoice.
        pub bill: Option<SecretString>,
        /// Where the order can be paid and the invoice downloaded. It holds the invoice's token.
        pub url: Option<SecretString>,
    }
}
