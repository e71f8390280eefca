//! Checks the imports of each crate: files must not import each other in a circle, and the files of the layered crate
//! must not import from a higher layer.
//!
//! Reads the text without a parser: `use` statements, and paths that start with `crate::` or `super::`. Comments and
//! test modules are ignored. Imports from a parent module are ignored, because a module and the modules in its folder
//! count as one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::failure::{Failure, Problem, Result};
use crate::out::say;
use crate::packages;
use crate::sources::files;

/// The crate whose folders are layers, and its layers from the lowest to the highest.
const LAYERED: &str = "http_core";
const LAYERS: &[&[&str]] = &[
    &["wire"],
    &["error", "operation", "trace"],
    &["policy"],
    &["transport"],
    &["call"],
    &["builder", "env"],
];

/// The provider names that the layered crate must not contain.
const PROVIDERS: [&str; 4] = ["elastis", "inferno", "leaderssl", "warren"];

/// A crate's modules by path, e.g. `call::wait`, each with its text.
type Modules = BTreeMap<String, String>;
/// The imports of each module.
type Imports = BTreeMap<String, BTreeSet<String>>;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cargo xtask imports")]
pub(crate) struct Arguments;

pub(crate) fn run(_: &Arguments) -> Result {
    check()
}

/// Fails if a file of the layered crate imports from a higher layer, or if files import each other in a circle.
pub(crate) fn check() -> Result {
    let mut problems = Vec::new();
    let mut read = 0;
    for package in packages::published()? {
        let Some(library) = package.library() else { continue };
        let modules = modules(&package.folder().join("src"))?;
        let imports = imports(&modules);
        read += imports.len();
        if library == LAYERED {
            problems.extend(upward(&imports));
            problems.extend(provider_names(&modules));
        }
        problems.extend(circles(&imports).into_iter().map(|circle| {
            Problem::new(
                format_args!("{library}: these files import each other: {}", circle.join(", ")),
                "move the shared items into a new file that imports none of these files",
            )
        }));
    }
    Failure::unless_none(problems)?;
    say(format_args!("{read} files: no import goes to a higher layer, and no imports form a circle"));
    Ok(())
}

/// Returns a problem for each module of the layered crate that names a provider.
fn provider_names(modules: &Modules) -> Vec<Problem> {
    let names = |text: &String| {
        let text = text.to_lowercase();
        PROVIDERS.iter().find(|name| text.contains(*name))
    };
    let found = modules.iter().filter_map(|(module, text)| Some((module, names(text)?)));
    let problem = |(module, name)| {
        Problem::new(
            format_args!("{LAYERED}::{module} names the provider {name}"),
            "move code that only one provider needs into its crate, behind the trait Dialect",
        )
    };
    found.map(problem).collect()
}

/// Returns a problem for each import that goes from a layer to a higher one.
fn upward(imports: &Imports) -> Vec<Problem> {
    let layer = |module: &str| {
        let top = module.split("::").next().unwrap_or_default();
        LAYERS.iter().position(|layer| layer.contains(&top))
    };
    let mut problems = Vec::new();
    for (from, targets) in imports {
        for to in targets {
            match (layer(from), layer(to)) {
                (Some(below), Some(above)) if below < above => problems.push(Problem::new(
                    format_args!("{from} imports {to}, which is in a higher layer"),
                    format!("move the imported item down to {}/, or the code that needs it up to {to}", LAYERS[below][0]),
                )),
                (None, _) if from != "testing" => problems.push(Problem::new(
                    format_args!("{from} belongs to no layer"),
                    "move it into the folder of its layer, or add the folder to LAYERS in xtask/src/imports.rs",
                )),
                _ => {}
            }
        }
    }
    problems
}

