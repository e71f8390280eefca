//! The schema of responses, from samples alone: what the models accept is wider than what a provider sends.

use std::collections::{BTreeMap, BTreeSet};

use hostkit_tests::fixture::Source;
use hostkit_tests::json::Json;
use serde_json::{Value, json};

/// What samples have shown of one value.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    scalars: BTreeSet<&'static str>,
    is_secret: bool,
    items: Option<Box<Shape>>,
    fields: Option<BTreeMap<String, Field>>,
    /// How many objects were joined.
    objects: usize,
}

#[derive(Clone, Debug, Default)]
struct Field {
    shape: Shape,
    evidence: Option<Source>,
    /// In how many objects it stood with a value.
    count: usize,
}

/// What is known of a provider's fields by their names.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Fields that were seen as fractions somewhere.
    pub(super) fractions: BTreeSet<String>,
    /// Fields whose keys are values.
    pub(super) maps: BTreeSet<String>,
}

impl Names {
    /// Learns the names of fractions from a sample.
    pub(super) fn learn(&mut self, name: &str, json: &Json) {
        match json {
            Json::Number(text) if is_fraction(text) => self.fractions.extend([name.to_owned()]),
            Json::List(items) => items.iter().for_each(|item| self.learn(name, item)),
            Json::Object(members) => members.iter().for_each(|(name, value)| self.learn(name, value)),
            _ => {}
        }
    }

    /// Sums are sent as whole numbers where they are whole.
    fn is_fraction(&self, name: &str) -> bool {
        let words =
            ["amount", "price", "cost", "total", "vat", "tax", "percentage", "credit", "balance", "ongoing"];
        self.fractions.contains(name)
            || (!name.ends_with("_id") && name.split('_').any(|word| words.contains(&word)))
    }
}

impl Shape {
    /// Joins a sample.
    pub(super) fn add(&mut self, json: &Json, evidence: Source) {
        match json {
            Json::Null => {}
            Json::Bool(_) => self.scalars.extend(["boolean"]),
            Json::Number(text) => self.scalars.extend([if is_fraction(text) { "number" } else { "integer" }]),
            Json::Text(text) => {
                self.scalars.insert("string");
                self.is_secret |= text.starts_with('<') && text.ends_with('>') && text.contains(':');
            }
            Json::List(items) => {
                let shape = self.items.get_or_insert_default();
                for item in items {
                    shape.add(item, evidence);
                }
            }
            Json::Object(members) => {
                self.objects += 1;
                let fields = self.fields.get_or_insert_default();
                for (name, value) in members {
                    let field = fields.entry(name.clone()).or_default();
                    field.shape.add(value, evidence);
                    field.count += usize::from(*value != Json::Null);
                    field.evidence =
                        Some(field.evidence.map_or(evidence, |known| strongest(known, evidence)));
                }
            }
        }
    }

    /// Allows the scalar fields of another object in every object.
    pub(super) fn may_have(&mut self, other: &Json, evidence: Source) {
        let Json::Object(members) = other else { return };
        let scalars = members.iter().filter(|(_, value)| !matches!(value, Json::List(_) | Json::Object(_)));
        let mut shape = Self::default();
        shape.add(&Json::Object(scalars.cloned().collect()), evidence);
        shape.objects = 0;
        if self.fields.is_some() {
            self.join(&shape);
        }
    }

    /// Whether no sample had a value.
    pub(super) fn is_unknown(&self) -> bool {
        self.scalars.is_empty() && self.items.is_none() && self.fields.is_none()
    }

    /// The shape of a list's items, where all samples are lists.
    pub(super) fn items(&self) -> Option<&Self> {
        let is_list = self.scalars.is_empty() && self.fields.is_none();
        self.items.as_deref().filter(|_| is_list)
    }

    /// Joins another shape.
    pub(super) fn join(&mut self, other: &Self) {
        self.scalars.extend(&other.scalars);
        self.is_secret |= other.is_secret;
        self.objects += other.objects;
        if let Some(items) = &other.items {
            self.items.get_or_insert_default().join(items);
        }
        for (name, theirs) in other.fields.iter().flatten() {
            let field = self.fields.get_or_insert_default().entry(name.clone()).or_default();
            field.shape.join(&theirs.shape);
            field.count += theirs.count;
            field.evidence = match (field.evidence, theirs.evidence) {
                (Some(ours), Some(theirs)) => Some(strongest(ours, theirs)),
                (ours, theirs) => ours.or(theirs),
            };
        }
    }

    /// The schema of a whole response: what identifies the resource is required, everything else may be missing.
    pub(super) fn schema(&self, names: &Names) -> Value {
        let mut schema = self.schema_of("", names, false);
        let identity = ["address", "uuid", "id", "order_id"].into_iter().find(|name| {
            let field = self.fields.iter().flatten().find(|(known, _)| known == name);
            field.is_some_and(|(_, field)| field.count == self.objects)
        });
        if let Some(name) = identity {
            let field = self.fields.iter().flatten().find(|(known, _)| known == &name);
            let own = field.map_or(json!({}), |(_, field)| field.shape.schema_of(name, names, false));
            schema["properties"][name] = own;
            schema["required"] = json!([name]);
        }
        schema
    }

