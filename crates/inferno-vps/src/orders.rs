//! The orders of an account.

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
        .returns_id("orderid")
        .with_result_keys(&["invoiceid"]),
    LIST = Operation::post("order.list", "/api_client.php?action=orders").read(),
    CANCEL = Operation::post("order.cancel", "/api_client.php?action=cancel")
        .requires("the order must be pending (see orders().get(..))")
        .idempotent()
        .with_recovery_hint("check the order with orders().get(..)")
        .confirmed(),
];

const ROWS: RowKind = RowKind { names: &["orders"], ids: &["id", "orderid"] };

/// The handle for the orders of the account; returned by [`Client::orders`].
#[derive(Clone, Debug)]
pub struct Orders {
    client: Client,
}

impl Orders {
    /// Places an order for a product. **This is a commitment to pay.**
    ///
    /// The order is [`Pending`](OrderStatus::Pending) until its invoice is paid. Then
    /// [`install`](crate::Vpses::install) its VPS.
    ///
    /// If the response is lost, [`recover`](Create::recover) finds the order: the only new order that is not known to
    /// be for another product. It may find the wrong order if someone else orders the same product at the same time.
    ///
    /// `POST /api_client.php?action=create`
    ///
    /// # Errors
    ///
    /// - [`is_outcome_unknown`](Error::is_outcome_unknown): the response was lost, and **the order may have been
    ///   placed**.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::inferno(async |client| {
    /// let product = &client.catalog().await?.products[0];
    /// let order = client.orders().create(product.pid).await?;
    /// println!("order {}, to be paid with invoice {:?}", order.order_id, order.invoice_id);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn create(&self, product: ProductId) -> Create<PlacedOrder> {
        let call = self.client.call(&CREATE, [("pid", json!(product))]).json();
        Create::new(call, self.clone(), WantedOrder { product }, Accepted::Now)
    }

    /// Returns all orders of the account, both active and pending.
    ///
    /// `POST /api_client.php?action=orders`
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::inferno(async |client| {
    /// for order in client.orders().list().await? {
    ///     println!("{}: {}", order.id, order.status);
    /// }
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn list(&self) -> ListCall<Order> {
        self.client.call(&LIST, []).usual_rows(|body| ROWS.read(body), |body, each| ROWS.find(body, each))
    }

    /// Convenience method: returns an order from the list, because the provider has no endpoint for a single order.
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](Error::is_not_found): the account has no order with this id.
    #[inline]
    pub fn get(&self, id: OrderId) -> Call<Order> {
        self.listed().only("order", id, |order| order.id.to_string())
    }

    /// Cancels a [`Pending`](OrderStatus::Pending) order.
    ///
    /// `POST /api_client.php?action=cancel`
    ///
    /// # Errors
    ///
    /// - [`is_conflict`](Error::is_conflict): the order is paid, or the account has no order with this id; the provider
    ///   does not distinguish the two.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::inferno(async |client| {
    /// let product = &client.catalog().await?.products[0];
    /// let order = client.orders().create(product.pid).await?;
    /// client.orders().cancel(order.order_id).await?;
    /// assert!(client.orders().list().await?.is_empty());
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn cancel(&self, id: OrderId) -> Call<Confirmation> {
        let orders = self.clone();
        // The provider does not document whether a cancelled order stays in the list.
        let read = move || orders.listed().gone(move |order| order.id == id && !order.is_cancelled());
        let call = self.client.call(&CANCEL, [("orderid", json!(id))]).about("orderid", id);
        call.confirm_gone(r#"{"result": "success"}"#, read).json()
    }

    /// Convenience method: waits until an order reaches a state, usually until it is paid; by default for up to ten
    /// minutes. The wait fails early if the order is cancelled, unless you wait for the cancellation. If someone has to
    /// pay the [invoice](PlacedOrder::invoice_id) by hand, set a longer [`timeout`](http_core::Wait::timeout).
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](Error::is_not_found): the account has no order with this id.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::inferno_order(async |client, order| {
    /// let order = client.orders().wait(order).until(|order| order.is_active()).await?;
    /// println!("paid until {:?}", order.next_due_date);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn wait(&self, id: OrderId) -> WaitBuilder<Order> {
        let orders = self.clone();
        WaitBuilder::new(move || orders.get(id))
            .subject(format_args!("order {id}"))
            .describe(|order| order.status.to_string())
            .fail_on(Order::is_cancelled)
    }

    /// Finds the order of a [`create`](Self::create) whose outcome is unknown. Takes the ticket that
    /// [`note`](Recover::note) returned before the request was sent. Never orders anything.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::inferno(async |client| {
    /// let noted = client.orders().create(303.into()).recover().note().await?;
    /// let ticket = noted.ticket().clone(); // store it
    /// let order = noted.await?.value;
    /// assert_eq!(client.orders().find_created(&ticket).await?.value.order_id, order.order_id);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn find_created(&self, ticket: &Ticket) -> Recover<PlacedOrder> {
        Recover::find::<WantedOrder>(self.clone(), ticket)
    }

    /// Returns the list, for reads that must not treat a response without a list as an empty list.
    #[inline]
    fn listed(&self) -> ListCall<Order> {
        self.client.call(&LIST, []).rows(|body, each| ROWS.find_listed(body, each))
    }
}

