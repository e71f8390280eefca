use std::process::{Child, Command, Stdio};
use std::time::Duration;

use hostkit_simulator::{Boot, Fault};

/// Returns named faults for testing a create request. The first entry injects no fault.
#[must_use]
pub fn faults() -> Vec<(&'static str, Fault)> {
    vec![
        ("nothing", Fault::Nothing),
        ("before sending", Fault::ResetBefore),
        ("after sending", Fault::ResetThenProcessed(Boot::AfterReads(2))),
        ("response lost", Fault::ResetAfter),
        ("500", Fault::status(500)),
        ("504", Fault::HtmlAfter(504)),
        ("409", Fault::HtmlAfter(409)),
        ("truncated", Fault::TruncatedBody),
        ("unreadable", Fault::response(200, "{}")),
        ("page", Fault::Html(200)),
        ("challenge", Fault::Challenge),
        ("slow", Fault::Latency(Duration::from_secs(3_600))),
    ]
}

/// Returns faults for testing a program, each with the number of consecutive requests that it affects.
#[must_use]
pub fn repeated_faults() -> Vec<(Fault, u64)> {
    vec![
        (Fault::ResetBefore, 1),
        (Fault::ResetAfter, 1),
        (Fault::ResetAfter, 8),
        (Fault::ResetThenProcessed(Boot::AfterReads(2)), 1),
        (Fault::HtmlAfter(504), 1),
        (Fault::HtmlAfter(403), 1),
        (Fault::TruncatedBody, 1),
        (Fault::status(500), 1),
        (Fault::status(500), 8),
        (Fault::status(400), 1),
        (Fault::response(200, "{}"), 1),
        (Fault::Html(200), 8),
        (Fault::Challenge, 1),
        (Fault::Latency(Duration::from_secs(4_000)), 1),
    ]
}

/// Runs an example of the package under test with `--spend`, sends it `signal` once `is_reached` returns true, and
/// returns its stderr.
///
/// # Panics
/// Panics if the example ends before the signal, or reports success.
#[cfg(unix)]
#[expect(clippy::unwrap_used, reason = "test helper")]
pub async fn interrupt(
    example: &str,
    signal: &str,
    environment: &[(&str, &str)],
    is_reached: impl AsyncFn() -> bool,
) -> String {
    let mut child = spawn(example, environment);
    while !is_reached().await {
        assert!(child.try_wait().unwrap().is_none(), "{example} ended before the signal");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    errors(example, child).await
}

/// Runs an example of the package under test with `--spend`, and returns its stderr.
///
/// # Panics
/// Panics if the example reports success.
pub async fn fails(example: &str, environment: &[(&str, &str)]) -> String {
    errors(example, spawn(example, environment)).await
}

#[expect(clippy::unwrap_used, clippy::expect_used, reason = "test helper")]
fn spawn(example: &str, environment: &[(&str, &str)]) -> Child {
    let tests = std::env::current_exe().unwrap();
    Command::new(tests.ancestors().nth(2).unwrap().join("examples").join(example))
        .arg("--spend")
        .envs(environment.iter().copied())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("build the example first, e.g. with `cargo xtask test`")
}

#[expect(clippy::unwrap_used, reason = "test helper")]
async fn errors(example: &str, child: Child) -> String {
    let output = tokio::task::spawn_blocking(move || child.wait_with_output()).await.unwrap().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code().is_some_and(|code| code != 0), "{example} reported success: {errors}");
    errors
}
