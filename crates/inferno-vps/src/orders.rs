//! Ordering, and the orders of an account.

use std::net::IpAddr;

use http_core::client::{Accepted, Fit, Operation, Seek, WaitBuilder, operations};
use http_core::recovery::{Create, Recover, Ticket};
use http_core::wire::{DateTime, Decimal, Utc};
use http_core::{Call, Error, ListCall};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::client::Client;
use crate::confirmation::Confirmation;
use crate::ids::{InvoiceId, OrderId, ProductId, ServiceId};
use crate::php::{Count, Ids};
use crate::response::RowKind;

impl Client {
    /// Returns the handle for orders.
    pub fn orders(&self) -> Orders {
        Orders { client: self.clone() }
    }
}

operations![
    CREATE = Operation::post("order.create", "/api_client.php?action=create")
        .with_recovery_hint("look for the new order in orders().list()")
        .recoverable()
        .returns_id("orderid"),
    LIST = Operation::post("order.list", "/api_client.php?action=orders").read(),
    CANCEL = Operation::post("order.cancel", "/api_client.php?action=cancel")
        .requires("the order must be pending, see orders().get(..)")
        .idempotent()
        .with_recovery_hint("look at the order by orders().get(..)")
        .confirmed(),
];

const ROWS: RowKind = RowKind { names: &["orders"], ids: &["id", "orderid"] };

/// Ordering, and the orders of the account; from [`Client::orders`].
#[derive(Clone, Debug)]
pub struct Orders {
    client: Client,
}

impl Orders {
    /// Orders a product. **This is a commitment to pay.** It is never repeated after it may have been
    /// processed: if the response is lost, the error says [`is_outcome_unknown`](Error::is_outcome_unknown);
    /// [`recover`](Create::recover) finds the order then. The services distinguish orders of other products; what it finds is
    /// likely as long as no other order of this product was placed at the same time.
    ///
    /// The order is [`Pending`](OrderStatus::Pending) until its invoice is paid; then a VPS can be
    /// [installed](crate::Vpses::install).
    ///
    /// `POST /api_client.php?action=create`
    ///
    /// ```
    /// # hostkit_doctest::inferno(async |client| {
    /// let product = &client.catalog().await?.products[0];
    /// let order = client.orders().create(product.pid).await?;
    /// println!("order {}, to be paid by invoice {:?}", order.order_id, order.invoice_id);
    /// # Ok(()) });
    /// ```
    pub fn create(&self, product: ProductId) -> Create<PlacedOrder> {
        let call = self.client.call(&CREATE, [("pid", json!(product))]).json();
        Create::new(call, self.clone(), SoughtOrder { product }, Accepted::Now)
    }

    /// Finds the order of a [`create`](Self::create) whose outcome is unknown, by the ticket that
    /// [`note`](Recover::note) returned before. It only looks and sends no order.
    ///
    /// ```
    /// # hostkit_doctest::inferno(async |client| {
    /// let noted = client.orders().create(303.into()).recover().note().await?;
    /// let ticket = noted.ticket().clone(); // to be stored
    /// let order = noted.await?.value;
    /// assert_eq!(client.orders().find_created(&ticket).await?.value.order_id, order.order_id);
    /// # Ok(()) });
    /// ```
    pub fn find_created(&self, ticket: &Ticket) -> Recover<PlacedOrder> {
        Recover::find::<SoughtOrder>(self.clone(), ticket)
    }

