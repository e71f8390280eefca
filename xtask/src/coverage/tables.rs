//! The operations as tables: on the page of each crate, and in `METHODS.md` for readers who know the endpoint.

use super::Row;
use crate::fixtures::provider_name;
use crate::generated::Generated;
use crate::root;

/// The command that writes the tables.
pub(super) const WRITE: &str = "cargo xtask operations --write";

/// One table for each crate, which includes it in its `lib.rs`, and the one of all methods.
pub(super) fn all(rows: &[Row]) -> Vec<Generated> {
    let of_crates = rows.chunk_by(|one, other| one.package == other.package).map(|rows| Generated {
        path: root().join("crates").join(rows[0].package).join("src/operations.md"),
        text: table(rows),
    });
    of_crates.chain([Generated { path: root().join("METHODS.md"), text: methods(rows) }]).collect()
}

const METHODS: &str = "\
# From endpoint to method

The method for each endpoint of the providers, for programs that come from `curl` or another client. Written by
`cargo xtask operations --write`. `client` is a `Client` of the provider, `elastis` an `Elastis`; the
[cookbook](crates/hostkit/src/cookbook.md#migrate-from-curl) shows what becomes of headers and options.
";

/// For each provider what it calls an endpoint, sorted, and what a program calls in its place.
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
    fn each_crate_has_a_table_of_its_own() {
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
