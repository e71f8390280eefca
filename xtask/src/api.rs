//! `cargo xtask api`: lists the public items of each published crate, one per line, so that a review shows what
//! changed.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::cargo::{cargo, run as run_cargo};
use crate::failure::{Failure, Result};
use crate::generated::{self, Generated};
use crate::out::{counted, say};
use crate::packages::{self, Package};
use crate::{root, sources};

const WRITE: &str = "cargo xtask api --write";

/// The version of rustdoc's JSON format that `public-api` reads. rustdoc changes the format every few releases, so
/// other toolchains cannot be used. After a toolchain update, use a version of `public-api` that supports the new
/// toolchain's format.
const FORMAT: u32 = 57;

/// A separate folder, because the flags that make a stable rustdoc write JSON also make cargo rebuild all
/// dependencies.
const TARGET: &str = "target/api";

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask api
  cargo xtask api --write")]
pub(crate) struct Arguments {
    /// Fails if a crate's api.txt is out of date (the default).
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
        (None, true) => Err(Failure::new(
            "this toolchain's rustdoc writes another JSON format than api.txt requires",
            WRITE,
        )),
        (None, false) => Ok(()),
    }
}

/// Fails if a crate's public items differ from its `api.txt`.
pub(crate) fn check() -> Result {
    apis()?.map_or(Ok(()), |files| compare(&files))
}

fn compare(files: &[Generated]) -> Result {
    generated::check(files, WRITE)?;
    say(format_args!("the public items of {} match api.txt", counted(files.len(), "crate")));
    Ok(())
}

/// Returns the `api.txt` of each published crate, or `None` if this toolchain's rustdoc writes another version of the
/// format.
fn apis() -> Result<Option<Vec<Generated>>> {
    let packages = packages::published()?;
    document(&packages)?;
    let mut files = Vec::new();
    for package in &packages {
        let Some(library) = package.library() else { continue };
        let json = root().join(TARGET).join("doc").join(&library).with_extension("json");
        let format = format(&json)?;
        if format != FORMAT {
            say(format_args!(
                "skipped: rustdoc writes format {format} here, but format {FORMAT} is required"
            ));
            return Ok(None);
        }
        let api = public_api::Builder::from_rustdoc_json(&json)
            .omit_blanket_impls(true)
            .omit_auto_trait_impls(true)
            .build()
            .map_err(|error| Failure::new(format_args!("{}: {error}", json.display()), "rm -r target/api"))?;
        let mut text = text(api.items().map(ToString::to_string));
        for (path, source) in sources::files(&package.folder().join("src"))? {
            let parent = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
            text.extend(macros(&source, &parent).map(|name| format!("pub macro {library}::{name}!\n")));
        }
        files.push(Generated { path: package.folder().join("api.txt"), text });
    }
    Ok(Some(files))
}

fn document(packages: &[Package]) -> Result {
    let mut command = cargo(["doc", "--quiet", "--no-deps", "--lib", "--target-dir", TARGET]);
    for package in packages {
        command.args(["-p", &package.name]);
        // The TLS and HTTP/2 features change no items, and their C code takes minutes to build.
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

/// Writes one item per line. The functions of an implemented trait are left out, because the trait's line implies
/// them.
fn text(items: impl Iterator<Item = String>) -> String {
    let mut implied = None;
    let mut text = String::new();
    for item in items {
        if item.starts_with("impl") {
            implied = item.split_once(" for ").map(|(_, owner)| {
                let owner = owner.split_once(" where ").map_or(owner, |(owner, _)| owner);
                format!("pub fn {owner}::")
            });
        }
        let is_implied = implied.as_ref().is_some_and(|implied| item.starts_with(implied));
        if !is_implied && !item.contains("StructuralPartialEq") {
            text += &item;
            text.push('\n');
        }
    }
    text
}

/// Returns the macros that a file re-exports as `__name as name`, which rustdoc leaves out. Each macro is listed with
/// its module: the last `pub mod` before it in the file, or otherwise the file's folder.
fn macros<'a>(source: &'a str, folder: &'a str) -> impl Iterator<Item = String> + 'a {
    let word =
        |text: &'a str| text.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
    source.match_indices("__").filter_map(move |(at, _)| {
        let hidden = word(&source[at..]);
        let name = word(source[at + hidden.len()..].strip_prefix(" as ")?);
        let module =
            source[..at].rfind("pub mod ").map_or(folder, |at| word(&source[at + "pub mod ".len()..]));
        Some(format!("{module}::{name}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_of_an_implemented_trait_are_left_out() {
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

    #[test]
    fn re_exported_macros_are_listed_with_their_module() {
        let root = "pub mod client {\n    pub use crate::{__operations as operations, Effect};\n}";
        assert_eq!(macros(root, "src").collect::<Vec<_>>(), ["client::operations"]);
        let folder = "pub use crate::__uuid_id as uuid_id;\nfn f() { crate::__private::count() }";
        assert_eq!(macros(folder, "wire").collect::<Vec<_>>(), ["wire::uuid_id"]);
    }
}
