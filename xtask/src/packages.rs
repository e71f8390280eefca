//! The published packages, and the metadata that each of them must have.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::cargo::{cargo, output, run as run_cargo};
use crate::failure::{Failure, Problem, Result};
use crate::operations;
use crate::out::{counted, say};

/// A package of this workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) features: BTreeMap<String, Vec<String>>,
    version: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
    dependencies: Vec<Dependency>,
    /// The registries to which the package may be published, or `None` for all registries.
    publish: Option<Vec<String>>,
    description: Option<String>,
    license: Option<String>,
    repository: Option<String>,
    readme: Option<PathBuf>,
    #[serde(default)]
    keywords: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
    metadata: Option<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    req: String,
    kind: Option<String>,
}

/// Returns the published packages, ordered by name.
pub(crate) fn published() -> Result<Vec<Package>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    let json = output(&mut cargo(["metadata", "--no-deps", "--format-version", "1"]))?;
    let Metadata { mut packages } = serde_json::from_slice(&json)
        .map_err(|error| Failure::new(error, "cargo metadata --no-deps --format-version 1"))?;
    packages.retain(|package| package.publish.as_ref().is_none_or(|registries| !registries.is_empty()));
    packages.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(packages)
}

/// Fails if a manifest lacks metadata that a registry needs, if versions differ, or if cargo cannot package a crate.
pub(crate) fn check() -> Result {
    let packages = published()?;
    Failure::unless_none(packages.iter().flat_map(|package| package.problems(&packages)).collect())?;
    // Makes packages depend on the current sources of the other packages in the workspace. cargo caches unpacked and
    // built packages by version, so a later run would otherwise verify a package against outdated copies of the others.
    let neighbours = packages.iter().map(|package| {
        let folder = package.folder().to_string_lossy().replace('\\', "/");
        format!("--config=patch.crates-io.{}.path=\"{folder}\"", package.name)
    });
    let neighbours: Vec<_> = neighbours.collect();
    for package in &packages {
        let mut command = cargo(["package", "--allow-dirty", "--quiet", "-p", &package.name]);
        run_cargo(command.args(&neighbours))?;
    }
    say(format_args!("{} can be published", counted(packages.len(), "package")));
    Ok(())
}

/// Fails if a manifest has an unused dependency. Skipped without `cargo-machete`.
pub(crate) fn unused_dependencies() -> Result {
    let version = cargo(["machete", "--version"]).output();
    if !version.is_ok_and(|version| version.status.success()) {
        say("skipped: cargo-machete is not installed (cargo install cargo-machete)");
        return Ok(());
    }
    run_cargo(&mut cargo(["machete"]))
}

/// Fails if a package selected by `is_meant` lacks one of these features.
pub(crate) fn lacking_features(features: &[&str], is_meant: impl Fn(&str) -> bool) -> Result {
    let packages = published()?;
    let lacking = packages.iter().filter(|package| is_meant(&package.name)).flat_map(|package| {
        let lacks = features.iter().filter(|feature| !package.features.contains_key(**feature));
        lacks.map(|feature| {
            Problem::new(format_args!("{} has no feature {feature}", package.name), package.help())
        })
    });
    Failure::unless_none(lacking.collect())
}

impl Package {
    fn help(&self) -> String {
        format!("edit {} or the workspace's Cargo.toml", self.manifest_path.display())
    }

