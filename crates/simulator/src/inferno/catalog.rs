//! Tariffs and templates.

use super::php::{Php, amount, map, quoted, text};

/// A tariff.
#[derive(Debug)]
pub(super) struct Product {
    pub(super) pid: u64,
    pub(super) name: &'static str,
    description: &'static str,
    /// The price in EUR per month.
    pub(super) price: &'static str,
}

pub(super) static PRODUCTS: &[Product] = &[
    Product { pid: 303, name: "VPS SSD 1", description: "1 CPU / 1 GB RAM / 20 GB SSD", price: "5.00" },
    Product { pid: 304, name: "VPS SSD 2", description: "2 CPU / 4 GB RAM / 60 GB SSD", price: "12.50" },
    Product { pid: 305, name: "VPS SSD 4", description: "4 CPU / 8 GB RAM / 120 GB SSD", price: "24.00" },
];

/// The templates and their titles.
static TEMPLATES: &[(&str, &str)] = &[
    ("centos7-64-default", "CentOS 7 64-bit"),
    ("debian12-64-default", "Debian 12 64-bit"),
    ("ubuntu22-64-default", "Ubuntu 22.04 64-bit"),
    ("windows2022-64-ru", "Windows Server 2022 (русская)"),
];

pub(super) fn product(pid: u64) -> Option<&'static Product> {
    PRODUCTS.iter().find(|product| product.pid == pid)
}

pub(super) fn has_template(name: &str) -> bool {
    TEMPLATES.iter().any(|(template, _)| *template == name)
}

pub(super) fn list(templates_as_list: bool) -> Php {
    let templates = if templates_as_list {
        Php::List(TEMPLATES.iter().map(|(name, _)| text(*name)).collect())
    } else {
        Php::Map(TEMPLATES.iter().map(|(name, title)| ((*name).to_owned(), text(*title))).collect())
    };
    let products = PRODUCTS.iter().map(|product| {
        map([
            ("pid", quoted(product.pid)),
            ("name", text(product.name)),
            ("description", text(product.description)),
            ("price", amount(product.price)),
            ("currency", text("EUR")),
        ])
    });
    map([("result", text("success")), ("ostpls", templates), ("products", Php::List(products.collect()))])
}
