//! `cargo xtask operations`: lists the parts of each operation, and those that are missing.

#[cfg(test)]
mod handles;
mod recovery;
mod tables;

use std::collections::BTreeMap;

use hostkit_tests::contract::Contract;
use serde::Serialize;

use self::recovery::Unsaid;
use crate::failure::{Failure, Problem, Result};
use crate::operations::{self, Endpoint};
use crate::out::{counted, say};
use crate::sources::{Method, Sources};
use crate::{fixtures, generated, root};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask operations
  cargo xtask operations --json
  cargo xtask operations --check
  cargo xtask operations --write")]
pub(crate) struct Arguments {
    /// Fails if an operation lacks a method, a fixture, a snapshot, a simulator route or an example, if a mutating
    /// operation does not document lost responses, or if a table in the documentation is out of date.
    #[arg(long)]
    check: bool,
    /// Prints the table as JSON.
    #[arg(long)]
    json: bool,
    /// Writes the operation tables in the documentation.
    #[arg(long, conflicts_with_all = ["check", "json"])]
    write: bool,
}

/// One operation in the coverage table.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a separate column")]
struct Row {
    #[serde(rename = "crate")]
    package: &'static str,
    operation: &'static str,
    method: &'static str,
    path: &'static str,
    effect: &'static str,
    location_scoped: bool,
    /// The public method, e.g. `Vms::stop`.
    rust_method: Option<String>,
    /// The expression that calls it, e.g. `elastis.vms().stop(..)`.
    call: Option<String>,
    /// The handle in [`call`](Self::call), e.g. `elastis.vms()`.
    #[serde(skip)]
    handle: Option<String>,
    fixture: bool,
    snapshot: bool,
    simulator: bool,
    /// Whether the method's documentation has a compiled code block.
    example: bool,
    /// The evidence for the response: `documented`, `observed` or `assumed`.
    evidence: String,
    /// The number of parameters in the contract.
    parameters: usize,
    /// The parameters that no fixture sends.
    unsent: Vec<String>,
    /// What the method's documentation fails to say about lost responses.
    #[serde(skip)]
    unsaid: Option<Unsaid>,
}

pub(crate) fn run(arguments: &Arguments) -> Result {
    if arguments.check && !arguments.json {
        return check();
    }
    let rows = rows(&sources()?)?;
    if arguments.write {
        return generated::write(&tables::all(&rows));
    }
    if arguments.json {
        let json =
            serde_json::to_string_pretty(&rows).map_err(|error| Failure::new(error, "report this error"))?;
        say(json);
    } else {
        say(table(&rows));
    }
    if arguments.check { complete(&rows) } else { Ok(()) }
}

/// Fails if an operation lacks a part, or if a table in the documentation is out of date.
pub(crate) fn check() -> Result {
    let sources = sources()?;
    let rows = rows(&sources)?;
    let strangers = sources.iter().flat_map(|(package, sources)| strangers(package, sources, &rows));
    Failure::unless_none(rows.iter().flat_map(Row::problems).chain(strangers).collect())?;
    generated::check(&tables::all(&rows), tables::WRITE)?;
    say(format_args!("{}; nothing is missing", counted(rows.len(), "operation")));
    Ok(())
}

fn complete(rows: &[Row]) -> Result {
    Failure::unless_none(rows.iter().flat_map(Row::problems).collect())
}

/// Returns the sources of each crate that has operations.
fn sources() -> Result<BTreeMap<&'static str, Sources>> {
    operations::packages()
        .map(|package| Ok((package, Sources::read(&root().join("crates").join(package).join("src"))?)))
        .collect()
}

/// Returns a problem for each endpoint that a crate's methods document, but that none of its operations has.
fn strangers(package: &str, sources: &Sources, rows: &[Row]) -> Vec<Problem> {
    let own: Vec<_> = rows.iter().filter(|row| row.package == package).map(Row::endpoint).collect();
    let unknown = sources.methods.iter().filter(|method| !own.contains(&method.endpoint));
    let problem = |method: &Method| {
        let what =
            format_args!("{package}: {} documents {}, which no operation has", method.name, method.endpoint);
        Problem::new(what, format!("correct that line or the operation, in crates/{package}/src"))
    };
    unknown.map(problem).collect()
}