http_core::wire::open_enum! {
    /// The status of an order.
    pub enum OrderStatus {
        /// The invoice is not paid yet.
        Pending = "Pending",
        /// The order is paid and in use.
        Active = "Active",
        /// The order was cancelled.
        Cancelled = "Cancelled" | "Canceled",
        /// The provider suspects a fraudulent payment and has put the order on hold.
        Fraud = "Fraud",
    }
}

http_core::wire::models! {
    /// A newly placed order.
    pub struct PlacedOrder {
        /// The order's id. Store it: every call for the VPS needs it.
        #[serde(rename = "orderid")]
        pub order_id: OrderId,
        /// The invoice that must be paid.
        #[serde_as(as = http_core::wire::ZeroAsNone)]
        #[serde(rename = "invoiceid", default)]
        pub invoice_id: Option<InvoiceId>,
        /// The services of the order (wire name `productids`).
        #[serde_as(as = Ids)]
        #[serde(rename = "productids", default)]
        pub service_ids: Vec<ServiceId>,
    }

    /// An order.
    pub struct Order {
        /// The order's id.
        pub id: OrderId,
        /// The order number shown on the provider's website.
        #[serde(rename = "ordernum")]
        pub number: Option<Box<str>>,
        /// The order's price, in the account's currency.
        pub amount: Option<Decimal>,
        /// The order's invoice, if there is one.
        #[serde_as(as = http_core::wire::ZeroAsNone)]
        #[serde(rename = "invoiceid", default)]
        pub invoice_id: Option<InvoiceId>,
        /// The order's status.
        #[or_default]
        pub status: OrderStatus,
        /// The date until which the order is paid for.
        #[serde(rename = "nextduedate")]
        pub next_due_date: Option<DateTime<Utc>>,
        /// The status of the invoice in the provider's words, e.g. `Paid`.
        #[serde(rename = "payStatus")]
        pub pay_status: Option<Box<str>>,
        /// The number of unpaid invoices.
        #[serde_as(as = Count)]
        #[serde(rename = "unpaidInvoices", default)]
        pub unpaid_invoices: Option<u32>,
        /// The IP address of the order's VPS, once there is one.
        #[serde(rename = "dedicatedip")]
        pub dedicated_ip: Option<IpAddr>,
        /// The services of the order (wire name `productids`).
        #[serde_as(as = Ids)]
        #[serde(rename = "productids", default)]
        pub service_ids: Vec<ServiceId>,
    }
}

/// The order to search for. The list of orders does not contain the product, but the list of services does.
#[derive(Serialize, Deserialize)]
struct WantedOrder {
    product: ProductId,
}

http_core::wire::models! {
    /// An order as it appears in the list; only the id is required.
    struct OrderRow {
        id: OrderId,
        status: Option<OrderStatus>,
    }
}

impl Seek for WantedOrder {
    type Handle = Orders;
    type Row = OrderRow;
    type Found = PlacedOrder;

    fn operation(&self) -> Operation {
        CREATE
    }

    #[inline]
    fn list(&self, orders: &Orders) -> ListCall<OrderRow> {
        orders.client.call(&LIST, []).rows(|body, each| ROWS.find_listed(body, each))
    }

    fn id(row: &OrderRow) -> String {
        row.id.to_string()
    }

    #[inline]
    fn fit(&self, row: &OrderRow) -> Fit {
        Fit::new().unless(row.status == Some(OrderStatus::Cancelled))
    }

