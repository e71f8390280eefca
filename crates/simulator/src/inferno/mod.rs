//! Inferno VPS: one PHP endpoint for orders, VPSes, keys and services.

mod actions;
mod catalog;
mod orders;
mod php;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use http::{HeaderMap, HeaderName, HeaderValue};
use rust_decimal::Decimal;

use self::orders::{Order, Status};
pub(crate) use self::php::PHP_WARNING;
use self::php::{Php, map, text};
pub use self::php::{PhpQuirks, PrintR};
use crate::base::router::{Miss, Router};
use crate::base::{Billed, Books, Clock, Identity, Ids, Parameters, Provider, Request, Response, Route};

pub(crate) const CLIENT_ID: u64 = 777;
pub(crate) const EMAIL: &str = "vps@example.org";
pub(crate) const PASSWORD: &str = "inferno-simulator-password";
const FIRST_KEY: &str = "inferno-simulator-key";

const fn route(operation: &'static str, path: &'static str) -> Route {
    Route { operation, method: "POST", path, location_scoped: false }
}

static ROUTES: &[Route] = &[
    route("api_key.get", "/api_client.php?action=getApiKey"),
    route("catalog.list", "/api_client.php?action=list"),
    route("balance.get", "/api_client.php?action=balance"),
    route("order.create", "/api_client.php?action=create"),
    route("order.list", "/api_client.php?action=orders"),
    route("order.cancel", "/api_client.php?action=cancel"),
    route("vps.install", "/api_client.php?action=install"),
    route("vps.reinstall", "/api_client.php?action=reinstall"),
    route("vps.info", "/api_client.php?action=getinfo"),
    route("vps.reboot", "/api_client.php?action=reboot"),
    route("vps.stop", "/api_client.php?action=stop"),
    route("vps.boot", "/api_client.php?action=boot"),
    route("ssh_key.add", "/api_client.php?action=sshkey.add"),
    route("ssh_key.list", "/api_client.php?action=sshkey.list"),
    route("ssh_key.remove", "/api_client.php?action=sshkey.remove"),
    route("service.list", "/api_client.php?action=services"),
    route("service.get", "/api_client.php?action=getService"),
];

static ROUTER: LazyLock<Router> = LazyLock::new(|| Router::new(ROUTES));

/// The state of Inferno.
#[derive(Debug)]
pub(crate) struct Inferno {
    ids: Ids,
    pub(crate) key: String,
    pub(crate) quirks: PhpQuirks,
    pub(crate) address_refused: bool,
    pub(crate) pays_from_balance: bool,
    pub(crate) balance: Decimal,
    orders: BTreeMap<u64, Order>,
    /// The label and the public key of each SSH key, by id.
    ssh_keys: BTreeMap<u64, (String, String)>,
    keys_ever: u64,
}

/// The result of an action, or its error response.
type Answer = Result<Php, Php>;

fn failure(message: &str) -> Php {
    map([("result", text("fail")), ("message", text(message))])
}

impl Inferno {
    pub(crate) const NAME: &str = "inferno-vps";

    pub(crate) fn new(ids: Ids) -> Self {
        Self {
            ids,
            key: FIRST_KEY.to_owned(),
            quirks: PhpQuirks::default(),
            address_refused: false,
            pays_from_balance: false,
            balance: Decimal::new(10_000, 2),
            orders: BTreeMap::new(),
            ssh_keys: BTreeMap::new(),
            keys_ever: 0,
        }
    }

    /// Pays the invoice of a pending order. Returns false if there is no such order.
    pub(crate) fn pay(&mut self, order_id: u64, clock: &Clock) -> bool {
        let order = self.orders.get_mut(&order_id).filter(|order| order.status == Status::Pending);
        order.map(|order| order.pay(clock)).is_some()
    }

    /// Returns whether the request has the API key, in a header or as an argument. With newer keys, the client id is
    /// optional.
    fn is_client(&self, request: &Request) -> bool {
        let key = request.header("x-key").map(str::to_owned).or_else(|| request.argument("key"));
        let client = request.argument("cid");
        key.as_ref() == Some(&self.key) && client.is_none_or(|client| client == CLIENT_ID.to_string())
    }
}

impl Provider for Inferno {
    fn router(&self) -> &'static Router {
        &ROUTER
    }

    fn answer(&mut self, route: &Route, _: &Parameters, request: &Request, clock: &Clock) -> Response {
        let quirks = self.quirks;
        let refuse = |status, message| failure(message).response(status, false, &quirks);
        if self.address_refused {
            return refuse(403, "Access denied: IP 127.0.0.1 is not in whitelist");
        }
        let is_open = matches!(route.operation, "api_key.get" | "catalog.list");
        if !is_open && !self.is_client(request) {
            return refuse(401, "Access denied: wrong cid or key");
        }
        let installs = matches!(route.operation, "vps.install" | "vps.reinstall");
        let json = request.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
        let print_r = installs
            && match quirks.print_r {
                PrintR::WithoutJson => !json,
                PrintR::Always => true,
                PrintR::Never => false,
            };
        // Inferno responds with 200 to every request that it understands.
        let answer = self.act(route.operation, request, clock);
        answer.unwrap_or_else(|refused| refused).response(200, print_r, &quirks)
    }

    fn newest(&self, operation: &str) -> Identity {
        let (orders, keys) = (self.orders.last_key_value(), self.ssh_keys.last_key_value());
        match operation {
            "order.create" => {
                let id = orders.map(|(id, _)| id.to_string());
                id.into_iter().flat_map(|id| [("id", id.clone()), ("orderid", id)]).collect()
            }
            "ssh_key.add" => keys.map(|(id, _)| ("id", id.to_string())).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    fn unknown_resource(&self, operation: &str, _: &str) -> Response {
        let message = match operation {
            "service.get" => "Service not found",
            "ssh_key.remove" => "SSH key not found",
            _ => "Order ID not found",
        };
        failure(message).response(200, false, &self.quirks)
    }

    fn credentials(&mut self) -> HeaderMap {
        let key = HeaderValue::from_str(&self.key).ok();
        key.map(|key| (HeaderName::from_static("x-key"), key)).into_iter().collect()
    }

    fn books(&mut self, _: &Clock, books: &mut Books) {
        books.count(Self::NAME, "order", self.orders.len() as u64);
        books.count(Self::NAME, "ssh_key", self.keys_ever);
        let active = self.orders.values().filter(|order| order.status == Status::Active);
        books.billed.extend(active.map(|order| Billed {
            provider: Self::NAME,
            kind: "order",
            id: order.id.to_string(),
            name: order.product.name.to_owned(),
            since: order.paid_at.unwrap_or(order.ordered_at),
        }));
    }

    fn unknown(&mut self, request: &Request, miss: &Miss) -> Response {
        if let Miss::Method(allowed) = miss {
            let mut response = Response::with_type(
                405,
                "text/html",
                "<html><head><title>405 Not Allowed</title></head></html>",
            );
            response.headers.push(("allow", allowed.join(", ")));
            return response;
        }
        if request.path == "/api_client.php" {
            return failure("Unknown action").response(200, false, &self.quirks);
        }
        Response::with_type(404, "text/html", "<html><head><title>404 Not Found</title></head></html>")
    }
}
