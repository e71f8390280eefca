//! Finds the methods of a crate whose documentation contains the line "`METHOD /path`".

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};

/// A public method that documents its endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Method {
    /// The name, e.g. `Vms::stop`.
    pub(crate) name: String,
    /// Whether the method has parameters besides `self`.
    pub(crate) has_arguments: bool,
    /// The endpoint, e.g. `POST /v1/user-resource/vm/stop`.
    pub(crate) endpoint: String,
    /// Whether the documentation has a code block that is compiled.
    pub(crate) has_example: bool,
    /// The first sentence of the documentation.
    pub(crate) summary: String,
    /// The documentation as one line.
    pub(crate) docs: String,
}

/// The sources of one crate.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// The methods, in the order of files and lines.
    pub(crate) methods: Vec<Method>,
    /// The public method that returns a handle, by the handle's type: `Elastis::vms` for `Vms`, `S3::keys` for
    /// `S3Keys`.
    pub(crate) accessors: BTreeMap<String, String>,
}

impl Sources {
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let mut sources = Self::default();
        for (_, text) in files(folder)? {
            sources.add(&text);
        }
        Ok(sources)
    }

    /// Returns the method that documents an endpoint. If there are several, prefers the one that is named after the
    /// operation.
    pub(crate) fn method(&self, operation: &str, endpoint: &str) -> Option<&Method> {
        let own = operation.rsplit('.').next().unwrap_or_default();
        let all = || self.methods.iter().filter(|method| method.endpoint == endpoint);
        all().find(|method| method.name.ends_with(&format!("::{own}"))).or_else(|| all().next())
    }

    /// Returns the expression that calls a method through a variable with this name, e.g. `elastis.s3().keys().delete(..)`.
    pub(crate) fn call(&self, client: &str, method: &Method) -> String {
        let (owner, name) = method.name.split_once("::").unwrap_or_default();
        let arguments = if method.has_arguments { ".." } else { "" };
        format!("{}.{name}({arguments})", self.handle(client, owner))
    }

    /// Returns the expression for a handle of this type, which may be a handle of another handle:
    /// `elastis.s3().keys()`.
    pub(crate) fn handle(&self, client: &str, handle: &str) -> String {
        let accessor = self.accessors.get(handle).and_then(|accessor| accessor.split_once("::"));
        accessor.map_or(client.to_owned(), |(owner, name)| format!("{}.{name}()", self.handle(client, owner)))
    }

    fn add(&mut self, text: &str) {
        let (mut owner, mut public) = ("", "pub fn ");
        let mut docs = Vec::new();
        for line in text.lines() {
            if let Some(block) = line.strip_prefix("impl") {
                owner = identifier(block.rsplit(" for ").next().unwrap_or_default().trim_start());
                public = "pub fn ";
            } else if let Some(block) = line.strip_prefix("pub trait ") {
                (owner, public) = (identifier(block), "fn ");
            }
            let line = line.trim_start();
            let accessor = line.strip_prefix(public).and_then(accessor);
            self.accessors.extend(accessor.map(|(handle, name)| (handle, format!("{owner}::{name}"))));
            if let Some(doc) = line.strip_prefix("///") {
                docs.push(doc.trim());
            } else if let Some(function) = line.strip_prefix("pub fn ") {
                let method = |endpoint| Method {
                    name: format!("{owner}::{}", identifier(function)),
                    has_arguments: !function[identifier(function).len()..].starts_with("(&self)"),
                    endpoint,
                    has_example: has_example(&docs),
                    summary: summary(&docs),
                    docs: docs.join(" "),
                };
                self.methods.extend(docs.iter().find_map(|line| endpoint(line)).map(method));
                docs.clear();
            } else if line.is_empty() {
                docs.clear();
            }
        }
    }
}

/// Returns the `.rs` files of a folder and its subfolders, in order, with their content.
pub(crate) fn files(folder: &Path) -> Result<Vec<(PathBuf, String)>> {
    files_ending(&["rs"], folder)
}