    /// The schema of a value that has a name; `is_nullable` where the provider may send null in its place.
    fn schema_of(&self, name: &str, names: &Names, is_nullable: bool) -> Value {
        let mut choices = Vec::new();
        if let Some(fields) = &self.fields {
            choices.push(Self::object(fields, name, names));
        }
        if let Some(items) = &self.items {
            choices.push(json!({"type": "array", "items": items.schema_of(name, names, false)}));
        }
        let mut scalars = self.scalars.clone();
        if scalars.contains("integer") && (scalars.contains("number") || names.is_fraction(name)) {
            scalars.remove("integer");
            scalars.insert("number");
        }
        if !scalars.is_empty() {
            let types: Vec<_> = scalars.into_iter().collect();
            choices.push(if types.len() == 1 { json!({"type": types[0]}) } else { json!({"type": types}) });
        }
        let mut schema = match choices.len() {
            // Only null was seen: anything may come.
            0 => return json!({}),
            1 => choices.remove(0),
            _ => json!({"oneOf": choices}),
        };
        if is_nullable {
            allow_null(&mut schema);
        }
        if self.is_secret
            && let Some(object) = schema.as_object_mut()
        {
            object.insert("x-secret".into(), json!(true));
        }
        schema
    }

    fn object(fields: &BTreeMap<String, Field>, name: &str, names: &Names) -> Value {
        let is_number = |name: &String| name.bytes().all(|byte| byte.is_ascii_digit());
        if names.maps.contains(name) || (!fields.is_empty() && fields.keys().all(is_number)) {
            let mut any = Self::default();
            for field in fields.values() {
                any.join(&field.shape);
            }
            return json!({"type": "object", "additionalProperties": any.schema_of("", names, true)});
        }
        let property = |(name, field): (&String, &Field)| {
            let mut schema = field.shape.schema_of(name, names, true);
            if let (Some(evidence @ (Source::Observed | Source::Recorded | Source::Assumed)), Some(object)) =
                (field.evidence, schema.as_object_mut())
            {
                object.insert("x-evidence".into(), json!(evidence.evidence()));
            }
            (name.clone(), schema)
        };
        let properties: serde_json::Map<_, _> = fields.iter().map(property).collect();
        json!({"type": "object", "properties": properties})
    }
}

fn is_fraction(number: &str) -> bool {
    number.contains(['.', 'e', 'E'])
}

fn allow_null(schema: &mut Value) {
    if let Some(choices) = schema.get_mut("oneOf").and_then(Value::as_array_mut) {
        choices.push(json!({"type": "null"}));
        return;
    }
    match schema.get_mut("type") {
        Some(Value::Array(types)) => types.push(json!("null")),
        Some(one) => *one = json!([one.take(), "null"]),
        None => {}
    }
}

/// The better of two kinds of evidence.
pub(super) fn strongest(one: Source, other: Source) -> Source {
    let order = [Source::Documented, Source::Recorded, Source::Observed, Source::Assumed];
    order.into_iter().find(|source| [one, other].contains(source)).unwrap_or(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(samples: &[(&str, Source)], maps: &[&str]) -> Value {
        let mut names =
            Names { maps: maps.iter().map(|&name| name.to_owned()).collect(), ..Names::default() };
        let mut shape = Shape::default();
        for (text, source) in samples {
            let json = Json::parse(text).unwrap();
            names.learn("", &json);
            shape.add(&json, *source);
        }
        shape.schema(&names)
    }

    #[test]
    fn samples_are_joined_and_what_only_some_have_says_who_saw_it() {
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
    fn what_a_response_may_have_besides_is_never_required_of_it() {
        let mut shape = Shape::default();
        shape.add(&Json::parse(r#"{"id": 1}"#).unwrap(), Source::Documented);
        shape.may_have(&Json::parse(r#"{"msg": "no", "nested": {}}"#).unwrap(), Source::Observed);
        let found = shape.schema(&Names::default());
        assert_eq!(found["required"], json!(["id"]));
        assert_eq!(found["properties"]["msg"]["x-evidence"], "observed");
        assert!(found["properties"].get("nested").is_none());
    }

    #[test]
    fn sums_are_numbers_wherever_they_are_whole() {
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
    fn maps_have_values_for_keys_and_may_come_as_lists() {
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
    fn a_mark_in_place_of_a_secret_marks_the_field() {
        let found = schema(&[(r#"{"token": "<api-key:1>", "name": "x"}"#, Source::Documented)], &[]);
        assert_eq!(found["properties"]["token"]["x-secret"], true);
        assert!(found["properties"]["name"].get("x-secret").is_none());
    }
}
