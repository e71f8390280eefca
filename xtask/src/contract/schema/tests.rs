use super::*;

fn schema(samples: &[(&str, Source)], maps: &[&str]) -> Value {
    let mut names = Names { maps: maps.iter().map(|&name| name.to_owned()).collect(), ..Names::default() };
    let mut shape = Shape::default();
    for (text, source) in samples {
        let json = Json::parse(text).unwrap();
        names.learn("", &json);
        shape.add(&json, *source);
    }
    shape.schema(&names)
}

#[test]
fn samples_are_merged_and_undocumented_fields_name_their_source() {
    let found = schema(
        &[
            (r#"{"uuid": "a", "size": 1, "gone": null}"#, Source::Documented),
            (r#"{"uuid": "b", "size": "1", "tags": ["x"]}"#, Source::Observed),
        ],
        &[],
    );
    assert_eq!(
        found,
        json!({"type": "object", "required": ["uuid"], "properties": {
            "uuid": {"type": "string"},
            "size": {"type": ["integer", "string", "null"]},
            "gone": {},
            "tags": {"type": ["array", "null"], "items": {"type": "string"}, "x-evidence": "observed"},
        }})
    );
}

#[test]
fn optional_fields_of_a_response_are_never_required() {
    let mut shape = Shape::default();
    shape.add(&Json::parse(r#"{"id": 1}"#).unwrap(), Source::Documented);
    shape.may_have(&Json::parse(r#"{"msg": "no", "nested": {}}"#).unwrap(), Source::Observed);
    let found = shape.schema(&Names::default());
    assert_eq!(found["required"], json!(["id"]));
    assert_eq!(found["properties"]["msg"]["x-evidence"], "observed");
    assert!(found["properties"].get("nested").is_none());
}

#[test]
fn a_response_is_compared_by_names_and_types_without_values() {
    let sample = r#"{"id": 1, "gone": null, "note": null, "cost_amount": 2, "rows": [{"a": "x"}], "by_id": {"7": {"b": 1}}}"#;
    let (mut shape, mut names) = (Shape::default(), Names::default());
    for text in [sample, r#"{"note": "n"}"#] {
        let json = Json::parse(text).unwrap();
        names.learn("", &json);
        shape.add(&json, Source::Documented);
    }
    let compare = |text: &str| {
        let mut found = Vec::new();
        shape.compare("", "", &Json::parse(text).unwrap(), &names, &mut found);
        found.join("; ")
    };
    assert_eq!(compare(sample), "");
    assert_eq!(
        compare(r#"{"cost_amount": 0.5, "gone": "any", "note": null, "by_id": {"secret": {"b": 2}}}"#),
        ""
    );
    assert_eq!(compare(r#"{"id": "s3cret"}"#), ".id: string, was integer");
    assert_eq!(compare(r#"{"id": null}"#), ".id: null, was integer");
    assert_eq!(compare(r#"{"rows": [{"a": "x", "new": true}]}"#), ".rows[].new: unknown field (boolean)");
    assert_eq!(compare(r#"{"9f86d081-884c": 1}"#), ".*: unknown field (integer)");
    assert_eq!(compare(r#"{"by_id": {"198": {"b": "s3cret"}}}"#), ".by_id.*.b: string, was integer");
    assert_eq!(compare("[]"), ".: list, was object");
}

#[test]
fn amounts_are_numbers_even_if_they_are_whole() {
    let found = schema(
        &[(r#"[{"rest": 2, "x_amount": 1}, {"rest": 0.5, "amount_id": 3}]"#, Source::Documented)],
        &[],
    );
    let properties = &found["items"]["properties"];
    assert_eq!(properties["rest"]["type"], json!(["number", "null"]));
    assert_eq!(properties["x_amount"]["type"], json!(["number", "null"]));
    assert_eq!(properties["amount_id"]["type"], json!(["integer", "null"]));
}

#[test]
fn maps_have_data_as_keys_and_may_be_empty_lists() {
    let found = schema(
        &[(r#"{"rows": {"7": {"a": 1}}}"#, Source::Documented), (r#"{"rows": []}"#, Source::Observed)],
        &["rows"],
    );
    let rows = &found["properties"]["rows"]["oneOf"];
    assert_eq!(rows[0]["additionalProperties"]["properties"]["a"]["type"], json!(["integer", "null"]));
    assert_eq!(rows[1], json!({"type": "array", "items": {}}));
    assert_eq!(rows[2], json!({"type": "null"}));
}

#[test]
fn a_placeholder_marks_the_field_as_secret() {
    let found = schema(&[(r#"{"token": "<api-key:1>", "name": "x"}"#, Source::Documented)], &[]);
    assert_eq!(found["properties"]["token"]["x-secret"], true);
    assert!(found["properties"]["name"].get("x-secret").is_none());
}
