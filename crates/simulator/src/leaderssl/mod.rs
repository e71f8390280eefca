//! LeaderSSL GPU servers: products, orders, servers.

mod products;
mod servers;
mod time;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use self::products::{MODELS, Model, Period, Product};
use self::servers::{Power, Server};
use crate::base::router::{Miss, Router};
use crate::base::{
    Billed, Books, Clock, Identity, Ids, Kept, Parameters, Provider, Request, Response, Route,
};

pub(crate) const USER_ID: u64 = 1703;
pub(crate) const LOGIN: &str = "gpu@example.org";
pub(crate) const PASSWORD: &str = "leaderssl-simulator-password";

const fn route(operation: &'static str, method: &'static str, path: &'static str) -> Route {
    Route { operation, method, path, location_scoped: false }
}

static ROUTES: &[Route] = &[
    route("auth.sign_in", "POST", "/api/v1/users/signin"),
    route("product.list", "GET", "/api/v1/users/{user_id}/servers/products"),
    route("order.create", "POST", "/api/v1/servers/order"),
    // Not documented, but used by a client that places real orders.
    route("order.create", "POST", "/api/v1/users/{user_id}/servers/order"),
    route("server.list", "GET", "/api/v1/users/{user_id}/servers"),
    route("server.start", "POST", "/api/v1/users/{user_id}/servers/{id}/start"),
    route("server.stop", "POST", "/api/v1/users/{user_id}/servers/{id}/stop"),
    route("server.suspend", "POST", "/api/v1/users/{user_id}/servers/{id}/suspend"),
    route("server.resume", "POST", "/api/v1/users/{user_id}/servers/{id}/resume"),
];

static ROUTER: LazyLock<Router> = LazyLock::new(|| Router::new(ROUTES));

/// The session token of other clients of the same account.
const OTHER_SESSION: &str = "another-client";

/// An unpaid order.
#[derive(Debug)]
struct Order {
    id: u64,
    product: Product,
    os: String,
    period_count: u32,
}

/// The state of LeaderSSL.
#[derive(Debug)]
pub(crate) struct LeaderSsl {
    ids: Ids,
    began: DateTime<Utc>,
    pub(crate) sessions: BTreeSet<String>,
    servers: Kept<Server>,
    orders_ever: u64,
    unpaid: Vec<Order>,
    pub(crate) awaits_payment: bool,
    pub(crate) failure_status: u16,
}

impl LeaderSsl {
    pub(crate) const NAME: &str = "leaderssl-gpu";

    pub(crate) fn new(mut ids: Ids, clock: &Clock) -> Self {
        // One server of each documented kind: occupied, in the queue, ready.
        let servers = [(228, 536, "centos", true), (271, 545, "ubuntu", false), (14, 534, "windows", false)]
            .into_iter()
            .filter_map(|(id, product, os, assigned)| {
                let mut server = Server::new(id, Product::find(product)?, os, ids.token(40), clock);
                if assigned {
                    let ended = clock.now() - TimeDelta::hours(12);
                    server.assigned = Some("198.51.100.19");
                    server.used = TimeDelta::minutes(3691);
                    (server.started_at, server.ended_at) = (Some(ended - server.used), Some(ended));
                }
                Some(server)
            })
            .collect::<Vec<_>>();
        Self {
            ids,
            began: clock.now(),
            sessions: BTreeSet::new(),
            servers: servers.into(),
            orders_ever: 0,
            unpaid: Vec::new(),
            awaits_payment: false,
            failure_status: 200,
        }
    }

    fn sign_in(&mut self, request: &Request) -> Response {
        let given = |name| request.argument(name).unwrap_or_default();
        if given("login") != LOGIN || given("password") != PASSWORD {
            return refused(&json!("Invalid login or password"));
        }
        let (token, public_token) = (self.ids.token(22), self.ids.token(22));
        self.sessions.insert(token.clone());
        Response::json(200, &json!({"id": USER_ID, "auth_token": token, "public_token": public_token}))
    }

    fn signed_in(&self, request: &Request) -> bool {
        let in_query =
            request.query.iter().find(|(name, _)| name == "auth_token").map(|(_, token)| token.as_str());
        request.header("x-auth-token").or(in_query).is_some_and(|token| self.sessions.contains(token))
    }

    /// Returns the time at which a unit of the model becomes free; `None` if one is free now.
    fn free_time(&mut self, model: &Model, clock: &Clock) -> Option<DateTime<Utc>> {
        let others_leave = self.began + TimeDelta::minutes(model.taken_for_minutes);
        if clock.now() < others_leave {
            return Some(others_leave);
        }
        let same = |server: &&mut Server| server.product.model.configuration_id == model.configuration_id;
        let in_use =
            self.servers.iter_mut().filter(same).filter_map(|server| server.in_use(clock).then_some(()));
        // Nobody knows when a running server will be stopped. One hour is a guess, as is the provider's own value.
        (in_use.count() >= model.units).then(|| clock.now() + TimeDelta::hours(1))
    }

    fn products(&mut self, clock: &Clock) -> Value {
        Product::all().map(|product| product.to_json(self.free_time(product.model, clock))).collect()
    }

    fn list(&mut self, clock: &Clock) -> Value {
        let free: Vec<_> = MODELS.iter().map(|model| self.free_time(model, clock)).collect();
        let free_time = |server: &Server| {
            let same = |model: &Model| model.configuration_id == server.product.model.configuration_id;
            MODELS.iter().position(same).and_then(|index| free[index])
        };
        self.servers.iter_mut().map(|server| server.row(free_time(server), clock)).collect()
    }