fn rows(sources: &BTreeMap<&str, Sources>) -> Result<Vec<Row>> {
    let routes = hostkit_simulator::routes();
    let fixtures = fixtures::load_all()?;
    let row = |endpoint: Endpoint| {
        let own = fixtures.iter().filter(|(package, _)| package == endpoint.package);
        let sent = format!("{} {}", endpoint.method, endpoint.path);
        let of_crate = sources.get(endpoint.package);
        let method = of_crate.and_then(|sources| sources.method(endpoint.name, &sent));
        let client = if endpoint.package.starts_with("elastis") { "elastis" } else { "client" };
        let (fixture, snapshot) = fixtures::coverage(&endpoint);
        let simulator = routes.iter().any(|(provider, route)| {
            endpoint.package.starts_with(provider)
                && (route.operation, route.method, route.path)
                    == (endpoint.name, endpoint.method, endpoint.path)
        });
        let contract = Contract::of(endpoint.package);
        Row {
            package: endpoint.package,
            operation: endpoint.name,
            method: endpoint.method,
            path: endpoint.path,
            effect: endpoint.effect,
            location_scoped: endpoint.located,
            rust_method: method.map(|method| method.name.clone()),
            call: of_crate.zip(method).map(|(sources, method)| sources.call(client, method)),
            handle: of_crate
                .zip(method)
                .and_then(|(sources, method)| Some(sources.handle(client, method.name.split_once("::")?.0))),
            fixture,
            snapshot,
            simulator,
            example: method.is_some_and(|method| method.has_example),
            evidence: contract.evidence(endpoint.name).to_owned(),
            parameters: contract.parameters(endpoint.name).count(),
            unsent: contract.unsent(endpoint.name, own.map(|(_, fixture)| fixture)),
            unsaid: endpoint.recovery.and_then(|recovery| {
                Unsaid::of(endpoint.effect, recovery, method.map_or("", |method| &method.docs))
            }),
        }
    };
    Ok(operations::all().into_iter().map(row).collect())
}

