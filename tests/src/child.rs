//! Tests in a process of their own, because they need its environment or its memory to themselves.

use std::env;
use std::process::Command;

/// The variable that marks the process.
const CHILD: &str = "HOSTKIT_TEST_CHILD";

/// Returns the command that runs one test of this program, an ignored one too.
///
/// # Panics
/// If the system does not know the path of this program.
#[expect(clippy::panic, reason = "this is an assertion")]
pub fn command(test: &str) -> Command {
    let program = env::current_exe().unwrap_or_else(|error| panic!("{error}"));
    let mut command = Command::new(program);
    command.args(["--exact", "--include-ignored", "--nocapture", test]).env(CHILD, test);
    command
}

/// Runs the command of a test, and returns its output if the test fails or does not exist.
///
/// # Errors
///
/// The output, or why there is none.
pub fn passes(command: &mut Command) -> Result<(), String> {
    let run = command.output().map_err(|error| error.to_string())?;
    let output = String::from_utf8_lossy(&run.stdout);
    if run.status.success() && output.contains("1 passed") {
        return Ok(());
    }
    Err(format!("{output}{}", String::from_utf8_lossy(&run.stderr)))
}

/// Runs this test again in a process of its own, with these variables, and returns `false` if it passes there. In that
/// process it returns `true`.
///
/// # Panics
/// If the test fails there.
pub fn is_child(test: &str, variables: &[(&str, &str)]) -> bool {
    if env::var_os(CHILD).is_some_and(|child| child == test) {
        return true;
    }
    let failure = passes(command(test).envs(variables.iter().copied())).err();
    assert!(failure.is_none(), "{test}: {}", failure.unwrap_or_default());
    false
}
