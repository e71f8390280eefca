//! Checks the responses that simulators send during a test run against the contracts.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

use hostkit_tests::contract::Contract;
use serde::Deserialize;

use crate::failure::{Failure, Problem, Result};
use crate::fixtures::Provider;
use crate::out::counted;
use crate::root;

/// The environment variable that makes simulators write their responses.
const VARIABLE: &str = "HOSTKIT_SIMULATOR_RESPONSES";

/// An environment variable to set for the programs whose responses are checked.
pub(crate) type Variable<'a> = (&'static str, &'a Path);

/// The folder to which simulators write their responses.
pub(crate) struct Responses(pub(super) PathBuf);

/// A line of a file in the folder.
#[derive(Deserialize, PartialEq, Eq, Hash)]
struct Response {
    provider: String,
    operation: Option<String>,
    altered: bool,
    status: u16,
    body: String,
}

/// A response, with the test that received it.
#[derive(Deserialize)]
struct Received {
    thread: Option<String>,
    #[serde(flatten)]
    response: Response,
}

/// The result of the check.
#[derive(Default)]
struct Findings {
    checked: usize,
    altered: usize,
    /// Responses to paths without an operation.
    others: usize,
    operations: BTreeSet<(String, String)>,
    seen: HashSet<Response>,
    /// The problems, each with the first test in which it occurred and the number of different responses that have it.
    problems: BTreeMap<String, (String, usize)>,
}

impl Responses {
    /// Creates an empty folder in which to collect responses.
    pub(crate) fn collect() -> Result<Self> {
        let folder = root().join("target").join("simulator-responses");
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| unusable(&folder, error))?;
        }
        fs::create_dir_all(&folder).map_err(|error| unusable(&folder, error))?;
        Ok(Self(folder))
    }

    pub(crate) fn variable(&self) -> Variable<'_> {
        (VARIABLE, &self.0)
    }

    /// Returns a summary of the checked responses. Fails if a response violates its contract or, after a complete run,
    /// if an operation had no response.
    pub(crate) fn check(&self, everything_ran: bool) -> Result<String> {
        let mut findings = Findings::default();
        let files = fs::read_dir(&self.0).map_err(|error| unusable(&self.0, error))?;
        for file in files.flatten() {
            let path = file.path();
            let text = fs::read_to_string(&path).map_err(|error| unusable(&path, error))?;
            let program = path.file_name().unwrap_or_default().to_string_lossy();
            findings
                .read(program.split(['-', '.']).next().unwrap_or_default(), &text)
                .map_err(|error| unusable(&path, error))?;
        }
        let missing = if everything_ran { findings.missing() } else { Vec::new() };
        findings.problems(&missing).map(|()| findings.to_string())
    }
}

fn unusable(path: &Path, error: impl Display) -> Failure {
    Failure::new(format_args!("{}: {error}", path.display()), "cargo xtask test")
}

impl Findings {
    fn read(&mut self, program: &str, lines: &str) -> serde_json::Result<()> {
        for line in lines.lines() {
            let Received { thread, response } = serde_json::from_str(line)?;
            let Some(operation) = response.operation.clone() else {
                self.others += 1;
                continue;
            };
            if response.altered {
                self.altered += 1;
                continue;
            }
            self.checked += 1;
            self.operations.insert((response.provider.clone(), operation.clone()));
            // Most responses occur many times.
            if self.seen.contains(&response) {
                continue;
            }
            let found = Contract::of(&response.provider).check_response(
                &operation,
                response.status,
                response.body.as_bytes(),
            );
            for problem in found {
                let test = || (format!("{program} {}", thread.as_deref().unwrap_or_default()), 0);
                self.problems.entry(problem).or_insert_with(test).1 += 1;
            }
            self.seen.insert(response);
        }
        Ok(())
    }

    fn missing(&self) -> Vec<String> {
        let of = |provider: Provider| {
            let names = provider.endpoints().into_iter().map(|endpoint| endpoint.name);
            names.map(move |name| (provider.name(), name.to_owned()))
        };
        let all = Provider::ALL.into_iter().flat_map(of);
        all.filter(|operation| !self.operations.contains(operation)).map(|(_, name)| name).collect()
    }

    fn problems(&self, missing: &[String]) -> Result {
        let wrong = self.problems.iter().map(|(problem, (test, count))| {
            let seen = counted(*count, "response");
            Problem::new(
                format_args!("{problem} ({seen}, first in `{test}`)"),
                "correct the simulator, or add a fixture that shows the response and run: cargo xtask contract",
            )
        });
        let silent = missing.iter().map(|operation| {
            Problem::new(
                format_args!("no test received a response to {operation} from the simulator"),
                "call it in a test against the simulator",
            )
        });
        Failure::unless_none(wrong.chain(silent).collect())
    }
}

impl Display for Findings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} from the simulator ({} different) to {} match the contracts; not checked: {} altered by faults, {} to unknown paths",
            counted(self.checked, "response"),
            self.seen.len(),
            counted(self.operations.len(), "operation"),
            self.altered,
            self.others,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(lines: &[&str]) -> Findings {
        let mut findings = Findings::default();
        findings.read("simulator", &lines.join("\n")).unwrap();
        findings
    }

    const STOPPED: &str = r#"{"thread":"t","provider":"leaderssl-gpu","operation":"server.stop","altered":false,"status":200,"body":"{\"success\":true}"}"#;

    #[test]
    fn responses_are_counted_by_their_result() {
        let altered = STOPPED.replace("\"altered\":false", "\"altered\":true").replace("success", "?");
        let unknown = STOPPED.replace("\"server.stop\"", "null");
        let findings = found(&[STOPPED, STOPPED, &altered, &unknown]);
        assert!(findings.problems(&[]).is_ok());
        let counts = (findings.checked, findings.seen.len(), findings.altered, findings.others);
        assert_eq!(counts, (2, 1, 1, 1));
        assert_eq!(findings.missing().len(), 123);
    }

    #[test]
    fn a_response_that_violates_the_contract_names_its_test() {
        let wrong = STOPPED.replace("success", "done");
        let failure = found(&[STOPPED, &wrong]).problems(&["vm.get".to_owned()]).unwrap_err().to_string();
        assert!(
            failure.contains("'done' was unexpected") && failure.contains("first in `simulator t`"),
            "{failure}"
        );
        assert!(failure.contains("no test received a response to vm.get"), "{failure}");
    }
}
