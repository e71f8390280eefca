//! Tariffs and templates.

use http_core::Call;
use http_core::client::{Operation, Row, json_text, list, operations, push};
use http_core::wire::{Decimal, Lenient};
use serde::de::value::StrDeserializer;
use serde::de::{Error as _, IntoDeserializer};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_with::{DeserializeAs, SerializeAs};

use crate::client::Client;
use crate::ids::{ProductId, TemplateName};
use crate::php::value;
use crate::response::{RowKind, each_member};

operations![LIST = Operation::post("catalog.list", "/api_client.php?action=list").read().unauthenticated(),];

impl Client {
    /// Returns the tariffs that can be ordered and the templates that can be installed. Needs no key.
    ///
    /// `POST /api_client.php?action=list`
    ///
    /// ```
    /// # hostkit_doctest::inferno(async |client| {
    /// let catalog = client.catalog().await?;
    /// for product in &catalog.products {
    ///     println!("{}: {:?} {:?}", product.pid, product.name, product.price);
    /// }
    /// for template in catalog.templates.iter().filter(|template| template.name.as_str().starts_with("debian")) {
    ///     println!("{}: {}", template.name, template.title().unwrap_or_default());
    /// }
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn catalog(&self) -> Call<Catalog> {
        self.call(&LIST, []).json()
    }
}

http_core::wire::models! {
    /// Tariffs and templates.
    pub struct Catalog {
        /// The templates that a VPS can be installed from.
        #[serde_as(as = Templates)]
        #[serde(rename = "ostpls", default)]
        pub templates: Vec<Template>,
        /// The products that can be ordered.
        #[serde_as(as = Products)]
        pub products: Vec<Product>,
    }

    /// A template that a VPS can be installed from.
    pub struct Template {
        /// The name of the template, for [`Install::new`](crate::Install::new).
        pub name: TemplateName,
        /// The details as the provider sent them: the title of the template, or an object; null if there is only a
        /// name.
        #[serde(default)]
        pub details: Value,
    }
}

impl Template {
    /// Returns the title of the template; `None` if `details` is absent or contains more than a title.
    pub fn title(&self) -> Option<&str> {
        self.details.as_str()
    }
}

http_core::wire::models! {
    /// A tariff that can be ordered.
    pub struct Product {
        /// The id of the product, for [`Orders::create`](crate::Orders::create).
        pub pid: ProductId,
        /// The name of the tariff.
        pub name: Option<String>,
        /// A description of the hardware.
        pub description: Option<String>,
        /// The price per month.
        pub price: Option<Decimal>,
        /// The currency of the price, e.g. `EUR`.
        pub currency: Option<String>,
    }
}

/// Decodes products from a list, or from an object keyed by their ids.
struct Products;

const ROWS: RowKind = RowKind { names: &["products"], ids: &["pid", "id"] };

impl<'de> DeserializeAs<'de, Vec<Product>> for Products {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Product>, D::Error> {
        let json = json_text(deserializer)?;
        let mut products = Ok(list(ROWS.count(&json).map_err(D::Error::custom)?)?);
        let mut add = |row: &str| {
            if let Ok(list) = &mut products
                && let Err(error) = serde_json::from_str(row).and_then(|Row(product)| push(list, product))
            {
                products = Err(error);
            }
        };
        ROWS.rows(&json, &mut |row| add(row.get())).map_err(D::Error::custom)?;
        products.map_err(D::Error::custom)
    }
}

impl SerializeAs<Vec<Product>> for Products {
    fn serialize_as<S: Serializer>(source: &Vec<Product>, serializer: S) -> Result<S::Ok, S::Error> {
        source.serialize(serializer)
    }
}

/// Decodes templates from an object keyed by name, or from a list of names.
struct Templates;

impl<'de> DeserializeAs<'de, Vec<Template>> for Templates {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Template>, D::Error> {
        let list: Option<TemplateList> = Lenient::deserialize_as(deserializer)?;
        Ok(list.map(|list| list.0).unwrap_or_default())
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct TemplateList(Vec<Template>);

http_core::wire::wire_value!(TemplateList);

impl<'de> Deserialize<'de> for TemplateList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = json_text(deserializer)?;
        let mut templates = Vec::new();
        each_member(&json, &mut |name, json| {
            let template = match name {
                Some(name) => {
                    let name: StrDeserializer<'_, serde_json::Error> = name.into_deserializer();
                    Template { name: TemplateName::deserialize(name)?, details: value(json.get())? }
                }
                None if json.get().starts_with('"') => {
                    Template { name: serde_json::from_str(json.get())?, details: Value::Null }
                }
                None => {
                    let Row(template) = serde_json::from_str(json.get())?;
                    template
                }
            };
            push(&mut templates, template)
        })
        .map_err(D::Error::custom)?;
        Ok(Self(templates))
    }
}

impl SerializeAs<Vec<Template>> for Templates {
    fn serialize_as<S: Serializer>(source: &Vec<Template>, serializer: S) -> Result<S::Ok, S::Error> {
        source.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(json: &str) -> Vec<(String, Option<String>)> {
        let json = format!(r#"{{"ostpls": {json}, "products": []}}"#);
        let catalog: Catalog = serde_json::from_str(&json).unwrap();
        let again: Catalog = serde_json::from_str(&serde_json::to_string(&catalog).unwrap()).unwrap();
        assert_eq!(again.templates, catalog.templates);
        let templates = catalog.templates.into_iter();
        templates.map(|t| (t.name.to_string(), t.title().map(str::to_owned))).collect()
    }

    #[test]
    fn observed_templates_are_an_object_keyed_by_name_or_a_list_of_names() {
        assert_eq!(
            names(r#"{"centos7": "CentOS 7"}"#),
            [("centos7".to_owned(), Some("CentOS 7".to_owned()))]
        );
        assert_eq!(names(r#"["centos7"]"#), [("centos7".to_owned(), None)]);
        assert_eq!(names(r#"{"centos7": {"id": 1}}"#), [("centos7".to_owned(), None)]);
        for empty in ["[]", "{}", "null", r#""""#] {
            assert_eq!(names(empty), [], "{empty}");
        }
    }

    #[test]
    fn products_come_as_a_list_or_keyed_by_their_id() {
        for products in [
            r#"[{"pid": "303"}]"#,
            r#"{"303": {"pid": 303, "price": "", "name": null}}"#,
            r#"{"303": {"name": "S"}}"#,
            r#"{"product": [{"pid": 303}]}"#,
        ] {
            let json = format!(r#"{{"ostpls": [], "products": {products}}}"#);
            let catalog: Catalog = serde_json::from_str(&json).unwrap();
            assert_eq!(catalog.products[0].pid, ProductId::new(303));
            assert_eq!(catalog.products[0].price, None);
        }
    }
}
