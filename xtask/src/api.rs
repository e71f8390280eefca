//! `cargo xtask api`: the public items of each published crate, one a line, so that a review sees what changed.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::cargo::{cargo, run as run_cargo};
use crate::failure::{Failure, Result};
use crate::generated::{self, Generated};
use crate::out::{counted, say};
use crate::packages::{self, Package};
use crate::root;

const WRITE: &str = "cargo xtask api --write";

/// The form of rustdoc's JSON that `public-api` reads here. rustdoc changes it every few releases, so another
/// toolchain cannot be asked; take the version of `public-api` that fits when the toolchain is raised.
const FORMAT: u32 = 57;

/// Not `target`: what makes a stable rustdoc write JSON also makes cargo build all dependencies anew.
const TARGET: &str = "target/api";

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask api
  cargo xtask api --write")]
pub(crate) struct Arguments {
    /// Fails where a crate's api.txt is stale, which is what happens without any flag too.
    #[arg(long, conflicts_with = "write")]
    check: bool,
    /// Writes each crate's api.txt.
    #[arg(long)]
    write: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result {
    match (apis()?, arguments.write) {
        (Some(files), true) => generated::write(&files),
        (Some(files), false) => compare(&files),
        (None, true) => {
            Err(Failure::new("this toolchain's rustdoc is not the one that api.txt is made by", WRITE))
        }
        (None, false) => Ok(()),
    }
}

/// Fails where a crate's public items are not those of its `api.txt`.
pub(crate) fn check() -> Result {
    apis()?.map_or(Ok(()), |files| compare(&files))
}

fn compare(files: &[Generated]) -> Result {
    generated::check(files, WRITE)?;
    say(format_args!("the public items of {} match api.txt", counted(files.len(), "crate")));
    Ok(())
}

/// Nothing where this toolchain's rustdoc speaks another form.
fn apis() -> Result<Option<Vec<Generated>>> {
    let packages = packages::published()?;
    document(&packages)?;
    let mut files = Vec::new();
    for package in &packages {
        let Some(library) = package.library() else { continue };
        let json = root().join(TARGET).join("doc").join(library).with_extension("json");
        let format = format(&json)?;
        if format != FORMAT {
            say(format_args!("skipped: rustdoc writes form {format} here, and form {FORMAT} is read"));
            return Ok(None);
        }
        let api = public_api::Builder::from_rustdoc_json(&json)
            .omit_blanket_impls(true)
            .omit_auto_trait_impls(true)
            .build()
            .map_err(|error| Failure::new(format_args!("{}: {error}", json.display()), "rm -r target/api"))?;
        files.push(Generated {
            path: package.folder().join("api.txt"),
            text: text(api.items().map(ToString::to_string)),
        });
    }
    Ok(Some(files))
}

fn document(packages: &[Package]) -> Result {
    let mut command = cargo(["doc", "--quiet", "--no-deps", "--lib", "--target-dir", TARGET]);
    for package in packages {
        command.args(["-p", &package.name]);
        // TLS and HTTP/2 change no item, and their C code takes minutes.
        let unseen = ["default", "rustls", "aws-lc", "native-tls", "http2"];
        for feature in package.features.keys().filter(|name| !unseen.contains(&name.as_str())) {
            command.args(["--features", &format!("{}/{feature}", package.name)]);
        }
    }
    command.arg("--no-default-features");
    command.env("RUSTC_BOOTSTRAP", "1").env("RUSTDOCFLAGS", "-Z unstable-options --output-format json");
    run_cargo(&mut command)
}

fn format(json: &Path) -> Result<u32> {
    #[derive(Deserialize)]
    struct Head {
        format_version: u32,
    }
    let unreadable = |error: &dyn std::fmt::Display| {
        Failure::new(format_args!("{}: {error}", json.display()), "rm -r target/api")
    };
    let text = fs::read_to_string(json).map_err(|error| unreadable(&error))?;
    serde_json::from_str(&text)
        .map(|Head { format_version }| format_version)
        .map_err(|error| unreadable(&error))
}

/// One item a line. The functions of an implemented trait say no more than that it is implemented.
fn text(items: impl Iterator<Item = String>) -> String {
    let mut told = None;
    let mut text = String::new();
    for item in items {
        if item.starts_with("impl") {
            told = item.split_once(" for ").map(|(_, owner)| {
                let owner = owner.split_once(" where ").map_or(owner, |(owner, _)| owner);
                format!("pub fn {owner}::")
            });
        }
        let is_told = told.as_ref().is_some_and(|told| item.starts_with(told));
        if !is_told && !item.contains("StructuralPartialEq") {
            text += &item;
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_of_a_trait_are_left_out_and_the_types_own_are_not() {
        let items = [
            "pub struct a::Call<T>",
            "impl<T> a::Call<T>",
            "pub fn a::Call<T>::new() -> Self",
            "impl<T> core::future::IntoFuture for a::Call<T> where T: 'static",
            "pub type a::Call<T>::Output = T",
            "pub fn a::Call<T>::into_future(self) -> Self::IntoFuture",
            "impl<T> core::marker::StructuralPartialEq for a::Call<T>",
            "pub fn a::free()",
        ];
        let text = text(items.into_iter().map(str::to_owned));
        assert_eq!(text.lines().collect::<Vec<_>>(), [0, 1, 2, 3, 4, 7].map(|kept| items[kept]));
    }
}