    pub(crate) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(&self.manifest_path)
    }

    /// Returns the library's name in code.
    pub(crate) fn library(&self) -> Option<String> {
        let library = self.targets.iter().find(|target| target.kind.iter().any(|kind| kind == "lib"))?;
        Some(library.name.replace('-', "_"))
    }

    fn problems(&self, all: &[Self]) -> Vec<Problem> {
        let says = |field: &Option<String>| field.as_ref().is_some_and(|text| !text.is_empty());
        // On a system without symbolic links, a checkout has the text of the link in place of the license.
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let has_license = |name: &str| match (fs::read(self.folder().join(name)), fs::read(root.join(name))) {
            (Ok(copy), Ok(original)) => copy == original,
            _ => false,
        };
        let docs = |flag: &str| self.metadata.as_ref().is_some_and(|all| all["docs"]["rs"][flag] == true);
        let in_step = |dependency: &Dependency| {
            dependency.kind.as_deref() == Some("dev")
                || all.iter().all(|other| {
                    other.name != dependency.name || dependency.req == format!("={}", other.version)
                })
        };
        let is_client =
            |dependency: &Dependency| operations::packages().any(|client| client == dependency.name);
        let demands = [
            (says(&self.description), "has no description"),
            (says(&self.license), "has no license"),
            (says(&self.repository), "has no repository"),
            (self.readme.as_deref().is_some_and(|name| self.folder().join(name).is_file()), "has no readme"),
            (
                (1..=5).contains(&self.keywords.len()) && self.keywords.iter().all(|word| word.len() <= 20),
                "needs one to five keywords of up to 20 characters",
            ),
            ((1..=5).contains(&self.categories.len()), "needs one to five categories"),
            (docs("all-features"), "does not turn on all features on docs.rs"),
            (
                has_license("LICENSE-MIT") && has_license("LICENSE-APACHE"),
                "has no copies of the workspace's license files next to Cargo.toml",
            ),
            (
                all.iter().all(|other| other.version == self.version),
                "has a different version from the other packages",
            ),
            (
                self.name != "hostkit-simulator" || !self.dependencies.iter().any(is_client),
                "depends on a client, but must be independent of the clients to reveal their mistakes",
            ),
            (
                self.dependencies.iter().all(in_step),
                "does not require exactly this version of the other packages",
            ),
        ];
        demands
            .into_iter()
            .filter(|(met, _)| !met)
            .map(|(_, what)| Problem::new(format_args!("{} {what}", self.name), self.help()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(changes: serde_json::Value) -> String {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/http-core");
        let mut manifest = serde_json::json!({
            "name": "a", "version": "1.2.3", "manifest_path": folder.join("Cargo.toml"), "features": {},
            "targets": [], "dependencies": [{"name": "a", "req": "=1.2.3", "kind": null}],
            "publish": null, "description": "A.", "license": "MIT", "repository": "https://example.org",
            "readme": "README.md", "keywords": ["a"], "categories": ["api-bindings"],
            "metadata": {"docs": {"rs": {"all-features": true}}},
        });
        for (name, value) in changes.as_object().unwrap() {
            manifest[name] = value.clone();
        }
        let package: Package = serde_json::from_value(manifest).unwrap();
        let all = [package];
        Failure::unless_none(all[0].problems(&all))
            .map_or_else(|failure| failure.to_string(), |()| String::new())
    }

    #[test]
    fn all_manifests_of_this_workspace_are_complete() {
        let packages = published().unwrap();
        assert_eq!(packages.len(), 9);
        Failure::unless_none(packages.iter().flat_map(|package| package.problems(&packages)).collect())
            .unwrap();
    }

    #[test]
    fn a_complete_manifest_has_no_problem() {
        assert_eq!(found(serde_json::json!({})), "");
    }

    #[test]
    fn each_missing_field_is_reported() {
        let link_texts = std::env::temp_dir().join(format!("hostkit-packages-{}", std::process::id()));
        fs::create_dir_all(&link_texts).unwrap();
        for name in ["LICENSE-MIT", "LICENSE-APACHE"] {
            fs::write(link_texts.join(name), format!("../../{name}")).unwrap();
        }
        for (changes, what) in [
            (serde_json::json!({"description": null}), "description"),
            (serde_json::json!({"readme": "NONE.md"}), "readme"),
            (serde_json::json!({"keywords": ["1", "2", "3", "4", "5", "6"]}), "keywords"),
            (serde_json::json!({"categories": []}), "categories"),
            (serde_json::json!({"metadata": null}), "docs.rs"),
            (serde_json::json!({"manifest_path": "nowhere/Cargo.toml"}), "license files"),
            (serde_json::json!({"manifest_path": link_texts.join("Cargo.toml")}), "license files"),
            (
                serde_json::json!({"dependencies": [{"name": "a", "req": "^1.2.3", "kind": null}]}),
                "exactly this version",
            ),
            (
                serde_json::json!({"name": "hostkit-simulator",
                    "dependencies": [{"name": "elastis-core", "req": "=1.2.3", "kind": "dev"}]}),
                "depends on a client",
            ),
        ] {
            assert!(found(changes).contains(what), "{what}");
        }
        fs::remove_dir_all(link_texts).unwrap();
    }
}
