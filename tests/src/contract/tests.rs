use super::*;
use crate::json::Json;

const PACKAGES: [&str; 6] =
    ["leaderssl-gpu", "inferno-vps", "elastis-core", "elastis-storage", "elastis-network", "elastis-billing"];

fn fixtures() -> impl Iterator<Item = (&'static Contract, Fixture)> {
    PACKAGES.into_iter().flat_map(|package| {
        let contract = Contract::of(package);
        Fixture::load_all(package).unwrap().into_iter().map(move |fixture| (contract, fixture))
    })
}

#[test]
fn every_fixture_matches_its_contract() {
    let mut problems = Vec::new();
    for (contract, fixture) in fixtures() {
        let found = contract.check_request(&fixture.operation, &fixture.request);
        problems.extend(found.into_iter().map(|problem| format!("{}: {problem}", fixture.name())));
        let Some(body) = fixture.response.json.as_ref().map(Json::to_string) else { continue };
        let found = contract.check_response(&fixture.operation, fixture.response.status, body.as_bytes());
        problems.extend(found.into_iter().map(|problem| format!("{}: {problem}", fixture.name())));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_request_is_identified_by_its_method_and_path() {
    for (contract, fixture) in fixtures() {
        let query: Vec<_> =
            fixture.request.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let target = format!("{}?{}", fixture.request.path, query.join("&"));
        let found = contract.operation(&fixture.request.method, &target);
        assert_eq!(found, Some(fixture.operation.as_str()), "{target}");
    }
    let elastis = Contract::of("elastis-core");
    assert_eq!(elastis.operation("GET", "/v1/bus02/user-resource/vm/list"), Some("vm.list"));
    assert_eq!(elastis.operation("GET", "/v1/bus02/config/locations"), None);
}

fn contract() -> Contract {
    Contract::read(&json!({
        "servers": [{"url": "https://a.example/v1"}],
        "paths": {"/lamps/{id}": {"post": {
            "x-operation": "p/lamp.light",
            "parameters": [{"name": "id", "in": "path"}, {"name": "loud", "in": "query"}],
            "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": {"$ref": "#/components/schemas/Light"}}}},
            "responses": {
                "200": {"content": {"application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Lamp"}}}}},
                "204": {},
                "default": {"$ref": "#/components/responses/Refused"},
            },
        }}},
        "components": {
            "schemas": {
                "Light": {"type": "object", "properties": {"watts": {"type": "integer"}, "hue": {"type": "string", "enum": ["red"]}}, "required": ["watts"]},
                "Lamp": {"type": "object", "properties": {"watts": {"type": ["integer", "null"]}}},
            },
            "responses": {"Refused": {"content": {"application/json": {"schema": {"type": "object", "properties": {"error": {}}}}}}},
        },
    }))
    .unwrap()
}

#[test]
fn a_request_has_only_known_and_all_required_parameters() {
    let check = |query: &[(&str, &str)], form: &[(&str, &str)]| {
        let map =
            |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let request = Request { query: map(query), form: Some(map(form)), ..Request::default() };
        contract().check_request("lamp.light", &request).join("; ")
    };
    assert_eq!(check(&[("loud", "1")], &[("watts", "5"), ("hue", "red")]), "");
    assert!(check(&[("quiet", "1")], &[("watts", "5")]).contains("query parameter `quiet`"));
    assert!(check(&[], &[("watts", "5"), ("more", "1")]).contains("form parameter `more`"));
    assert!(check(&[], &[("watts", "five")]).contains("/watts"));
    assert!(check(&[], &[("watts", "5"), ("hue", "blue")]).contains("/hue"));
    assert!(check(&[], &[]).contains("\"watts\" is a required property"));
}

#[test]
fn a_response_has_only_documented_fields() {
    let check =
        |status: u16, body: &str| contract().check_response("lamp.light", status, body.as_bytes()).join("; ");
    assert_eq!(check(200, r#"[{"watts": 5}, {"watts": null}, {}]"#), "");
    assert_eq!(check(204, ""), "");
    assert_eq!(check(404, r#"{"error": "no"}"#), "");
    assert!(check(200, r#"[{"volts": 5}]"#).contains("volts"));
    assert!(check(200, r#"[{"watts": "5"}]"#).contains("/0/watts"));
    assert!(check(200, "{}").contains("array"));
    assert!(check(200, "<html>").contains("no JSON"));
    assert!(check(201, "[]").contains("status 201"));
    assert!(check(404, r#"{"message": "no"}"#).contains("message"));
}
