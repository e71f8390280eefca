//! The simulated elastis.id.
#![allow(clippy::unnecessary_wraps, reason = "all endpoints share one signature, though some never fail")]

mod billing;
mod endpoints;
mod resources;
mod state;
#[cfg(test)]
mod testing;
mod wire;

use std::sync::LazyLock;

use http::{HeaderMap, HeaderName, HeaderValue};

pub(crate) use self::billing::BILLING_ACCOUNTS;
use self::billing::{Billing, BillingResponse};
use self::endpoints::context::{Answer, Context, Endpoint};
use self::state::customer::Customer;
use self::state::location::LOCATIONS;
use self::state::site::Site;
pub(crate) use self::state::token::API_KEY;
use self::state::user;
use self::wire::caller::Caller;
use self::wire::errors;
use crate::base::router::{Miss, Router};
use crate::base::{Billed, Books, Clock, Identity, Ids, Parameters, Provider, Request, Response, Route};
use rust_decimal::Decimal;

static ENDPOINTS: LazyLock<Vec<Endpoint>> = LazyLock::new(|| endpoints::ALL.concat());

static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(|| {
    let routes = ENDPOINTS.iter().map(|endpoint| endpoint.route);
    routes.chain(billing::ROUTES.iter().copied()).collect()
});

static ROUTER: LazyLock<Router> = LazyLock::new(|| Router::new(&ROUTES));

/// The state of elastis.id.
pub(crate) struct Elastis {
    ids: Ids,
    customer: Customer,
    /// The resources of each location, in the order of [`LOCATIONS`].
    sites: Vec<Site>,
    billing: Billing,
    responses: u64,
}

impl Elastis {
    pub(crate) const NAME: &str = "elastis";

    pub(crate) fn new(mut ids: Ids, clock: &Clock) -> Self {
        let customer = Customer::new(&mut ids, clock);
        let sites = LOCATIONS.iter().zip([1, 129]).map(|(location, octet)| Site::new(location.slug, octet));
        Self { customer, sites: sites.collect(), billing: Billing::new(clock.now()), ids, responses: 0 }
    }

    /// Returns the caller that the request's API key identifies.
    fn caller(&self, request: &Request) -> Result<Caller, Response> {
        let key = request.header("apikey").filter(|key| !key.is_empty());
        let key = key.ok_or_else(|| errors::message(401, "No API key found in request"))?;
        let token = self.customer.tokens.iter().find(|token| token.opens(key));
        let token = token.ok_or_else(|| errors::message(403, "Invalid authentication credentials"))?;
        Ok(Caller { user_id: user::ID, restricted_to: token.restricted_to() })
    }

    fn respond(
        &mut self,
        route: &Route,
        parameters: &Parameters,
        request: &Request,
        clock: &Clock,
    ) -> Answer {
        let slug = Some(parameters.get("location")).filter(|slug| !slug.is_empty());
        let at = self.sites.iter().position(|site| slug.is_none_or(|slug| site.slug == slug));
        // The location is checked before the key, because the gateway determines the valid keys from the route.
        let at = at.ok_or_else(errors::no_route)?;
        let caller = self.caller(request)?;
        let now = clock.now();
        self.customer.user.last_activity = now;
        for site in &mut self.sites {
            site.forget(now);
            site.back_up(&mut self.ids, now);
        }
        let Some(endpoint) = ENDPOINTS.iter().find(|endpoint| endpoint.route == *route) else {
            let resources = self.resources(clock);
            return match self.billing.answer(route, parameters, request, &resources, caller, now) {
                BillingResponse::Response(response) => Ok(response),
                BillingResponse::Assign { uuid, kind, billing_account_id } => {
                    self.assign(at, &kind, &uuid, billing_account_id, clock)
                }
            };
        };
        // A new resource stores the time from which it is billed. For an existing resource, the costs have to be
        // recorded both before and after a change. Creating a VM from an existing disk changes the disk.
        let is_new = route.operation.ends_with(".create") && request.value("disk_uuid").is_none();
        let changes_costs = route.method != "GET" && !is_new;
        if changes_costs {
            self.meter(clock);
        }
        let site = self.sites.get_mut(at).ok_or_else(errors::no_route)?;
        let mut context = Context {
            customer: &mut self.customer,
            site,
            billing: &self.billing,
            ids: &mut self.ids,
            clock,
            now,
            caller,
            parameters,
            request,
        };
        let answer = (endpoint.answer)(&mut context);
        if changes_costs {
            self.meter(clock);
        }
        answer
    }

