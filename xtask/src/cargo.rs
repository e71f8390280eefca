//! Runs cargo, and counts the test results in its output.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use crate::failure::{Failure, Result};
use crate::out::counted;
use crate::root;

/// Returns a cargo command that runs in the workspace's folder.
pub(crate) fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    // Removes the variables that cargo has set for this program, because build scripts of dependencies run again if
    // these variables change.
    let own = std::env::vars_os().map(|(name, _)| name).filter(|name| {
        [&b"CARGO_PKG_"[..], b"CARGO_MANIFEST_"].iter().any(|own| name.as_encoded_bytes().starts_with(own))
    });
    for name in own {
        command.env_remove(name);
    }
    command
}

/// Runs a command to completion. Its output goes to the terminal.
pub(crate) fn run(command: &mut Command) -> Result {
    let status = command.status().map_err(|error| cannot_start(command, &error))?;
    if status.success() { Ok(()) } else { Err(failed(command)) }
}

/// Runs a command, forwards its output, and counts the test results in it.
pub(crate) fn run_tests(command: &mut Command) -> Result<Tests> {
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| cannot_start(command, &error))?;
    let mut tests = Tests::default();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = writeln!(io::stdout(), "{line}");
            tests.read(&line);
        }
    }
    let status = child.wait().map_err(|error| cannot_start(command, &error))?;
    if status.success() { Ok(tests) } else { Err(failed(command)) }
}

fn cannot_start(command: &Command, error: &io::Error) -> Failure {
    Failure::new(format_args!("{}: {error}", shown(command)), "install cargo and put it on the PATH")
}

fn failed(command: &Command) -> Failure {
    Failure::new("this command failed (see its output above)", shown(command))
}

/// Returns the command as typed in a shell.
fn shown(command: &Command) -> String {
    let set = command
        .get_envs()
        .filter_map(|(name, value)| Some(format!("{}={:?}", name.to_str()?, value?.to_str()?)));
    let arguments = command.get_args().filter_map(|argument| argument.to_str()).map(str::to_owned);
    set.chain(["cargo".to_owned()]).chain(arguments).collect::<Vec<_>>().join(" ")
}

/// Runs a command to completion, and returns its output. Its error output goes to the terminal.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| cannot_start(command, &error))?;
    if output.status.success() { Ok(output.stdout) } else { Err(failed(command)) }
}

/// The test results in cargo's output.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tests {
    /// The last runner's closing line, as printed.
    pub(crate) closing_line: String,
    /// The number of simulator responses that were checked against the contracts.
    pub(crate) responses: String,
    runners: usize,
    passed: usize,
    ignored: usize,
    examples: usize,
}

impl Tests {
    fn read(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else { return };
        let count = |what: &str| -> usize {
            let part = result.split([';', '.']).map(str::trim).find_map(|part| part.strip_suffix(what));
            part.and_then(|number| number.trim().parse().ok()).unwrap_or_default()
        };
        line.clone_into(&mut self.closing_line);
        self.runners += 1;
        self.passed += count(" passed");
        self.ignored += count(" ignored");
    }

    /// Adds examples that ran successfully.
    pub(crate) fn add_examples(&mut self, count: usize) {
        self.examples += count;
    }

    /// Returns the totals of all runners.
    pub(crate) fn total(&self) -> String {
        let &Self { runners, passed, ignored, examples, .. } = self;
        format!(
            "{} passed, {ignored} ignored, in {}; {} ran",
            counted(passed, "test"),
            counted(runners, "test run"),
            counted(examples, "example")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_added_up_and_the_last_is_kept() {
        let mut tests = Tests::default();
        for line in [
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test a ... ok",
            "test result: ok. 40 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.31s",
        ] {
            tests.read(line);
        }
        tests.add_examples(9);
        let total = "43 tests passed, 1 ignored, in 2 test runs; 9 examples ran";
        assert_eq!(tests.total(), total);
        assert!(tests.closing_line.starts_with("test result: ok. 40 passed"));
    }

    #[test]
    fn a_failed_command_is_shown_as_typed_in_a_shell() {
        let mut command = cargo(["doc", "--no-deps"]);
        command.env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(shown(&command), "RUSTDOCFLAGS=\"-D warnings\" cargo doc --no-deps");
    }
}