/// Returns the files with these extensions in a folder and its subfolders, in order, with their content. Leaves out
/// hidden folders and the files that cargo builds.
pub(crate) fn files_ending(ends: &[&str], folder: &Path) -> Result<Vec<(PathBuf, String)>> {
    let failure = |error| Failure::new(format_args!("{}: {error}", folder.display()), "git status");
    let mut entries =
        fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(failure)?;
    entries.sort_by_key(fs::DirEntry::path);
    let mut found = Vec::new();
    for path in entries.iter().map(fs::DirEntry::path) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if !name.starts_with('.') && name != "target" {
                found.extend(files_ending(ends, &path)?);
            }
        } else if path.extension().is_some_and(|end| ends.iter().any(|one| end == *one)) {
            let text = fs::read_to_string(&path).map_err(failure)?;
            found.push((path, text));
        }
    }
    Ok(found)
}

/// Returns the endpoint at the start of a line of documentation.
fn endpoint(line: &str) -> Option<String> {
    let quoted = line.strip_prefix('`')?.split('`').next()?;
    let (method, path) = quoted.split_once(' ')?;
    let is_method = ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method);
    (is_method && path.starts_with('/')).then(|| quoted.to_owned())
}

/// Returns `Vms` and `vms` for the function `vms(&self) -> Vms {`.
fn accessor(function: &str) -> Option<(String, String)> {
    let (name, returned) = function.split_once("(&self) -> ")?;
    let returned = returned.trim_end_matches([' ', '{', ';']);
    (identifier(returned) == returned).then(|| (returned.to_owned(), name.to_owned()))
}

fn identifier(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
}

/// Returns the first sentence, without its markup.
fn summary(docs: &[&str]) -> String {
    let paragraph = docs.iter().take_while(|line| !line.is_empty()).copied().collect::<Vec<_>>().join(" ");
    let end = paragraph.find(". ").unwrap_or(paragraph.len());
    paragraph[..end].trim_end_matches('.').replace("**", "")
}

fn has_example(docs: &[&str]) -> bool {
    // Fences alternately open and close a block.
    docs.iter().filter_map(|line| line.strip_prefix("```")).step_by(2).any(is_compiled)
}

/// Returns whether rustdoc compiles a code block with this info string.
pub(crate) fn is_compiled(info: &str) -> bool {
    let compiled = ["", "rust", "no_run", "should_panic", "compile_fail", "edition2024"];
    info.split([',', ' ']).all(|word| compiled.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Sources {
        let mut sources = Sources::default();
        sources.add(text);
        sources
    }

    const VMS: &str = r#"
impl Vms {
    /// Returns a VM.
    ///
    /// `GET /vm`
    ///
    /// ```
    /// one();
    /// ```
    pub fn get(&self) -> Call<Vm> { self.client.call(&GET).response() }

    /// `POST /vm/stop` with `force=1`
    ///
    /// ```text
    /// not compiled
    /// ```
    #[deprecated(
        note = "use another"
    )]
    pub fn force_stop(&self) -> Call<Vm> { self.act(&STOP) }

    /// Forgets `GET /vm`
    pub fn forget(&self) {}
}