    #[inline]
    fn others(&self, orders: &Orders) -> Option<Call<Vec<String>>> {
        let product = self.product;
        let services = orders.client.services().listed().tolerant();
        Some(services.and_then(move |services| {
            if services.failed > 0 {
                // The service may belong to an order for another product.
                return Err(Error::not_found("a service cannot be decoded"));
            }
            let others =
                services.items.iter().filter(|service| service.product_id.is_some_and(|id| id != product));
            Ok(others.filter_map(|service| Some(service.order_id?.to_string())).collect())
        }))
    }

    #[inline]
    fn fetch(&self, orders: &Orders, id: &str) -> Call<PlacedOrder> {
        let order = orders.list().only("order", id, |order| order.id.to_string());
        order.map(|order| {
            let Order { id: order_id, invoice_id, service_ids, .. } = order;
            PlacedOrder { order_id, invoice_id, service_ids }
        })
    }

    fn found_id(order: &PlacedOrder) -> String {
        order.order_id.to_string()
    }
}

impl Order {
    /// Returns whether the order is paid, so that its VPS can be installed.
    pub fn is_active(&self) -> bool {
        self.status == OrderStatus::Active
    }

    /// Returns whether the order is waiting for payment and can be cancelled.
    pub fn is_pending(&self) -> bool {
        self.status == OrderStatus::Pending
    }

    /// Returns whether the order is cancelled, so that nothing has to be paid.
    pub fn is_cancelled(&self) -> bool {
        self.status == OrderStatus::Cancelled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn observed_ids_and_money_are_numbers_or_strings() {
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
    fn observed_zero_dates_and_empty_strings_are_absent() {
        let json = r#"{"id": 1, "status": "Active", "ordernum": "", "amount": "", "invoiceid": "",
            "nextduedate": "0000-00-00", "payStatus": "", "unpaidInvoices": "", "dedicatedip": "", "productids": ""}"#;
        let order: Order = serde_json::from_str(json).unwrap();
        let again = serde_json::to_string(&order).unwrap();
        let bare: Order = serde_json::from_str(r#"{"id": 1, "status": "Active"}"#).unwrap();
        assert_eq!(again, serde_json::to_string(&bare).unwrap());
        assert_eq!((order.next_due_date, order.dedicated_ip, order.amount), (None, None, None));
    }

    #[test]
    fn observed_rows_may_contain_undocumented_fields() {
        let json = r#"{"id": 1, "status": "Active", "nextduedate": "2026-12-01", "payStatus": "Paid",
            "unpaidInvoices": "0", "dedicatedip": "37.1.0.111", "productids": "49700,49701", "tomorrow": {}}"#;
        let order: Order = serde_json::from_str(json).unwrap();
        assert_eq!(order.next_due_date.unwrap().to_rfc3339(), "2026-12-01T00:00:00+00:00");
        assert_eq!((order.pay_status.as_deref(), order.unpaid_invoices), (Some("Paid"), Some(0)));
        assert_eq!(order.dedicated_ip, Some([37, 1, 0, 111].into()));
        assert_eq!(order.service_ids, [ServiceId::new(49700), ServiceId::new(49701)]);
    }

    #[test]
    fn the_longest_accepted_list_is_read_in_every_form() {
        let row = |id: u32| {
            format!(
                r#"{{"id":"{id}","ordernum":"8634530000","amount":"5.00","invoiceid":"366000","status":"Active"}}"#
            )
        };
        let rows: Vec<_> = (1..=80_000).map(row).collect();
        let keyed: Vec<_> = rows.iter().zip(1..).map(|(row, id)| format!("\"{id}\":{row}")).collect();
        for body in [
            format!(r#"{{"orders":{{{}}}}}"#, keyed.join(",")),
            format!(r#"{{"orders":[{}]}}"#, rows.join(",")),
            format!(r#"{{"orders":{{"order":[{}]}}}}"#, rows.join(",")),
        ] {
            assert!(body.len() > 7 * 1024 * 1024, "{}", body.len());
            let client = Client::with_key("the key").unwrap();
            let read = client.orders().listed().finish(http_core::http::Response::new(body.clone().into()));
            assert_eq!(read.map(|orders| orders.len()).unwrap(), rows.len(), "{}", &body[..40]);
        }
    }
}
