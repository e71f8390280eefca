//! Finds the route of a request.

use std::collections::{HashMap, HashSet};

use http::Method;
use percent_encoding::percent_decode_str;

use super::exchange::{Parameters, Route, pairs};

/// A provider's routes, indexed by method and path.
#[derive(Debug)]
pub(crate) struct Router {
    routes: &'static [Route],
    /// The indexes of routes whose templates have no placeholders, by template.
    literal: HashMap<&'static str, Vec<usize>>,
    /// The indexes of routes whose templates have placeholders, by number of segments.
    named: HashMap<usize, Vec<usize>>,
    /// The segments that can follow `/v1/` without a location; empty for a provider without locations.
    sections: HashSet<&'static str>,
}

/// A request's route.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) route: &'static Route,
    /// The values of the placeholders in the path.
    pub(crate) parameters: Parameters,
    /// The request's deviation from the documentation, if any, which the provider accepts nevertheless.
    pub(crate) lenience: Option<&'static str>,
}

/// The reason why a request has no route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Miss {
    /// No operation has this path.
    Path,
    /// The path exists, but only with these methods.
    Method(Vec<&'static str>),
}

/// The only operation whose path is documented with a trailing slash.
const WITH_SLASH: &str = "floating_ip.create";

impl Router {
    pub(crate) fn new(routes: &'static [Route]) -> Self {
        let (mut literal, mut named) = (HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        for (index, route) in routes.iter().enumerate() {
            let template = template(route);
            if template.contains('{') {
                named.entry(template.split('/').count()).or_default().push(index);
            } else {
                literal.entry(template).or_default().push(index);
            }
        }
        let located = routes.iter().any(|route| route.location_scoped);
        let section = |route: &'static Route| template(route).split('/').nth(2).filter(|_| located);
        Self { routes, literal, named, sections: routes.iter().filter_map(section).collect() }
    }

    pub(crate) fn routes(&self) -> &'static [Route] {
        self.routes
    }

    /// Returns the matching route that has the fewest placeholders.
    pub(crate) fn find(
        &self,
        method: &Method,
        path: &str,
        query: &[(String, String)],
    ) -> Result<Found, Miss> {
        let slash = path.strip_suffix('/').filter(|path| !path.is_empty());
        let (shorter, location) = self.without_location(slash.unwrap_or(path));
        let plural =
            shorter.strip_prefix("/v1/storage/disk/").map(|rest| format!("/v1/storage/disks/{rest}"));
        let path = plural.as_deref().unwrap_or(&shorter);
        let literal = self.literal.get(path).into_iter().flatten();
        let named = self.named.get(&path.split('/').count()).into_iter().flatten();
        let mut candidates: Vec<_> = literal
            .chain(named)
            .filter_map(|index| {
                let route = self.routes.get(*index)?;
                let is_chosen =
                    |(_, wanted): (&str, &str)| pairs(wanted).iter().all(|pair| query.contains(pair));
                let chosen = route.path.split_once('?').is_none_or(is_chosen);
                Some((route, same_shape(template(route), path)?)).filter(|_| chosen)
            })
            .collect();
        if candidates.is_empty() {
            return Err(Miss::Path);
        }
        let all: Vec<_> = candidates.iter().map(|(route, _)| *route).collect();
        candidates.retain(|(route, _)| route.takes(method));
        let best = candidates.into_iter().min_by_key(|(_, names)| names.len());
        let (route, mut values) = best.ok_or_else(|| Miss::Method(methods(&all)))?;
        let lenience = if slash.is_some() && route.operation != WITH_SLASH {
            Some("the path ends with a slash")
        } else if plural.is_some() {
            Some("the path contains 'disk' instead of 'disks'")
        } else if location.is_some() && !route.location_scoped {
            Some("the documented path has no location")
        } else {
            None
        };
        values.extend(location.map(|slug| ("location", decode(slug))));
        Ok(Found { route, parameters: Parameters(values), lenience })
    }