    fn order(&mut self, request: &Request, clock: &Clock) -> Response {
        let number = |name| request.argument(name).and_then(|text| text.parse::<u64>().ok());
        let product = number("nomenclature_id").and_then(Product::find);
        let os = request.argument("os").unwrap_or_default();
        let periods =
            number("period_count").and_then(|count| u32::try_from(count).ok()).filter(|count| *count > 0);
        let os_runs = product.is_none_or(|product| product.model.os.contains(&os.as_str()));
        let (Some(product), Some(period_count), true) = (product, periods, os_runs) else {
            let errors: Vec<_> = [
                (product.is_none(), "Nomenclature is not available"),
                (!os_runs, "Os is not included in the list"),
                (periods.is_none(), "Period count must be greater than 0"),
            ]
            .into_iter()
            .filter_map(|(wrong, text)| wrong.then_some(text))
            .collect();
            return refused(&json!(errors));
        };
        self.orders_ever += 1;
        let (order_id, bill) = (self.ids.number(1233), self.ids.token(40));
        let order = Order { id: order_id, product, os, period_count };
        if self.awaits_payment {
            self.unpaid.push(order);
        } else {
            self.deliver(&order, clock);
        }
        let url = format!("https://order.leaderssl.example/payments/{bill}");
        Response::json(200, &json!({"order_id": order_id, "bill": bill, "url": url}))
    }

    fn change(&mut self, operation: &str, id: &str, clock: &Clock) -> Response {
        let found = self.servers.iter().position(|server| server.id.to_string() == id);
        let free = found.is_some_and(|index| {
            let model = self.servers[index].product.model;
            self.free_time(model, clock).is_none()
        });
        let done = found.and_then(|index| self.servers.get_mut(index)).is_some_and(|server| {
            let power = server.power.peek(clock);
            let allowed = match operation {
                "server.start" => power == Power::Off && free,
                "server.resume" => power == Power::Off && free && server.suspended,
                "server.suspend" => server.may_suspend(clock),
                _ => power == Power::Up,
            };
            match operation {
                _ if !allowed => {}
                "server.start" | "server.resume" => server.start(clock),
                _ => server.stop(operation == "server.suspend", clock),
            }
            allowed
        });
        if done { Response::json(200, &json!({"success": true})) } else { self.failed() }
    }

    fn failed(&self) -> Response {
        Response::json(self.failure_status, &json!({"success": "false"}))
    }

    /// Pays an order that is awaiting payment, which creates its server. Returns false if there is no such order.
    pub(crate) fn pay(&mut self, order_id: u64, clock: &Clock) -> bool {
        let at = self.unpaid.iter().position(|order| order.id == order_id);
        let paid = at.map(|at| self.unpaid.remove(at));
        paid.map(|order| self.deliver(&order, clock)).is_some()
    }

    fn deliver(&mut self, order: &Order, clock: &Clock) {
        let (id, token) = (self.ids.number(300), self.ids.token(40));
        let server = Server::new(id, order.product, &order.os, token, clock);
        self.servers.push(Server { period_count: order.period_count, ..server });
    }
}

fn refused(error: &Value) -> Response {
    Response::json(401, &json!({ "error": error }))
}

impl Provider for LeaderSsl {
    fn router(&self) -> &'static Router {
        &ROUTER
    }

    fn answer(
        &mut self,
        route: &Route,
        parameters: &Parameters,
        request: &Request,
        clock: &Clock,
    ) -> Response {
        if route.operation == "auth.sign_in" {
            return self.sign_in(request);
        }
        let user = parameters.get("user_id");
        if !self.signed_in(request) || !(user.is_empty() || user == USER_ID.to_string()) {
            return refused(&json!("Authentication required"));
        }
        match route.operation {
            "product.list" => Response::json(200, &self.products(clock)),
            "order.create" => self.order(request, clock),
            "server.list" => Response::json(200, &self.list(clock)),
            operation => self.change(operation, parameters.get("id"), clock),
        }
    }

    fn newest(&self, operation: &str) -> Identity {
        let last = self.servers.last().filter(|_| operation == "order.create");
        last.map(|server| ("id", server.id.to_string())).into_iter().collect()
    }

    fn unknown_resource(&self, _: &str, _: &str) -> Response {
        self.failed()
    }

    fn credentials(&mut self) -> HeaderMap {
        self.sessions.insert(OTHER_SESSION.to_owned());
        let session = HeaderValue::from_static(OTHER_SESSION);
        HeaderMap::from_iter([(HeaderName::from_static("x-auth-token"), session)])
    }

    /// Adds all orders and servers to `books`. A server that is billed by the minute is included only while it is in
    /// use.
    fn books(&mut self, clock: &Clock, books: &mut Books) {
        books.count(Self::NAME, "order", self.orders_ever);
        books.count(Self::NAME, "server", self.servers.ever());
        for server in self.servers.iter_mut() {
            if server.product.period == Period::Minute && !server.in_use(clock) {
                continue;
            }
            books.billed.push(Billed {
                provider: Self::NAME,
                kind: "server",
                id: server.id.to_string(),
                name: server.product.name(),
                since: server.started_at.unwrap_or(self.began),
            });
        }
    }

    /// Responds with 404 even if only the method is wrong, because Rails matches path and method together.
    fn unknown(&mut self, _: &Request, _: &Miss) -> Response {
        Response::json(404, &json!({"status": 404, "error": "Not Found"}))
    }
}
