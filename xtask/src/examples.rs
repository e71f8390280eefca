//! Runs the programs in `examples/`, because readers copy them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::cargo::{cargo, output};
use crate::contract::responses::Variable;
use crate::failure::{Failure, Problem, Result};
use crate::out::{complain, say};
use crate::root;

/// The prefixes of variables with credentials. An example that finds credentials calls a real provider, which must not
/// happen here.
const CREDENTIALS: [&str; 3] = ["ELASTIS_", "INFERNO_", "LEADERSSL_"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
    #[serde(default, rename = "required-features")]
    required_features: Vec<String>,
}

impl Target {
    fn is_example(&self) -> bool {
        self.kind.iter().any(|kind| kind == "example")
    }
}

/// A message that cargo prints during a build. Only messages about executables have both fields.
#[derive(Deserialize)]
struct Built {
    target: Option<Target>,
    executable: Option<PathBuf>,
}

/// A program in the `examples/` of a package.
#[derive(Debug)]
pub(crate) struct Example {
    package: String,
    name: String,
    features: Vec<String>,
}

/// Returns all examples in the workspace.
pub(crate) fn find() -> Result<Vec<Example>> {
    let shown = output(&mut cargo(["metadata", "--no-deps", "--format-version", "1"]))?;
    Ok(of_workspace(read(&shown)?))
}

fn of_workspace(metadata: Metadata) -> Vec<Example> {
    let of_package = |package: Package| {
        let examples = package.targets.into_iter().filter(Target::is_example);
        let package = package.name;
        examples.map(move |target| Example {
            package: package.clone(),
            name: target.name,
            features: target.required_features,
        })
    };
    metadata.packages.into_iter().flat_map(of_package).collect()
}

/// Returns the features that examples require, in the format of `--features`.
pub(crate) fn features(examples: &[Example]) -> String {
    let of = |example: &Example| {
        let package = example.package.clone();
        example.features.iter().map(move |feature| format!("{package}/{feature}")).collect::<Vec<_>>()
    };
    examples.iter().flat_map(of).collect::<Vec<_>>().join(",")
}

/// Runs the examples whose names contain `filter` against the simulator, and returns their number.
pub(crate) fn run(
    examples: &[Example],
    features: &str,
    filter: Option<&str>,
    variable: Variable<'_>,
) -> Result<usize> {
    let chosen = examples.iter().filter(|example| filter.is_none_or(|part| example.name.contains(part)));
    let chosen: Vec<_> = chosen.collect();
    if chosen.is_empty() {
        return Ok(0);
    }
    let programs = build(features)?;
    let mut problems = Vec::new();
    for Example { package, name, features } in &chosen {
        let again = match features.as_slice() {
            [] => format!("cargo run -p {package} --example {name}"),
            some => format!("cargo run -p {package} --example {name} --features {}", some.join(",")),
        };
        let started = Instant::now();
        match programs.get(name).map(|program| quietly(program, variable)) {
            None => problems.push(Problem::new(format_args!("example {name} was not built"), again)),
            Some(Ok(())) => say(format_args!("example {package}/{name} ... ok, {:.1?}", started.elapsed())),
            Some(Err(printed)) => {
                say(format_args!("example {package}/{name} ... FAILED"));
                complain(printed);
                problems
                    .push(Problem::new(format_args!("example {name} failed (see its output above)"), again));
            }
        }
    }
    Failure::unless_none(problems)?;
    Ok(chosen.len())
}

/// Builds the examples with the features of the tests, so that nothing is compiled twice.
fn build(features: &str) -> Result<BTreeMap<String, PathBuf>> {
    let mut arguments =
        vec!["build", "--quiet", "--workspace", "--examples", "--message-format", "json-render-diagnostics"];
    if !features.is_empty() {
        arguments.extend(["--features", features]);
    }
    let shown = output(&mut cargo(arguments))?;
    let mut programs = BTreeMap::new();
    for line in shown.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let built: Built = read(line)?;
        if let (Some(target), Some(executable)) = (built.target.filter(Target::is_example), built.executable)
        {
            programs.insert(target.name, executable);
        }
    }
    Ok(programs)
}

/// Runs a program without credentials. Returns its output if it fails.
fn quietly(program: &Path, variable: Variable<'_>) -> Result<(), String> {
    let mut command = Command::new(program);
    command.current_dir(root()).envs([variable]);
    for (name, _) in std::env::vars_os() {
        if CREDENTIALS.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    let output = command.output().map_err(|error| format!("{error}\n"))?;
    let printed = [output.stdout, output.stderr].concat();
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&printed).into_owned()) }
}

fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T> {
    serde_json::from_slice(json).map_err(|error| {
        Failure::new(format_args!("unexpected JSON from cargo: {error}"), "cargo metadata --no-deps")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const METADATA: &str = r#"{"packages": [
        {"name": "a", "targets": [{"name": "a", "kind": ["lib"]}, {"name": "one", "kind": ["example"]}]},
        {"name": "b", "targets": [{"name": "two", "kind": ["example"], "required-features": ["blocking"]}]}
    ]}"#;

    #[test]
    fn examples_are_found_with_their_required_features() {
        let examples = of_workspace(read(METADATA.as_bytes()).unwrap());
        let names: Vec<_> = examples.iter().map(|example| (&*example.package, &*example.name)).collect();
        assert_eq!(names, [("a", "one"), ("b", "two")]);
        assert_eq!(features(&examples), "b/blocking");
    }

    #[test]
    fn the_output_of_a_failed_program_is_shown() {
        let failed = quietly(Path::new("/nonexistent/program"), ("NAME", Path::new("value")));
        assert!(failed.is_err_and(|printed| !printed.is_empty()));
    }
}