    /// Returns the path without the location's slug, and the slug.
    fn without_location<'a>(&self, path: &'a str) -> (std::borrow::Cow<'a, str>, Option<&'a str>) {
        let below = path.strip_prefix("/v1/").filter(|_| !self.sections.is_empty());
        match below.and_then(|below| below.split_once('/')) {
            Some((slug, rest)) if !self.sections.contains(slug) => (format!("/v1/{rest}").into(), Some(slug)),
            _ => (path.into(), None),
        }
    }

    /// Returns the route whose template is most similar to the path, as a hint for a mistyped path.
    pub(crate) fn nearest(&self, method: &Method, path: &str) -> Option<&'static Route> {
        let likeness = |(wanted, sent): (&str, &str)| match wanted {
            _ if wanted == sent => 4,
            _ if wanted.starts_with('{') => 3,
            _ if !sent.is_empty() && (wanted.starts_with(sent) || sent.starts_with(wanted)) => 2,
            _ => 0,
        };
        let common = |route: &Route| {
            let pairs = route.path.split(['/', '?']).zip(path.split(['/', '?']));
            pairs.map(likeness).sum::<usize>() + usize::from(route.takes(method))
        };
        self.routes.iter().max_by_key(|route| (common(route), std::cmp::Reverse(route.path.len())))
    }
}

impl Route {
    /// Returns whether the route accepts the method. Inferno's actions accept GET as well as their documented method.
    fn takes(&self, method: &Method) -> bool {
        method == self.method || self.path.contains('?') && method == Method::GET
    }
}

fn methods(routes: &[&Route]) -> Vec<&'static str> {
    let mut methods: Vec<_> = routes.iter().map(|route| route.method).collect();
    if routes.iter().any(|route| route.path.contains('?')) {
        methods.push("GET");
    }
    methods.sort_unstable();
    methods.dedup();
    methods
}

fn template(route: &Route) -> &'static str {
    route.path.split_once('?').map_or(route.path, |(path, _)| path)
}

fn same_shape(template: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let mut segments = path.split('/');
    let mut found = Vec::new();
    for expected in template.split('/') {
        let segment = segments.next()?;
        match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) if !segment.is_empty() => found.push((name, decode(segment))),
            None if segment == expected => {}
            _ => return None,
        }
    }
    segments.next().is_none().then_some(found)
}

