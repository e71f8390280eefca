//! The services of an account.

use std::net::IpAddr;

use http_core::client::{Operation, operations};
use http_core::wire::{DateTime, Decimal, DecodeError, Utc};
use http_core::{Call, Error, ErrorKind, ListCall};
use serde_json::json;
use serde_json::value::RawValue;

use crate::client::Client;
use crate::ids::{OrderId, ProductId, ServiceId, SshKeyId, TemplateName};
use crate::php::Ids;
use crate::raw::{Raw, keeps_raw};
use crate::response::RowKind;

impl Client {
    /// Returns the handle for the services of the account.
    pub fn services(&self) -> Services {
        Services { client: self.clone() }
    }
}

operations![
    LIST = Operation::post("service.list", "/api_client.php?action=services").read(),
    GET = Operation::post("service.get", "/api_client.php?action=getService").read(),
];

const IDS: &[&str] = &["id", "serviceid"];
const ROWS: RowKind = RowKind { names: &["services", "products", "list", "data"], ids: IDS };
const ONE: RowKind = RowKind { names: &["services", "data"], ids: IDS };

/// The handle for the services of the account; returned by [`Client::services`].
#[derive(Clone, Debug)]
pub struct Services {
    client: Client,
}

impl Services {
    /// Returns all services of the account.
    ///
    /// `POST /api_client.php?action=services`
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::inferno(async |client| {
    /// for service in client.services().list().await? {
    ///     println!("{}: {:?} until {:?}", service.id, service.name, service.next_due_date);
    /// }
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn list(&self) -> ListCall<Service> {
        self.client.call(&LIST, []).usual_rows(|body| ROWS.read(body), |body, each| ROWS.find(body, each))
    }

    /// Returns the list, for reads that must not treat a response without a list as an empty list.
    #[inline]
    pub(crate) fn listed(&self) -> ListCall<Service> {
        self.client.call(&LIST, []).rows(|body, each| ROWS.find_listed(body, each))
    }

    /// Returns a service, with more fields than [`list`](Self::list) returns.
    ///
    /// `POST /api_client.php?action=getService`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](Error::is_not_found): the account has no service with this id.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::inferno_order(async |client, order| {
    /// let order = client.orders().get(order).await?;
    /// for id in order.service_ids {
    ///     let service = client.services().get(id).await?;
    ///     println!("{:?} until {:?}", service.name, service.next_due_date);
    /// }
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn get(&self, id: ServiceId) -> Call<Service> {
        let call = self.client.call(&GET, [("serviceid", json!(id))]).rows(one_service);
        call.and_then(move |services: Vec<Service>| {
            let missing = if services.is_empty() {
                Error::not_found("the response does not contain this service")
            } else {
                Error::new(ErrorKind::Decode, format!("the response is about another service than {id}"))
            };
            services.into_iter().find(|service| service.id == id).ok_or(missing)
        })
    }
}

/// Calls `each` with the service under a known name, or with the whole response if that is the service itself.
fn one_service(body: &str, each: &mut dyn FnMut(&RawValue)) -> Result<(), DecodeError> {
    let whole: &RawValue = serde_json::from_str(body).map_err(|_| DecodeError::new("expected an object"))?;
    if ONE.find(body, each).is_err() {
        each(&ONE.with_id(whole, None));
    }
    Ok(())
}

http_core::wire::open_enum! {
    /// The status of a service.
    pub enum ServiceStatus {
        /// The first invoice is not paid yet.
        Pending = "Pending",
        /// The service is paid and in use.
        Active = "Active",
        /// The provider has suspended the service, usually because an invoice is unpaid.
        Suspended = "Suspended",
        /// The service has ended, and **its data has been deleted**.
        Terminated = "Terminated",
        /// The service was cancelled.
        Cancelled = "Cancelled" | "Canceled",
        /// The provider suspects a fraudulent payment and has put the service on hold.
        Fraud = "Fraud",
        /// The service was delivered and is no longer billed.
        Completed = "Completed",
    }
}

http_core::wire::models! {
    /// A service. The provider publishes no sample of this response: if a field is missing, look for it
    /// in [`raw`](Self::raw).
    #[custom_deserialize]
    pub struct Service {
        /// The service's id.
        pub id: ServiceId,
        /// The order that the service belongs to.
        #[serde(rename = "orderid")]
        pub order_id: Option<OrderId>,
        /// The product that was ordered.
        #[serde(rename = "pid")]
        pub product_id: Option<ProductId>,
        /// The product's name.
        pub name: Option<String>,
        /// The service's status.
        pub status: Option<ServiceStatus>,
        /// The price of one billing cycle, in the account's currency.
        pub amount: Option<Decimal>,
        /// The length of the billing cycle in the provider's words, e.g. `Monthly`.
        #[serde(rename = "billingcycle")]
        pub billing_cycle: Option<String>,
        /// The date of the order (wire name `regdate`).
        #[serde(rename = "regdate")]
        pub registered: Option<DateTime<Utc>>,
        /// The date until which the service is paid for.
        #[serde(rename = "nextduedate")]
        pub next_due_date: Option<DateTime<Utc>>,
        /// The IP address of the service's VPS, once there is one.
        #[serde(rename = "dedicatedip")]
        pub dedicated_ip: Option<IpAddr>,
        /// The template that the VPS was installed from (wire name `ostpl`).
        #[serde(rename = "ostpl")]
        pub template: Option<TemplateName>,
        /// The SSH keys that the VPS was installed with.
        #[serde_as(as = Ids)]
        #[serde(rename = "sshkey_ids", default)]
        pub ssh_key_ids: Vec<SshKeyId>,
        /// The JSON object of the service, without the response around it.
        #[serde(default)]
        pub raw: Raw,
    }
}

keeps_raw!(Service);
