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

/// Returns the documents, each with the provider's name.
fn documents() -> impl Iterator<Item = (&'static str, Value)> {
    ["leaderssl-gpu", "inferno-vps", "elastis"].into_iter().map(|provider| {
        let path = fixture::root().join("contract").join(format!("{provider}.json"));
        (provider, serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
    })
}

fn each(value: &Value, visit: &mut impl FnMut(&Map<String, Value>)) {
    match value {
        Value::Object(map) => {
            visit(map);
            map.values().for_each(|value| each(value, visit));
        }
        Value::Array(items) => items.iter().for_each(|item| each(item, visit)),
        _ => {}
    }
}

/// Lists the faults in a document that break generators and validators.
fn faults(document: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    each(document, &mut |map| {
        if let Some(reference) = map.get("$ref") {
            let path = reference.as_str().and_then(|path| path.strip_prefix('#'));
            if path.and_then(|path| document.pointer(path)).is_none() {
                faults.push(format!("{reference} does not resolve"));
            }
        }
        if let Some(schema) = map.get("schema").filter(|schema| !jsonschema::meta::is_valid(schema)) {
            faults.push(format!("invalid schema: {schema}"));
        }
    });
    let (mut names, schemas) = (BTreeSet::new(), &document["components"]["schemas"]);
    for (name, schema) in schemas.as_object().into_iter().flatten() {
        if !jsonschema::meta::is_valid(schema) {
            faults.push(format!("{name} is not a valid schema: {schema}"));
        }
    }
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        let variables = path.split('{').skip(1).filter_map(|part| part.split('}').next());
        let variables: BTreeSet<_> = variables.collect();
        for (method, operation) in item.as_object().into_iter().flatten() {
            let of_path = |parameter: &&Value| parameter["in"] == "path";
            let parameters: Vec<_> = operation["parameters"].as_array().into_iter().flatten().collect();
            let declared: BTreeSet<_> = parameters
                .iter()
                .filter(|parameter| of_path(parameter) && parameter["required"] == true)
                .filter_map(|parameter| parameter["name"].as_str())
                .collect();
            if declared != variables || parameters.iter().any(|parameter| parameter.get("schema").is_none()) {
                faults.push(format!(
                    "{method} {path}: the path parameters do not match the path, or a parameter has no schema"
                ));
            }
            if !names.insert(operation["operationId"].to_string()) {
                faults.push(format!("{method} {path}: the operationId is not unique"));
            }
            if operation["responses"]["default"].is_null() || operation["responses"].as_object().is_none() {
                faults.push(format!("{method} {path}: no error response is described"));
            }
        }
    }
    faults
}

#[test]
fn generators_find_no_fault_in_the_documents() {
    for (provider, document) in documents() {
        assert_eq!(faults(&document), Vec::<String>::new(), "{provider}");
        assert!(document["paths"].as_object().unwrap().len() > 2, "{provider}");
    }
}

#[test]
fn every_kind_of_fault_in_a_document_is_found() {
    let (_, document) = documents().find(|(provider, _)| *provider == "elastis").unwrap();
    let disk = "/paths/~1storage~1disks~1{disk_uuid}/get";
    assert!(document.pointer(disk).is_some());
    for (at, value) in [
        (format!("{disk}/responses/default/$ref"), json!("#/components/responses/Gone")),
        (format!("{disk}/parameters/0/required"), json!(false)),
        (format!("{disk}/parameters/0/name"), json!("uuid")),
        (format!("{disk}/parameters/0/schema/type"), json!("uuid")),
        (format!("{disk}/operationId"), document["paths"]["/storage/disks"]["get"]["operationId"].clone()),
        (format!("{disk}/responses/default"), json!(null)),
        ("/components/schemas/Disk/type".to_owned(), json!("record")),
    ] {
        let mut document = document.clone();
        *document.pointer_mut(&at).unwrap_or_else(|| panic!("{at}")) = value;
        assert!(!faults(&document).is_empty(), "{at}");
    }
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
fn unknown_invalid_and_missing_parameters_are_reported() {
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
    let without_body = contract().check_request("lamp.light", &Request::default());
    assert!(without_body.join("; ").contains("\"watts\" is a required property"), "{without_body:?}");
}

#[test]
fn undocumented_parts_of_a_response_are_reported() {
    let check =
        |status: u16, body: &str| contract().check_response("lamp.light", status, body.as_bytes()).join("; ");
    assert_eq!(check(200, r#"[{"watts": 5}, {"watts": null}, {}]"#), "");
    assert_eq!(check(204, ""), "");
    assert_eq!(check(404, r#"{"error": "no"}"#), "");
    assert!(check(200, r#"[{"volts": 5}]"#).contains("volts"));
    assert!(check(200, r#"[{"watts": "5"}]"#).contains("/0/watts"));
    assert!(check(200, "{}").contains("array"));
    assert!(check(200, "<html>").contains("not JSON"));
    assert!(check(201, "[]").contains("status 201"));
    assert!(check(404, r#"{"message": "no"}"#).contains("message"));
}
