//! Runs tests in a separate process if they need an environment or memory of their own.

use std::env;
use std::fmt::Debug;
use std::process::Command;

use http_core::{Error, ErrorKind};

/// The environment variable that marks the child process. Its value is the test's name.
const CHILD: &str = "HOSTKIT_TEST_CHILD";

/// Returns the command that runs one test of this program, even an ignored one.
///
/// # Panics
/// Panics if the system does not report the path of this program.
#[expect(clippy::panic, reason = "this is an assertion")]
pub fn command(test: &str) -> Command {
    let program = env::current_exe().unwrap_or_else(|error| panic!("{error}"));
    let mut command = Command::new(program);
    command.args(["--exact", "--include-ignored", "--nocapture", test]).env(CHILD, test);
    command
}

/// Runs a test's command, and checks that the test exists and passes.
///
/// # Errors
///
/// Returns the output of the test, or the reason why it could not be started.
pub fn passes(command: &mut Command) -> Result<(), String> {
    let run = command.output().map_err(|error| error.to_string())?;
    let output = String::from_utf8_lossy(&run.stdout);
    if run.status.success() && output.contains("1 passed") {
        return Ok(());
    }
    Err(format!("{output}{}", String::from_utf8_lossy(&run.stderr)))
}

/// Runs `test` again in a child process with these environment variables, and returns `false` if the test passes there.
/// In the child process itself, returns `true`.
///
/// # Panics
/// Panics if the test fails in the child process.
pub fn is_child(test: &str, variables: &[(&str, &str)]) -> bool {
    if env::var_os(CHILD).is_some_and(|child| child == test) {
        return true;
    }
    let failure = passes(command(test).envs(variables.iter().copied())).err();
    assert!(failure.is_none(), "{test}: {}", failure.unwrap_or_default());
    false
}

/// Checks that a client is not built from the environment if one of its variables has an invalid value, which is one of
/// `invalid`, is empty or ends with a line break, or if one of the first `required` variables is not set. The error
/// names the variable.
///
/// # Panics
/// Panics if a client is built, or if an error does not name the variable.
pub fn rejects_invalid_variables<T: Debug>(
    test: &str,
    (valid, required): (&[(&str, &str)], usize),
    invalid: &[(&str, &str)],
    from_env: impl Fn() -> Result<T, Error>,
) {
    const WRONG: &str = "HOSTKIT_TEST_VARIABLE";
    if env::var_os(CHILD).is_some_and(|child| child == test) {
        let (wrong, result) = (env::var(WRONG).unwrap_or_default(), from_env());
        let is_named = result.as_ref().is_err_and(|error| {
            error.kind() == ErrorKind::Configuration && error.to_string().contains(&wrong)
        });
        assert!(is_named, "{wrong}: {result:?}");
        return;
    }
    let everywhere =
        valid.iter().flat_map(|(name, value)| [(*name, String::new()), (*name, format!("{value}\n"))]);
    let invalid = invalid.iter().map(|(name, value)| (*name, (*value).to_owned())).chain(everywhere);
    let unset = valid[..required].iter().map(|(name, _)| (*name, None));
    for (name, value) in invalid.map(|(name, value)| (name, Some(value))).chain(unset) {
        let mut command = command(test);
        command.envs(valid.iter().copied()).env_remove(name).env(WRONG, name);
        command.envs(value.as_ref().map(|value| (name, value)));
        let failure = passes(&mut command).err();
        assert!(failure.is_none(), "{name}={value:?}: {}", failure.unwrap_or_default());
    }
}