impl Row {
    /// Returns the line of a method's documentation that names the endpoint.
    fn endpoint(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    fn marks(&self) -> [bool; 5] {
        [self.rust_method.is_some(), self.fixture, self.snapshot, self.simulator, self.example]
    }

    /// Returns how many of the parameters are sent by fixtures, e.g. `3/4`.
    fn sent(&self) -> String {
        format!("{}/{}", self.parameters - self.unsent.len(), self.parameters)
    }

    /// Returns the missing parts, and how to add them.
    fn problems(&self) -> Vec<Problem> {
        let Self { package, operation, .. } = self;
        let method = self.rust_method.as_deref().unwrap_or("its method");
        let provider = fixtures::provider_name(package);
        let [has_method, ..] = self.marks();
        let columns = [
            (
                has_method,
                "public method",
                format!(
                    "add one with the line `{}` in its documentation, in crates/{package}/src",
                    self.endpoint()
                ),
            ),
            (self.fixture, "fixture", format!("cargo xtask fixtures import {provider} <saved page>")),
            (self.snapshot, "snapshot", "cargo xtask snapshots --accept".to_owned()),
            (
                self.simulator,
                "simulator route",
                format!("serve {} {} in crates/simulator/src", self.method, self.path),
            ),
            (
                self.example || !has_method,
                "compiled example",
                format!("add a code block to the documentation of {method} in crates/{package}/src"),
            ),
            (!self.evidence.is_empty(), "contract", "cargo xtask contract".to_owned()),
            (
                self.unsent.is_empty(),
                &format!("fixture that sends {}", self.unsent.join(", ")),
                format!("add one to fixtures/{package}, and its call to crates/{package}/tests/replay.rs"),
            ),
        ];
        columns
            .into_iter()
            .filter(|(has, ..)| !has)
            .map(|(_, what, help)| Problem::new(format_args!("{package}: {operation} has no {what}"), help))
            .chain(self.unsaid.map(|unsaid| unsaid.problem(package, operation, method)))
            .collect()
    }
}

/// The required parts of every operation, in the order of [`Row::marks`].
const COLUMNS: [&str; 5] = ["method", "fixture", "snapshot", "simulator route", "example"];

/// Returns a human-readable table, 80 columns wide: a block for each crate, and totals at the end.
fn table(rows: &[Row]) -> String {
    let operation = rows.iter().map(|row| row.operation.len()).max().unwrap_or_default();
    let mut lines = Vec::new();
    let mut package = "";
    for row in rows {
        if row.package != package {
            package = row.package;
            lines.push(format!("\n{package:operation$}  effect          sent evidence   lacks"));
        }
        let marks = COLUMNS.iter().zip(row.marks()).filter(|(_, has)| !has);
        let lacks: Vec<_> = marks.map(|(noun, _)| *noun).collect();
        let lacks = if lacks.is_empty() { "–".to_owned() } else { lacks.join(", ") };
        lines.push(format!(
            "{:operation$}  {:14}  {:4} {:10} {lacks}",
            row.operation,
            row.effect,
            row.sent(),
            row.evidence,
        ));
    }
    let count = |column: usize| rows.iter().filter(|row| row.marks()[column]).count();
    let totals: Vec<_> = COLUMNS.iter().enumerate().map(|(at, noun)| counted(count(at), noun)).collect();
    let known = |evidence: &str| rows.iter().filter(|row| row.evidence == evidence).count();
    let count = |(all, unsent), row: &Row| (all + row.parameters, unsent + row.unsent.len());
    let (all, unsent) = rows.iter().fold((0, 0), count);
    lines.push(format!(
        "\n{}, {} of {all} parameters sent by fixtures\n{}\nresponses: {} documented, {} observed, {} assumed",
        counted(rows.len(), "operation"),
        all - unsent,
        totals.join(", "),
        known("documented"),
        known("observed"),
        known("assumed"),
    ));
    lines.join("\n").trim_start().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn row() -> Row {
        Row {
            package: "elastis-core",
            operation: "vm.stop",
            method: "POST",
            path: "/v1/vm/stop",
            effect: "idempotent",
            location_scoped: true,
            rust_method: Some("Vms::stop".into()),
            handle: Some("elastis.vms()".into()),
            call: Some("elastis.vms().stop(..)".into()),
            fixture: true,
            snapshot: true,
            simulator: true,
            example: true,
            evidence: "documented".into(),
            parameters: 2,
            unsent: Vec::new(),
            unsaid: None,
        }
    }

    #[test]
    fn the_columns_have_the_documented_names() {
        let json = serde_json::to_value(row()).unwrap();
        let mut names: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        let promised = [
            "call",
            "crate",
            "effect",
            "evidence",
            "example",
            "fixture",
            "location_scoped",
            "method",
            "operation",
            "parameters",
            "path",
            "rust_method",
            "simulator",
            "snapshot",
            "unsent",
        ];
        assert_eq!(names, promised);
    }

    #[test]
    fn each_missing_part_is_reported_with_its_fix() {
        assert!(row().problems().is_empty());
        let bare = Row {
            fixture: false,
            snapshot: false,
            simulator: false,
            example: false,
            evidence: String::new(),
            unsent: vec!["form force".into()],
            ..row()
        };
        let failure = Failure::unless_none(bare.problems()).unwrap_err().to_string();
        for help in [
            "cargo xtask fixtures import elastis <saved page>",
            "cargo xtask snapshots --accept",
            "serve POST /v1/vm/stop in crates/simulator/src",
            "add a code block to the documentation of Vms::stop",
            "cargo xtask contract",
            "add one to fixtures/elastis-core",
        ] {
            assert!(failure.contains(help), "{failure}");
        }
    }

    #[test]
    fn a_documented_endpoint_that_no_operation_has_is_a_problem() {
        let method = |endpoint: &str| Method {
            name: "Vms::stop".into(),
            has_arguments: true,
            endpoint: endpoint.into(),
            has_example: true,
            summary: String::new(),
            docs: String::new(),
        };
        let methods = vec![method("POST /v1/vm/stop"), method("POST /v1/vm/halt")];
        let sources = Sources { methods, ..Sources::default() };
        let problems = strangers("elastis-core", &sources, &[row()]);
        let failure = Failure::unless_none(problems).unwrap_err().to_string();
        assert!(failure.contains("Vms::stop documents POST /v1/vm/halt"), "{failure}");
        assert!(!failure.contains("vm/stop"), "{failure}");
    }

    #[test]
    fn an_operation_without_a_method_is_not_also_reported_for_its_example() {
        let bare = Row { rust_method: None, example: false, ..row() };
        assert_eq!(bare.problems().len(), 1);
    }

    #[test]
    fn the_table_counts_the_parts() {
        let text = table(&[row(), Row { fixture: false, operation: "vm.start", ..row() }]);
        assert!(text.starts_with("elastis-core"), "{text}");
        assert!(text.contains("vm.stop   idempotent      2/2  documented –"), "{text}");
        assert!(text.contains("vm.start  idempotent      2/2  documented fixture"), "{text}");
        assert!(
            text.ends_with(
                "2 operations, 4 of 4 parameters sent by fixtures\n\
                 2 methods, 1 fixture, 2 snapshots, 2 simulator routes, 2 examples\n\
                 responses: 2 documented, 0 observed, 0 assumed"
            ),
            "{text}"
        );
    }
}
