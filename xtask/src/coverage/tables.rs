//! The operations of a crate as the table on its page of documentation.

use super::Row;
use crate::generated::Generated;
use crate::root;

/// The command that writes the tables.
pub(super) const WRITE: &str = "cargo xtask operations --write";

/// One table for each crate, which includes it in its `lib.rs`.
pub(super) fn all(rows: &[Row]) -> Vec<Generated> {
    rows.chunk_by(|one, other| one.package == other.package)
        .map(|rows| Generated {
            path: root().join("crates").join(rows[0].package).join("src/operations.md"),
            text: table(rows),
        })
        .collect()
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
        assert_eq!(lines, [4, 3]);
    }

    #[test]
    fn a_row_links_to_the_method_and_says_what_it_sends() {
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