/// Returns the modules in a folder, without test modules.
fn modules(folder: &Path) -> Result<Modules> {
    let mut modules = Modules::new();
    for (path, text) in files(folder)? {
        let path = path.strip_prefix(folder).unwrap_or(&path).with_extension("");
        let mut parts: Vec<_> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if parts.last().is_some_and(|last| last == "mod" || last == "lib") {
            parts.pop();
        }
        if parts.last().is_none_or(|last| last != "tests") {
            modules.insert(parts.join("::"), code(&text));
        }
    }
    Ok(modules)
}

/// Returns the text up to its test module, without comments.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn imports(modules: &Modules) -> Imports {
    let mut imports = Imports::new();
    // The root module only re-exports public items, so its imports are ignored.
    for (name, text) in modules.iter().filter(|(name, _)| !name.is_empty()) {
        let targets = paths(text).into_iter().filter_map(|path| {
            let target = home(modules, &absolute(name, &path)?, 0);
            (!target.is_empty() && target != *name && !name.starts_with(&format!("{target}::")))
                .then_some(target)
        });
        imports.insert(name.clone(), targets.collect());
    }
    imports
}

/// Returns every path that `text` imports or names, as written.
fn paths(text: &str) -> Vec<String> {
    let mut paths = Vec::new();
    let mut code = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let statement = line.trim_start().trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
        match statement.strip_prefix("use ") {
            Some(tree) => {
                let mut tree = tree.to_owned();
                while !tree.contains(';')
                    && let Some(more) = lines.next()
                {
                    tree += more.trim();
                }
                flatten(tree.split(';').next().unwrap_or_default(), "", &mut paths);
            }
            None => code = code + line + "\n",
        }
    }
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            let is_start =
                !code[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '$'));
            let is_path = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':');
            if is_start {
                let path = &code[at..];
                let end = path.find(|c| !is_path(c)).unwrap_or(path.len());
                paths.push(path[..end].trim_end_matches(':').to_owned());
            }
        }
    }
    paths
}

/// Adds one path for each leaf of a tree such as `a::{b, c::{d, e as f}}`.
fn flatten(tree: &str, prefix: &str, paths: &mut Vec<String>) {
    let Some((head, group)) = tree.split_once('{') else {
        let name = tree.split(" as ").next().unwrap_or(tree).trim();
        let path = format!("{prefix}{}", name.trim_start_matches("self").trim_start_matches("::"));
        paths.push(path.trim_end_matches("::").to_owned());
        return;
    };
    let prefix = format!("{prefix}{}", head.trim());
    let group = group.trim_end().strip_suffix('}').unwrap_or(group);
    let (mut depth, mut start) = (0_u32, 0);
    for (at, c) in group.char_indices().chain([(group.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                if !group[start..at].trim().is_empty() {
                    flatten(group[start..at].trim(), &prefix, paths);
                }
                start = (at + 1).min(group.len());
            }
            _ => {}
        }
    }
}

/// Returns a path from the root of the crate, or `None` for a path of another crate.
fn absolute(module: &str, path: &str) -> Option<String> {
    if let Some(path) = path.strip_prefix("crate::") {
        return Some(path.to_owned());
    }
    let (mut base, mut path) = (module, path.strip_prefix("super::")?);
    base = base.rsplit_once("::").map_or("", |(parent, _)| parent);
    while let Some(rest) = path.strip_prefix("super::") {
        base = base.rsplit_once("::").map_or("", |(parent, _)| parent);
        path = rest;
    }
    Some(if base.is_empty() { path.to_owned() } else { format!("{base}::{path}") })
}

