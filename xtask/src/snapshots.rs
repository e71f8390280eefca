//! `cargo xtask snapshots`: replays the fixtures, and compares the results with the accepted snapshots.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::cargo::{cargo, run_tests};
use crate::failure::{Failure, Result};
use crate::out::{counted, say};
use crate::{diff, operations, root};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask snapshots
  cargo xtask snapshots --accept")]
pub(crate) struct Arguments {
    /// Writes the changed snapshots.
    #[arg(long)]
    accept: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result {
    let packages: Vec<_> =
        operations::packages().filter(|package| folder(package).join("replay.rs").exists()).collect();
    if packages.is_empty() {
        return Err(Failure::new(
            "no crate has a tests/replay.rs",
            "add one that replays the crate's fixtures",
        ));
    }
    let before = read(&packages, "snap")?;
    let mut command = cargo(["test", "--quiet", "--test", "replay"]);
    command.args(packages.iter().flat_map(|package| ["-p", package])).arg("every_fixture");
    // Makes every test pass, and write its result next to the snapshot or in place of it.
    command.env("INSTA_FORCE_PASS", "1").env("INSTA_OUTPUT", "none");
    command.env("INSTA_UPDATE", if arguments.accept { "always" } else { "new" });
    run_tests(&mut command)?;
    let mut after = read(&packages, if arguments.accept { "snap" } else { "snap.new" })?;
    if !arguments.accept {
        for path in after.keys() {
            let pending = path.with_extension("snap.new");
            fs::remove_file(&pending).map_err(|error| unreadable(&pending, &error))?;
        }
    }
    after.retain(|path, text| before.get(path).map(|old| body(old)) != Some(body(text)));
    for (path, text) in &after {
        let shown = path.strip_prefix(root()).unwrap_or(path).display();
        say(format_args!(
            "{shown}\n{}",
            diff::lines(before.get(path).map_or("", |old| body(old)), body(text))
        ));
    }
    match (after.len(), arguments.accept) {
        (0, _) => say("no snapshot changed"),
        (count, true) => say(format_args!("{} written", counted(count, "snapshot"))),
        (count, false) => {
            let what = format_args!("{} changed", counted(count, "snapshot"));
            return Err(Failure::new(what, "cargo xtask snapshots --accept"));
        }
    }
    Ok(())
}

fn folder(package: &str) -> PathBuf {
    root().join("crates").join(package).join("tests")
}

/// Returns the snapshots of the crates, by the path of the accepted snapshot.
fn read(packages: &[&str], extension: &str) -> Result<BTreeMap<PathBuf, String>> {
    let mut texts = BTreeMap::new();
    for package in packages {
        let Ok(entries) = fs::read_dir(folder(package).join("snapshots")) else { continue };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let Some(stem) = name.strip_suffix(&format!(".{extension}")) else { continue };
            let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
            texts.insert(path.with_file_name(format!("{stem}.snap")), text);
        }
    }
    Ok(texts)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format_args!("{}: {error}", path.display()), "git status")
}

/// Returns a snapshot without its header, which contains the path of the test.
fn body(snapshot: &str) -> &str {
    snapshot
        .strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---\n"))
        .map_or(snapshot, |(_, body)| body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_of_a_snapshot_is_not_compared() {
        assert_eq!(body("---\nsource: a.rs\nassertion_line: 3\n---\nvalue: 1\n"), "value: 1\n");
        assert_eq!(body("value: 1\n"), "value: 1\n");
    }
}