    /// The orders of the account, both those in use and those not yet paid.
    ///
    /// `POST /api_client.php?action=orders`
    ///
    /// ```
    /// # hostkit_doctest::inferno(async |client| {
    /// for order in client.orders().list().await? {
    ///     println!("{}: {}", order.id, order.status);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn list(&self) -> ListCall<Order> {
        self.client.call(&LIST, []).usual_rows(|body| ROWS.read(body), |body, each| ROWS.find(body, each))
    }

    /// Convenience method: returns one order, from the list, because the provider has no such operation.
    ///
    /// If the order does not exist, the error [`is_not_found`](Error::is_not_found).
    pub fn get(&self, id: OrderId) -> Call<Order> {
        self.list().and_then(move |orders| {
            let order = orders.into_iter().find(|order| order.id == id);
            order.ok_or_else(|| Error::not_found(format!("there is no order {id} in this account")))
        })
    }

    /// Cancels an order, which must be [`Pending`](OrderStatus::Pending). One that is paid or is not there
    /// gives an error that [`is_conflict`](Error::is_conflict): the provider reports both in the same way.
    ///
    /// `POST /api_client.php?action=cancel`
    ///
    /// ```
    /// # hostkit_doctest::inferno(async |client| {
    /// let product = &client.catalog().await?.products[0];
    /// let order = client.orders().create(product.pid).await?;
    /// client.orders().cancel(order.order_id).await?;
    /// assert!(client.orders().list().await?.is_empty());
    /// # Ok(()) });
    /// ```
    pub fn cancel(&self, id: OrderId) -> Call<Confirmation> {
        let orders = self.clone();
        // Whether a cancelled order stays in the list is not documented.
        let look = move || {
            orders
                .list()
                .map(move |orders| orders.iter().find(|order| order.id == id).is_none_or(Order::is_cancelled))
        };
        let call = self.client.call(&CANCEL, [("orderid", json!(id))]);
        call.confirm_by(r#"{"result": "success"}"#, look).json()
    }

    /// Convenience method: waits for a state of an order, most often until it is paid. It ends early if the order is
    /// cancelled or no longer exists. Someone has to pay the invoice: set
    /// [`timeout`](http_core::Wait::timeout).
    ///
    /// ```
    /// # hostkit_doctest::inferno_order(async |client, order| {
    /// let order = client.orders().wait(order).until(|order| order.is_active()).await?;
    /// println!("paid until {:?}", order.next_due_date);
    /// # Ok(()) });
    /// ```
    pub fn wait(&self, id: OrderId) -> WaitBuilder<Order> {
        let orders = self.clone();
        WaitBuilder::new(move || orders.get(id))
            .subject(format_args!("order {id}"))
            .describe(|order| order.status.to_string())
            .fail_on(Order::is_cancelled)
    }
}

http_core::wire::open_enum! {
    /// What has become of an order.
    pub enum OrderStatus {
        /// Not yet paid.
        Pending = "Pending",
        /// Paid and in use.
        Active = "Active",
        /// Cancelled.
        Cancelled = "Cancelled" | "Canceled",
        /// Held back for a doubt about the payment.
        Fraud = "Fraud",
    }
}

http_core::wire::models! {
    /// An order that the provider took.
    pub struct PlacedOrder {
        /// The order. Keep it: everything about the VPS asks for it.
        #[serde(rename = "orderid")]
        pub order_id: OrderId,
        /// The invoice to be paid.
        #[serde_as(as = "http_core::wire::ZeroAsNone")]
        #[serde(rename = "invoiceid", default)]
        pub invoice_id: Option<InvoiceId>,
        /// The services that the order pays for.
        #[serde_as(as = "Ids")]
        #[serde(rename = "productids", default)]
        pub service_ids: Vec<ServiceId>,
    }

    /// An order.
    pub struct Order {
        /// The order.
        pub id: OrderId,
        /// The number that the website shows.
        #[serde(rename = "ordernum")]
        pub number: Option<String>,
        /// What it costs, in the account's currency.
        pub amount: Option<Decimal>,
        /// Its invoice, if there is one.
        #[serde_as(as = "http_core::wire::ZeroAsNone")]
        #[serde(rename = "invoiceid", default)]
        pub invoice_id: Option<InvoiceId>,
        /// What has become of it.
        #[or_default]
        pub status: OrderStatus,
        /// Until when it is paid.
        #[serde(rename = "nextduedate")]
        pub next_due_date: Option<DateTime<Utc>>,
        /// Whether its invoice is paid, in the provider's words, e.g. `Paid`.
        #[serde(rename = "payStatus")]
        pub pay_status: Option<String>,
        /// How many of its invoices are not paid.
        #[serde_as(as = "Count")]
        #[serde(rename = "unpaidInvoices", default)]
        pub unpaid_invoices: Option<u64>,
        /// The address of its VPS, once there is one.
        #[serde(rename = "dedicatedip")]
        pub dedicated_ip: Option<IpAddr>,
        /// The services that it pays for.
        #[serde_as(as = "Ids")]
        #[serde(rename = "productids", default)]
        pub service_ids: Vec<ServiceId>,
    }
}

/// The list of orders names no product, but that of the services does.
#[derive(Serialize, Deserialize)]
struct SoughtOrder {
    product: ProductId,
}

http_core::wire::models! {
    /// An order of which only the id has to be there.
    struct OrderRow {
        id: OrderId,
        status: Option<OrderStatus>,
    }
}