    /// Adds an id to a response. The provider's support can find the request by this id.
    fn finish(&mut self, answer: Answer) -> Response {
        self.responses += 1;
        let mut response = answer.unwrap_or_else(|response| response);
        response.headers.push(("x-warren-correlation-id", format!("{:032x}", self.responses)));
        response
    }
}

impl Elastis {
    pub(crate) fn set_clones_with_address(&mut self, with_address: bool) {
        self.customer.clones_with_address = with_address;
    }

    pub(crate) fn add_credit(&mut self, billing_account: u64, amount: Decimal, clock: &Clock) -> bool {
        let exists = self.billing.account_exists(billing_account);
        if exists {
            self.billing.top_up(billing_account, amount, clock.now(), "Credit top up");
        }
        exists
    }

    pub(crate) fn put_objects(&mut self, bucket: &str, objects: u64, bytes: u64, clock: &Clock) -> bool {
        let found = self.customer.buckets.iter_mut().find(|row| row.name == bucket);
        found.map(|bucket| bucket.put(objects, bytes, clock.now())).is_some()
    }

    pub(crate) fn empty_bucket(&mut self, bucket: &str, clock: &Clock) -> bool {
        let found = self.customer.buckets.iter_mut().find(|row| row.name == bucket);
        found.map(|bucket| bucket.empty(clock.now())).is_some()
    }
}

