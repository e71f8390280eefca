//! The tables of operations: one on the page of each crate, and one in `METHODS.md` for readers who know the endpoint,
//! with a test that its handles exist.

use std::collections::BTreeSet;

use super::Row;
use crate::fixtures::provider_name;
use crate::generated::Generated;
use crate::root;

/// The command that writes the tables.
pub(super) const WRITE: &str = "cargo xtask operations --write";

/// Returns a table for each crate, which the crate's `lib.rs` includes, the table of all methods, and the test of that
/// table.
pub(super) fn all(rows: &[Row]) -> Vec<Generated> {
    let of_crates = rows.chunk_by(|one, other| one.package == other.package).map(|rows| Generated {
        path: root().join("crates").join(rows[0].package).join("src/operations.md"),
        text: table(rows),
    });
    let methods = [("METHODS.md", methods(rows)), ("xtask/src/coverage/handles.rs", handles(rows))];
    of_crates.chain(methods.map(|(path, text)| Generated { path: root().join(path), text })).collect()
}

const METHODS: &str = "\
# From endpoint to method

The method for each endpoint of the providers, for programs that migrate from `curl` or another client. This file is
written by `cargo xtask operations --write`. `client` is the provider's `Client`, and `elastis` is an `Elastis`. The
[cookbook](crates/hostkit/src/cookbook.md#migrate-from-curl) shows how to translate headers and options.
";

/// Returns a table for each provider, with its endpoints in alphabetical order and the methods that call them.
fn methods(rows: &[Row]) -> String {
    let mut text = METHODS.to_owned();
    for rows in rows.chunk_by(|one, other| provider_name(one.package) == provider_name(other.package)) {
        let provider = match provider_name(rows[0].package) {
            "leaderssl-gpu" => "LeaderSSL",
            "inferno-vps" => "Inferno",
            _ => "elastis.id",
        };
        text.extend([format!("\n## {provider}\n\n| endpoint | method | crate |\n|---|---|---|\n")]);
        let mut lines: Vec<_> = rows.iter().map(|row| (row.path, row.method, row)).collect();
        lines.sort_unstable_by_key(|(path, method, _)| (*path, *method));
        for (path, method, Row { package, call, .. }) in lines {
            let call = call.as_ref().map_or("–".to_owned(), |call| format!("`{call}`"));
            text.extend([format!("| `{method} {path}` | {call} | [`{package}`](crates/{package}) |\n")]);
        }
    }
    text
}

const HANDLES: &str = "\
//! Compiles only if each handle in `METHODS.md` exists and has the expected type, on which rustdoc finds the methods.
//! Written by `cargo xtask operations --write`.

use elastis_billing::ElastisBilling;
use elastis_network::ElastisNetwork;
use elastis_storage::ElastisStorage;
";

/// Returns the code that creates each handle in the table of methods.
fn handles(rows: &[Row]) -> String {
    let mut text = HANDLES.to_owned();
    for rows in rows.chunk_by(|one, other| one.package == other.package) {
        let package = rows[0].package.replace('-', "_");
        let (client, variable) = match &*package {
            "leaderssl_gpu" | "inferno_vps" => (format!("{package}::Client"), "client"),
            _ => ("elastis_core::Elastis".to_owned(), "elastis"),
        };
        let line = |row: &Row| {
            let handle = row.handle.as_deref().filter(|handle| *handle != variable)?;
            let (name, _) = row.rust_method.as_deref()?.split_once("::")?;
            Some(format!("    let _: {package}::{name} = {handle};\n"))
        };
        let lines: BTreeSet<_> = rows.iter().filter_map(line).collect();
        text.extend([format!("\nconst _: fn(&{client}) = |{variable}| {{\n")]);
        text.extend(lines);
        text.push_str("};\n");
    }
    text
}

fn table(rows: &[Row]) -> String {
    let lines = rows.iter().map(|Row { operation, rust_method, method, path, effect, .. }| {
        let link = rust_method.as_ref().map_or("–".to_owned(), |method| format!("[`{method}`]"));
        format!("| `{operation}` | {link} | `{method} {path}` | {effect} |\n")
    });
    ["| operation | method | sends | effect |\n|---|---|---|---|\n".to_owned()]
        .into_iter()
        .chain(lines)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::tests::row;

    #[test]
    fn each_crate_has_its_own_table() {
        let rows = [row(), row(), Row { package: "elastis-storage", ..row() }];
        let lines: Vec<_> = all(&rows).iter().map(|table| table.text.lines().count()).collect();
        assert_eq!(lines[..2], [4, 3]);
    }

    #[test]
    fn each_provider_has_a_table_from_endpoint_to_method() {
        let later = Row { path: "/v1/a", operation: "a", call: None, package: "elastis-storage", ..row() };
        let text = methods(&[row(), later, Row { package: "inferno-vps", ..row() }]);
        let lines: Vec<_> = text.lines().filter(|line| line.starts_with(['|', '#'])).collect();
        assert_eq!(lines[1..3], ["## elastis.id", "| endpoint | method | crate |"]);
        assert_eq!(lines[4], "| `POST /v1/a` | – | [`elastis-storage`](crates/elastis-storage) |");
        let stop =
            "| `POST /v1/vm/stop` | `elastis.vms().stop(..)` | [`elastis-core`](crates/elastis-core) |";
        assert_eq!(lines[5..7], [stop, "## Inferno"]);
    }

    #[test]
    fn each_handle_is_created_once() {
        let text = handles(&[row(), row()]);
        let lines: Vec<_> = text.lines().rev().take(3).collect();
        let [first, line] = [
            "const _: fn(&elastis_core::Elastis) = |elastis| {",
            "    let _: elastis_core::Vms = elastis.vms();",
        ];
        assert_eq!(lines, ["};", line, first]);
    }

    #[test]
    fn a_row_links_to_the_method_with_its_endpoint() {
        let text = table(&[row()]);
        assert!(
            text.ends_with("| `vm.stop` | [`Vms::stop`] | `POST /v1/vm/stop` | idempotent |\n"),
            "{text}"
        );
    }

    #[test]
    fn no_link_is_made_to_a_method_that_does_not_exist() {
        assert!(table(&[Row { rust_method: None, ..row() }]).contains("| – |"));
    }
}