impl Seek for SoughtOrder {
    type Handle = Orders;
    type Row = OrderRow;
    type Found = PlacedOrder;

    fn operation(&self) -> Operation {
        CREATE
    }

    fn list(&self, orders: &Orders) -> ListCall<OrderRow> {
        orders.client.call(&LIST, []).rows(|body, each| ROWS.find(body, each))
    }

    fn id(row: &OrderRow) -> String {
        row.id.to_string()
    }

    fn fit(&self, row: &OrderRow) -> Fit {
        Fit::new().unless(row.status == Some(OrderStatus::Cancelled))
    }

    fn others(&self, orders: &Orders) -> Option<Call<Vec<String>>> {
        let product = self.product;
        let services = orders.client.services().list().tolerant();
        Some(services.and_then(move |services| {
            if services.failed > 0 {
                // Any of them may belong to an order of another product.
                return Err(Error::not_found("a service cannot be read"));
            }
            let others =
                services.items.iter().filter(|service| service.product_id.is_some_and(|id| id != product));
            Ok(others.filter_map(|service| Some(service.order_id?.to_string())).collect())
        }))
    }

    fn fetch(&self, orders: &Orders, id: &str) -> Call<PlacedOrder> {
        let id = id.to_owned();
        orders.list().and_then(move |orders| {
            let order = orders.into_iter().find(|order| order.id.to_string() == id);
            let order = order.ok_or_else(|| Error::not_found(format!("order {id} is not in the list")))?;
            let Order { id: order_id, invoice_id, service_ids, .. } = order;
            Ok(PlacedOrder { order_id, invoice_id, service_ids })
        })
    }

    fn found_id(order: &PlacedOrder) -> String {
        order.order_id.to_string()
    }
}

impl Order {
    /// Whether it is paid, so that a VPS can be installed.
    pub fn is_active(&self) -> bool {
        self.status == OrderStatus::Active
    }

    /// Whether it waits to be paid, and can be cancelled.
    pub fn is_pending(&self) -> bool {
        self.status == OrderStatus::Pending
    }

    /// Whether it is cancelled, so that nothing is to be paid.
    pub fn is_cancelled(&self) -> bool {
        self.status == OrderStatus::Cancelled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn observed_ids_and_money_come_as_numbers_or_as_text() {
        for (amount, read) in
            [(r#""5.00""#, "5.00"), ("5", "5"), ("0.30000000000000004", "0.30000000000000004")]
        {
            for id in ["47200", r#""47200""#] {
                let json =
                    format!(r#"{{"id": {id}, "invoiceid": {id}, "amount": {amount}, "status": "Pending"}}"#);
                let order: Order = serde_json::from_str(&json).unwrap();
                assert_eq!((order.id, order.invoice_id), (OrderId::new(47200), Some(InvoiceId::new(47200))));
                assert_eq!(order.amount.unwrap().to_string(), read);
            }
        }
    }

    #[test]
    fn observed_zero_dates_and_empty_texts_are_absent() {
        let json = r#"{"id": 1, "status": "Active", "ordernum": "", "amount": "", "invoiceid": "",
            "nextduedate": "0000-00-00", "payStatus": "", "unpaidInvoices": "", "dedicatedip": "", "productids": ""}"#;
        let order: Order = serde_json::from_str(json).unwrap();
        let again = serde_json::to_string(&order).unwrap();
        let bare: Order = serde_json::from_str(r#"{"id": 1, "status": "Active"}"#).unwrap();
        assert_eq!(again, serde_json::to_string(&bare).unwrap());
        assert_eq!((order.next_due_date, order.dedicated_ip, order.amount), (None, None, None));
    }

    #[test]
    fn observed_rows_may_carry_more_than_is_documented() {
        let json = r#"{"id": 1, "status": "Active", "nextduedate": "2026-12-01", "payStatus": "Paid",
            "unpaidInvoices": "0", "dedicatedip": "37.1.0.111", "productids": "49700,49701", "tomorrow": {}}"#;
        let order: Order = serde_json::from_str(json).unwrap();
        assert_eq!(order.next_due_date.unwrap().to_rfc3339(), "2026-12-01T00:00:00+00:00");
        assert_eq!((order.pay_status.as_deref(), order.unpaid_invoices), (Some("Paid"), Some(0)));
        assert_eq!(order.dedicated_ip, Some([37, 1, 0, 111].into()));
        assert_eq!(order.service_ids, [ServiceId::new(49700), ServiceId::new(49701)]);
    }
}