impl Provider for Elastis {
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
        let answer = self.respond(route, parameters, request, clock);
        self.finish(answer)
    }

    /// Returns the last resource of every location. The caller compares the results before and after an operation to
    /// find the new resource.
    fn newest(&self, operation: &str) -> Identity {
        let sites = self.sites.iter();
        let uuid = |uuid: &String| ("uuid", uuid.clone());
        match operation {
            "vm.create" | "vm.clone" => sites.filter_map(|site| Some(uuid(&site.vms.last()?.uuid))).collect(),
            "disk.create" | "vm_disk.add" => {
                sites.filter_map(|site| Some(uuid(&site.disks.last()?.uuid))).collect()
            }
            "network.create" => sites.filter_map(|site| Some(uuid(&site.networks.last()?.uuid))).collect(),
            "load_balancer.create" => {
                sites.filter_map(|site| Some(uuid(&site.load_balancers.last()?.uuid))).collect()
            }
            "floating_ip.create" => {
                let last = sites.filter_map(|site| site.floating_ips.last());
                last.flat_map(|ip| [uuid(&ip.uuid), ("address", ip.address.clone())]).collect()
            }
            "bucket.create" => {
                self.customer.buckets.last().map(|bucket| ("name", bucket.name.clone())).into_iter().collect()
            }
            "token.create" => self
                .customer
                .tokens
                .last()
                .map(|token| ("kong_id", token.kong_id.clone()))
                .into_iter()
                .collect(),
            "s3_key.create" => {
                let last = self.customer.s3.as_ref().and_then(|user| user.keys.last());
                last.map(|key| ("accessKey", key.access.clone())).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    fn unknown_resource(&self, operation: &str, id: &str) -> Response {
        match operation.split_once('.').map_or(operation, |(resource, _)| resource) {
            "disk" => errors::unknown_disk(),
            "network" => errors::unknown_network(),
            "floating_ip" => errors::unknown_address(id),
            "load_balancer" => errors::unknown_load_balancer(),
            "bucket" => errors::unknown_bucket(),
            _ => errors::unknown_vm(id),
        }
    }

    fn credentials(&mut self) -> HeaderMap {
        HeaderMap::from_iter([(HeaderName::from_static("apikey"), HeaderValue::from_static(API_KEY))])
    }

    fn books(&mut self, clock: &Clock, books: &mut Books) {
        let sum = |ever: fn(&Site) -> u64| self.sites.iter().map(ever).sum();
        for (kind, created) in [
            ("vm", sum(|site| site.vms.ever())),
            ("disk", sum(|site| site.disks.ever())),
            ("network", sum(|site| site.networks.ever())),
            ("ip", sum(|site| site.floating_ips.ever())),
            ("load_balancer", sum(|site| site.load_balancers.ever())),
            ("bucket", self.customer.buckets.ever()),
            ("token", self.customer.tokens.ever()),
            ("s3_key", self.customer.s3.as_ref().map_or(0, |user| user.keys.ever())),
        ] {
            books.count(Self::NAME, kind, created);
        }
        books.billed.extend(self.resources(clock).into_iter().map(|resource| Billed {
            provider: Self::NAME,
            kind: resource.kind,
            name: resource.json["name"].as_str().unwrap_or(&resource.description).to_owned(),
            id: resource.uuid,
            since: resource.since,
        }));
    }

    fn unknown(&mut self, _: &Request, miss: &Miss) -> Response {
        self.finish(Err(match miss {
            Miss::Path => errors::no_route(),
            Miss::Method(allowed) => errors::wrong_method(allowed),
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::testing::Lab;
    use super::*;
    use serde_json::json;

    #[test]
    fn each_operation_has_one_name_and_one_endpoint() {
        let names: BTreeSet<_> = ROUTES.iter().map(|route| route.operation).collect();
        let endpoints: BTreeSet<_> = ROUTES.iter().map(|route| (route.method, route.path)).collect();
        assert_eq!((names.len(), endpoints.len()), (ROUTES.len(), ROUTES.len()));
    }

    #[test]
    fn a_missing_key_and_a_wrong_key_have_different_errors() {
        let mut lab = Lab::new();
        lab.key = String::new();
        assert_eq!(lab.status("GET", "/v1/user-resource/user", ""), 401);
        lab.key = "guess".to_owned();
        let (status, body) = lab.form("GET", "/v1/payment/billing_account/list", "");
        assert_eq!((status, body), (403, json!({"message": "Invalid authentication credentials"})));
    }

    #[test]
    fn a_wrong_method_and_a_wrong_path_have_different_errors() {
        let mut lab = Lab::new();
        let (status, body) = lab.form("PUT", "/v1/bus02/user-resource/vm/list", "");
        assert_eq!((status, body), (405, json!({"errors": {"405 Method Not Allowed": null}})));
        assert_eq!(lab.status("GET", "/v1/user-resource/vms", ""), 404);
        let response = lab.send("TRACE", "/v1/storage/disks/7", None, "");
        assert!(
            response.headers.contains(&("allow", "DELETE, GET, PATCH".to_owned())),
            "{:?}",
            response.headers
        );
        assert_eq!(
            lab.status("GET", "/v1/bus02/storage/bucket/list", ""),
            200,
            "every path accepts a location"
        );
    }

    #[test]
    fn every_response_has_a_correlation_id_of_its_own() {
        let mut lab = Lab::new();
        let mut seen = BTreeSet::new();
        for path in ["/v1/user-resource/user", "/v1/xyz09/user-resource/vm/list", "/nowhere"] {
            let response = lab.send("GET", path, None, "");
            let id = response.headers.iter().find(|(name, _)| *name == "x-warren-correlation-id");
            assert!(seen.insert(id.unwrap().1.clone()), "{path}");
        }
    }

    #[test]
    fn one_error_names_several_bad_parameters() {
        let (status, body) = Lab::new().form("POST", "/v1/user-resource/vm/storage", "uuid=7&size_gb=");
        let errors = json!({
            "uuid": "Invalid UUID provided",
            "size_gb": "Required parameter 'size_gb' not supplied",
        });
        assert_eq!((status, body), (400, json!({"errors": errors})));
    }
}