impl From<Vms> for Other {
    /// `POST /vm/stop`
    pub fn stop(&self) {}
}
"#;

    #[test]
    fn a_method_is_found_by_the_endpoint_that_it_documents() {
        let found = read(VMS).methods;
        let found: Vec<_> = found.iter().map(|m| (&*m.name, &*m.endpoint, m.has_example)).collect();
        let stop = "POST /vm/stop";
        assert_eq!(
            found,
            [("Vms::get", "GET /vm", true), ("Vms::force_stop", stop, false), ("Other::stop", stop, false)]
        );
    }

    #[test]
    fn the_method_with_the_operations_own_name_is_preferred() {
        let sources = read(VMS);
        let name = |operation, endpoint| sources.method(operation, endpoint).map(|method| &*method.name);
        assert_eq!(name("vm.stop", "POST /vm/stop"), Some("Other::stop"));
        assert_eq!(name("vm.halt", "POST /vm/stop"), Some("Vms::force_stop"));
        assert_eq!(name("vm.stop", "POST /vm/stop/now"), None);
    }

    #[test]
    fn a_call_goes_through_the_method_that_returns_the_handle() {
        let mut sources = read(VMS);
        sources.add("pub trait Cloud {\n    /// The VMs.\n    fn vms(&self) -> Vms;\n}");
        let calls: Vec<_> = sources.methods.iter().map(|method| sources.call("cloud", method)).collect();
        assert_eq!(calls, ["cloud.vms().get()", "cloud.vms().force_stop()", "cloud.stop()"]);
        sources.add("impl Vms {\n    /// `GET /vm`\n    pub fn find(\n        &self,\n        name: &str,\n    ) {}\n}");
        let found = sources.methods.last().map(|method| sources.call("cloud", method));
        assert_eq!(found.as_deref(), Some("cloud.vms().find(..)"));
    }

    #[test]
    fn a_handle_of_a_handle_is_called_through_both() {
        let mut sources =
            read("impl S3 {\n    pub fn keys(&self) -> Keys {\n    fn cloud(&self) -> Cloud {\n}");
        sources.add("pub trait Cloud {\n    fn s3(&self) -> S3;\n}");
        sources.add("impl Keys {\n    /// `GET /keys`\n    pub fn list(&self) {}\n}");
        assert_eq!(sources.call("cloud", &sources.methods[0]), "cloud.s3().keys().list()");
    }

    #[test]
    fn every_wait_documents_its_default_limit() {
        let mut waits = 0;
        for (path, text) in files(&crate::root().join("crates")).unwrap() {
            let lines: Vec<_> = text.lines().map(str::trim).collect();
            for (at, line) in lines.iter().enumerate() {
                if !(line.starts_with("pub fn wait") && line.contains("-> Wait")) {
                    continue;
                }
                let above = lines[..at].iter().rev().skip_while(|line| line.starts_with("#["));
                let docs = above.map_while(|line| line.strip_prefix("///"));
                let docs: String = docs.collect::<Vec<_>>().into_iter().rev().collect();
                assert!(docs.contains("up to ten minutes"), "{}: {line}", path.display());
                waits += 1;
            }
        }
        assert!(waits > 7, "{waits}");
    }

    /// Returns whether the function that begins on the first line returns a call and is not generic.
    fn returns_call(lines: &[&str]) -> bool {
        const CALLS: [&str; 7] =
            ["Call", "CallSequence", "Ensure", "ListCall", "Recover", "Wait", "WaitBuilder"];
        let end = lines.iter().position(|line| line.ends_with(['{', '}', ';'])).unwrap();
        let signature = lines[..=end].concat();
        let Some((parameters, returned)) = signature.split_once(") -> ") else { return false };
        let name = parameters.split('(').next().unwrap();
        let is_generic = name.contains('<') || parameters.contains("impl ");
        !is_generic && !signature.ends_with(';') && CALLS.contains(&identifier(returned))
    }

    #[test]
    fn every_method_that_returns_a_call_is_inline_unless_it_is_generic() {
        let mut inline = 0;
        let folders = crate::operations::packages().map(|name| crate::root().join("crates").join(name));
        for (path, text) in folders.flat_map(|folder| files(&folder.join("src")).unwrap()) {
            let code = text.split("mod tests {").next().unwrap();
            let lines: Vec<_> = code.lines().map(str::trim).collect();
            for (at, line) in lines.iter().enumerate() {
                let is_function = line.starts_with("pub fn ") || line.starts_with("fn ");
                if is_function && returns_call(&lines[at..]) {
                    let mut above = lines[..at].iter().rev().take_while(|line| line.starts_with("#["));
                    let is_inline = above.any(|line| *line == "#[inline]");
                    assert!(is_inline, "add #[inline] in {}: {line}", path.display());
                    inline += 1;
                }
            }
        }
        assert!(inline > 150, "{inline}");
    }
}
