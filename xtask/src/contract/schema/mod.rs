//! Derives the schemas of responses only from samples, because the models accept more than a provider sends.

use std::collections::{BTreeMap, BTreeSet};

use hostkit_tests::fixture::Source;
use hostkit_tests::json::Json;
use serde_json::{Value, json};

/// A summary of the samples of one value.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    scalars: BTreeSet<&'static str>,
    is_secret: bool,
    items: Option<Box<Shape>>,
    fields: Option<BTreeMap<String, Field>>,
    /// The number of merged objects.
    objects: usize,
}

#[derive(Clone, Debug, Default)]
struct Field {
    shape: Shape,
    evidence: Option<Source>,
    /// The number of objects in which the field has a value.
    count: usize,
    /// Whether the field is null in a sample.
    is_nullable: bool,
}

/// Facts about a provider's fields, by field name.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Fields that are fractions in a sample.
    pub(super) fractions: BTreeSet<String>,
    /// Fields whose keys are data.
    pub(super) maps: BTreeSet<String>,
}

impl Names {
    /// Adds the names of fields that are fractions in a sample.
    pub(super) fn learn(&mut self, name: &str, json: &Json) {
        match json {
            Json::Number(text) if is_fraction(text) => self.fractions.extend([name.to_owned()]),
            Json::List(items) => items.iter().for_each(|item| self.learn(name, item)),
            Json::Object(members) => members.iter().for_each(|(name, value)| self.learn(name, value)),
            _ => {}
        }
    }

    /// Returns whether a field may be a fraction. The provider sends an amount without a fractional part as an integer.
    fn is_fraction(&self, name: &str) -> bool {
        let words =
            ["amount", "price", "cost", "total", "vat", "tax", "percentage", "credit", "balance", "ongoing"];
        self.fractions.contains(name)
            || (!name.ends_with("_id") && name.split('_').any(|word| words.contains(&word)))
    }
}

impl Shape {
    /// Adds a sample.
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
                    field.is_nullable |= *value == Json::Null;
                    field.evidence =
                        Some(field.evidence.map_or(evidence, |known| strongest(known, evidence)));
                }
            }
        }
    }

    /// Allows every object to contain the scalar fields of another object.
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

    /// Returns whether no sample has a value.
    pub(super) fn is_unknown(&self) -> bool {
        self.scalars.is_empty() && self.items.is_none() && self.fields.is_none()
    }

    /// Returns the shape of a list's items, if all samples are lists.
    pub(super) fn items(&self) -> Option<&Self> {
        let is_list = self.scalars.is_empty() && self.fields.is_none();
        self.items.as_deref().filter(|_| is_list)
    }

    /// Merges another shape into this one.
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
            field.is_nullable |= theirs.is_nullable;
            field.evidence = match (field.evidence, theirs.evidence) {
                (Some(one), Some(other)) => Some(strongest(one, other)),
                (one, other) => one.or(other),
            };
        }
    }

    /// Merges the shape of a resource into a response that is the resource, or a list of such resources.
    pub(super) fn join_resource(&mut self, resource: &Self) {
        if self.items().is_some() {
            self.items.get_or_insert_default().join(resource);
        } else {
            self.join(resource);
        }
    }

    /// Merges the shape of a resource into a field.
    pub(super) fn join_field(&mut self, name: &str, resource: &Self) {
        if let Some(field) = self.fields.as_mut().and_then(|fields| fields.get_mut(name)) {
            field.shape.join(resource);
        }
    }

    /// Returns the schema of a whole response. The id of the resource is required; everything else may be missing.
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

    /// Appends the differences between a response and the samples to `out`, with types but without values.
    pub(super) fn compare(&self, path: &str, name: &str, json: &Json, names: &Names, out: &mut Vec<String>) {
        if self.is_unknown() {
            return;
        }
        let mut say =
            |what: String| out.push(format!("{}: {what}", if path.is_empty() { "." } else { path }));
        match json {
            Json::Object(members) => {
                let Some(fields) = &self.fields else { return say(format!("object, was {}", self.kinds())) };
                let is_map = is_map(fields, name, names);
                let any = is_map.then(|| joined(fields));
                for (key, value) in members {
                    let place = format!("{path}.{}", if is_map { "*" } else { shown_name(key) });
                    if let Some(any) = &any {
                        any.compare(&place, "", value, names, out);
                        continue;
                    }
                    match (fields.get(key), value) {
                        (None, _) => out.push(format!("{place}: unknown field ({})", kind(value))),
                        (Some(field), Json::Null) if field.is_nullable || field.shape.is_unknown() => {}
                        (Some(field), Json::Null) => {
                            out.push(format!("{place}: null, was {}", field.shape.kinds()));
                        }
                        (Some(field), value) => field.shape.compare(&place, key, value, names, out),
                    }
                }
            }
            Json::List(items) => match &self.items {
                Some(shape) => {
                    for item in items {
                        shape.compare(&format!("{path}[]"), name, item, names, out);
                    }
                }
                None => say(format!("list, was {}", self.kinds())),
            },
            Json::Null => say(format!("null, was {}", self.kinds())),
            scalar => {
                let kind = kind(scalar);
                let is_number =
                    kind == "integer" && (self.scalars.contains("number") || names.is_fraction(name));
                let is_whole =
                    kind == "number" && self.scalars.contains("integer") && names.is_fraction(name);
                if !self.scalars.contains(kind) && !is_number && !is_whole {
                    say(format!("{kind}, was {}", self.kinds()));
                }
            }
        }
    }

    /// Returns the types in the samples.
    fn kinds(&self) -> String {
        let lists = self.items.iter().map(|_| "list");
        let objects = self.fields.iter().map(|_| "object");
        self.scalars.iter().copied().chain(lists).chain(objects).collect::<Vec<_>>().join(" or ")
    }

    /// Returns the schema of a named value. `is_nullable` is true if the provider may send null instead.
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
            // The samples contain only null, so any value is possible.
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
        if is_map(fields, name, names) {
            let any = joined(fields).schema_of("", names, true);
            return json!({"type": "object", "additionalProperties": any});
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

/// Returns whether the keys of an object are data.
fn is_map(fields: &BTreeMap<String, Field>, name: &str, names: &Names) -> bool {
    let is_number = |name: &String| name.bytes().all(|byte| byte.is_ascii_digit());
    names.maps.contains(name) || (!fields.is_empty() && fields.keys().all(is_number))
}

fn joined(fields: &BTreeMap<String, Field>) -> Shape {
    let mut any = Shape::default();
    for field in fields.values() {
        any.join(&field.shape);
    }
    any
}

/// Returns a key, or `*` if it may be data.
fn shown_name(key: &str) -> &str {
    let is_word = |word: &str| {
        word.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && word.len() <= 40
            && word.bytes().filter(u8::is_ascii_digit).count() <= 4
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if is_word(key) { key } else { "*" }
}

fn kind(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(text) if is_fraction(text) => "number",
        Json::Number(_) => "integer",
        Json::Text(_) => "string",
        Json::List(_) => "list",
        Json::Object(_) => "object",
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

/// Returns the more reliable of two sources.
pub(super) fn strongest(one: Source, other: Source) -> Source {
    let order = [Source::Documented, Source::Recorded, Source::Observed, Source::Assumed];
    order.into_iter().find(|source| [one, other].contains(source)).unwrap_or(one)
}

#[cfg(test)]
mod tests;