fn decode(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

/// Returns whether `pattern` matches the operation. A pattern is `vm.create`, `elastis/vm.create`, `elastis/*` or `*`.
pub(crate) fn names(pattern: &str, provider: &str, operation: Option<&str>) -> bool {
    let operation_of = match pattern.split_once('/') {
        Some((named, rest)) if named == provider => rest,
        Some(_) => return false,
        None => pattern,
    };
    operation_of == "*" || operation == Some(operation_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn route(operation: &'static str, method: &'static str, path: &'static str, scoped: bool) -> Route {
        Route { operation, method, path, location_scoped: scoped }
    }

    static ROUTES: &[Route] = &[
        route("disk.get", "GET", "/v1/storage/disks/{disk_uuid}", true),
        route("disk.list", "GET", "/v1/storage/disks", true),
        route("disk.create", "POST", "/v1/storage/disks", true),
        route("disk.special", "GET", "/v1/storage/disks/special", true),
        route("bucket.get", "GET", "/v1/storage/bucket", false),
        route("floating_ip.create", "POST", "/v1/network/ip_addresses", true),
        route("balance.get", "POST", "/client.php?action=balance", false),
        route("order.list", "POST", "/client.php?action=orders", false),
    ];

    fn find(method: &Method, path: &str, query: &str) -> Result<Found, Miss> {
        Router::new(ROUTES).find(method, path, &pairs(query))
    }

    fn found(path: &str) -> (&'static str, Parameters, Option<&'static str>) {
        let Found { route, parameters, lenience } = find(&Method::GET, path, "").unwrap();
        (route.operation, parameters, lenience)
    }

    #[test]
    fn a_placeholder_value_is_decoded() {
        let (operation, parameters, _) = found("/v1/storage/disks/a%2Fb");
        assert_eq!((operation, parameters.get("disk_uuid")), ("disk.get", "a/b"));
        assert_eq!(parameters.get("location"), "");
    }

    #[test]
    fn a_location_is_accepted_in_every_path_and_reported_if_undocumented() {
        let (_, parameters, lenience) = found("/v1/bus02/storage/disks/7");
        assert_eq!((parameters.get("location"), parameters.get("disk_uuid")), ("bus02", "7"));
        assert_eq!(lenience, None);
        let (operation, parameters, lenience) = found("/v1/bus02/storage/bucket");
        assert_eq!((operation, parameters.get("location")), ("bucket.get", "bus02"));
        assert!(lenience.is_some());
    }

    #[test]
    fn a_literal_segment_wins_over_a_placeholder() {
        assert_eq!(found("/v1/storage/disks/special").0, "disk.special");
    }

    #[test]
    fn a_trailing_slash_and_a_singular_disk_are_accepted_and_reported() {
        for (path, operation) in [
            ("/v1/storage/bucket/", "bucket.get"),
            ("/v1/storage/disks/", "disk.list"),
            ("/v1/storage/disk/7", "disk.get"),
            ("/v1/bus02/storage/disk/7/", "disk.get"),
        ] {
            let (found, _, lenience) = found(path);
            assert_eq!(found, operation, "{path}");
            assert!(lenience.is_some(), "{path}");
        }
        let documented = find(&Method::POST, "/v1/network/ip_addresses/", "").unwrap();
        assert_eq!(documented.lenience, None, "this is the documented form");
    }

    #[test]
    fn a_wrong_method_and_a_wrong_path_are_distinguished() {
        let methods = |miss| find(&Method::PUT, miss, "").unwrap_err();
        assert_eq!(methods("/v1/storage/disks"), Miss::Method(vec!["GET", "POST"]));
        assert_eq!(methods("/v1/storage"), Miss::Path);
        assert_eq!(methods("/v1/storage/disks/a/b"), Miss::Path);
        assert_eq!(methods("/"), Miss::Path);
    }

    #[test]
    fn actions_accept_only_post_and_get() {
        for method in [Method::GET, Method::POST] {
            let found = find(&method, "/client.php", "cid=7&action=balance").unwrap();
            assert_eq!(found.route.operation, "balance.get");
        }
        for method in [Method::TRACE, Method::DELETE, Method::PUT] {
            let refused = find(&method, "/client.php", "action=balance").unwrap_err();
            assert_eq!(refused, Miss::Method(vec!["GET", "POST"]));
        }
        assert_eq!(find(&Method::POST, "/client.php", "action=Balance").unwrap_err(), Miss::Path);
    }

    #[test]
    fn the_nearest_route_belongs_to_the_same_resource() {
        let router = Router::new(ROUTES);
        let near = |method: Method, path| router.nearest(&method, path).unwrap().operation;
        assert_eq!(near(Method::GET, "/v1/storage/buckets"), "bucket.get");
        assert_eq!(near(Method::POST, "/v1/storage/disk"), "disk.create");
        assert_eq!(near(Method::POST, "/client.php?action=order"), "order.list");
    }

    #[test]
    fn a_pattern_matches_one_operation_or_all() {
        for pattern in ["vm.get", "elastis/vm.get", "elastis/*", "*"] {
            assert!(names(pattern, "elastis", Some("vm.get")), "{pattern}");
        }
        for pattern in ["vm.getx", "inferno-vps/vm.get", "inferno-vps/*"] {
            assert!(!names(pattern, "elastis", Some("vm.get")), "{pattern}");
        }
        assert!(names("*", "elastis", None) && !names("vm.get", "elastis", None));
    }
}