/// Returns the module that defines an item, even if another module re-exports it.
fn home(modules: &Modules, path: &str, depth: u32) -> String {
    let parts: Vec<_> = path.split("::").collect();
    let known = (0..=parts.len()).rev().find(|end| modules.contains_key(&parts[..*end].join("::")));
    let module = parts[..known.unwrap_or(0)].join("::");
    let (Some(item), Some(text)) = (parts.get(known.unwrap_or(0)), modules.get(&module)) else {
        return module;
    };
    let trees = text.match_indices("use ").filter(|(at, _)| {
        let visibility = text[..*at].rsplit('\n').next().unwrap_or_default().trim();
        matches!(visibility, "pub" | "pub(crate)" | "pub(super)")
    });
    for tree in trees.map(|(at, found)| &text[at + found.len()..]) {
        let mut exported = Vec::new();
        flatten(tree.split(';').next().unwrap_or(tree), "", &mut exported);
        for source in exported.iter().filter(|source| source.rsplit("::").next() == Some(item)) {
            let source = source.trim_start_matches("self::");
            let below = if module.is_empty() { source.to_owned() } else { format!("{module}::{source}") };
            let source = absolute(&format!("{module}::x"), source).unwrap_or(below);
            if source != path && depth < 4 {
                return home(modules, &source, depth + 1);
            }
        }
    }
    module
}

/// Returns the groups of modules that import each other, directly or through others.
fn circles(imports: &Imports) -> Vec<Vec<String>> {
    let reach = |from: &str| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
        while let Some(module) = next.pop() {
            for target in imports.get(module).into_iter().flatten() {
                if seen.insert(target.as_str()) {
                    next.push(target);
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        imports.keys().map(|name| (name.as_str(), reach(name))).collect();
    let mut circles = BTreeSet::new();
    for (name, targets) in &reached {
        let back =
            targets.iter().filter(|target| reached.get(*target).is_some_and(|there| there.contains(name)));
        let circle: Vec<_> = back.map(|name| (*name).to_owned()).collect();
        if circle.len() > 1 {
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crate_of(files: &[(&str, &str)]) -> Imports {
        imports(&files.iter().map(|(name, text)| ((*name).to_owned(), code(text))).collect())
    }

    #[test]
    fn the_layered_crate_names_no_provider() {
        let modules = |text: &str| Modules::from([("wire::form".to_owned(), code(text))]);
        let found = provider_names(&modules("const SLUG: &str = \"Elastis\";"));
        let found = Failure::unless_none(found).unwrap_err().to_string();
        assert!(found.contains("http_core::wire::form names the provider elastis"), "{found}");
        for text in ["// as Elastis does", "const SLUG: &str = \"slug\";"] {
            assert!(provider_names(&modules(text)).is_empty(), "{text}");
        }
    }

    #[test]
    fn only_imports_from_a_higher_layer_are_reported() {
        let files = [
            ("wire::money", "use std::fmt;\n// use crate::call::Call;\n"),
            (
                "policy::retry",
                "use crate::wire::{money, money::{self, Money as M}};\nuse crate::call::Call;\n",
            ),
            (
                "call",
                "fn f() { crate::policy::retry::run() }\n#[cfg(test)]\nmod tests { use crate::builder::B; }",
            ),
            ("builder", ""),
        ];
        let problems = upward(&crate_of(&files));
        let shown = format!("{problems:?}");
        assert_eq!(problems.len(), 1, "{shown}");
        assert!(shown.contains("policy::retry imports call, which is in a higher layer"), "{shown}");
        assert!(shown.contains("move the imported item down to policy/"), "{shown}");
    }

    #[test]
    fn a_file_outside_the_layers_is_reported() {
        let shown = format!("{:?}", upward(&crate_of(&[("stray", "use crate::wire::A;"), ("wire", "")])));
        assert!(shown.contains("stray belongs to no layer"), "{shown}");
    }

    #[test]
    fn a_circle_is_found_through_groups_super_and_re_exports() {
        let files = [
            ("", "pub use vms::Vm;"),
            ("client", "use crate::Vm;"),
            ("vms", "#[cfg(test)]\nmod tests;\nmod models;\npub(crate) use self::models::{Size, Vm};"),
            ("vms::models", "use super::super::{ids::Id, client::Elastis};"),
            ("ids", ""),
        ];
        assert_eq!(circles(&crate_of(&files)), [["client", "vms::models"]]);
        let files = [("a", "use crate::b::B;"), ("b", "use crate::c::C;"), ("c", "pub struct C;")];
        assert_eq!(circles(&crate_of(&files)), Vec::<Vec<String>>::new());
    }
}
