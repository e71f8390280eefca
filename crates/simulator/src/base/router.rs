//! Finds the route of a request.

use http::Method;
use percent_encoding::percent_decode_str;

use super::exchange::{Parameters, Route, pairs};

/// The route that matches with the fewest `{names}`, and what stood in their place.
///
/// A route with a query in its path is chosen by that query alone: PHP does not ask for the method.
pub(crate) fn find(
    routes: &'static [Route],
    method: &Method,
    path: &str,
    query: &[(String, String)],
) -> Option<(&'static Route, Parameters)> {
    routes
        .iter()
        .filter_map(|route| {
            let (template, wanted) = route.path.split_once('?').unwrap_or((route.path, ""));
            let chosen = if wanted.is_empty() {
                route.method == method.as_str()
            } else {
                pairs(wanted).iter().all(|pair| query.contains(pair))
            };
            let found = chosen.then(|| below_location(route, template, path))??;
            Some((route, Parameters(found)))
        })
        .min_by_key(|(_, Parameters(found))| found.len())
}

fn below_location(route: &Route, template: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    same_shape(template, path).or_else(|| {
        let (slug, rest) = path.strip_prefix("/v1/").filter(|_| route.location_scoped)?.split_once('/')?;
        let mut found = same_shape(template.strip_prefix("/v1")?, &format!("/{rest}"))?;
        found.push(("location", decode(slug)));
        Some(found)
    })
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

/// Whether `pattern` names the operation: `vm.create`, `elastis/vm.create`, `elastis/*` or `*`.
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
        route("disk.special", "GET", "/v1/storage/disks/special", true),
        route("bucket.get", "GET", "/v1/storage/bucket", false),
        route("balance.get", "POST", "/client.php?action=balance", false),
    ];

    fn found(method: &Method, path: &str, query: &str) -> Option<(&'static str, Parameters)> {
        find(ROUTES, method, path, &pairs(query)).map(|(route, parameters)| (route.operation, parameters))
    }

    #[test]
    fn a_name_in_the_path_is_decoded() {
        let (operation, parameters) = found(&Method::GET, "/v1/storage/disks/a%2Fb", "").unwrap();
        assert_eq!((operation, parameters.get("disk_uuid")), ("disk.get", "a/b"));
        assert_eq!(parameters.get("location"), "");
    }

    #[test]
    fn a_location_may_follow_the_version_where_the_route_allows_it() {
        let (_, parameters) = found(&Method::GET, "/v1/bus02/storage/disks/7", "").unwrap();
        assert_eq!((parameters.get("location"), parameters.get("disk_uuid")), ("bus02", "7"));
        assert!(found(&Method::GET, "/v1/bus02/storage/bucket", "").is_none());
    }

    #[test]
    fn a_literal_segment_wins_over_a_name() {
        assert_eq!(found(&Method::GET, "/v1/storage/disks/special", "").unwrap().0, "disk.special");
    }

    #[test]
    fn method_and_length_of_the_path_must_fit() {
        assert!(found(&Method::POST, "/v1/storage/bucket", "").is_none());
        assert!(found(&Method::GET, "/v1/storage/bucket/", "").is_none());
        assert!(found(&Method::GET, "/v1/storage/disks/", "").is_none());
        assert!(found(&Method::GET, "/v1/storage", "").is_none());
    }

    #[test]
    fn an_action_is_found_by_any_method() {
        for method in [Method::GET, Method::POST] {
            assert_eq!(found(&method, "/client.php", "cid=7&action=balance").unwrap().0, "balance.get");
        }
        assert!(found(&Method::POST, "/client.php", "action=Balance").is_none());
    }

    #[test]
    fn a_pattern_names_one_operation_or_all() {
        for pattern in ["vm.get", "elastis/vm.get", "elastis/*", "*"] {
            assert!(names(pattern, "elastis", Some("vm.get")), "{pattern}");
        }
        for pattern in ["vm.getx", "inferno-vps/vm.get", "inferno-vps/*"] {
            assert!(!names(pattern, "elastis", Some("vm.get")), "{pattern}");
        }
        assert!(names("*", "elastis", None) && !names("vm.get", "elastis", None));
    }
}
