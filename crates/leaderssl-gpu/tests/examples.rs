//! Runs the example program with injected faults: it must leave nothing running, or fail and name what still runs.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "test helpers")]

#[allow(dead_code, reason = "`main` runs only in the program itself")]
#[path = "../examples/cheapest_gpu.rs"]
mod cheapest_gpu;

use std::collections::BTreeSet;
use std::time::Duration;

use hostkit_simulator::{Boot, Fault, Simulator};
use leaderssl_gpu::Client;

fn client(simulator: &Simulator) -> Client {
    let access = simulator.leaderssl();
    let builder = Client::builder(&access.login, access.password.as_str()).base_url(&access.base_url);
    builder.no_proxy().build().unwrap()
}

/// Returns the ids of everything that is billed, for comparison with the state before the program ran.
fn billed(simulator: &Simulator) -> BTreeSet<String> {
    simulator.books().billed("leaderssl-gpu/*").iter().map(|row| row.id.clone()).collect()
}

/// Returns whether the client accepts an empty object as a confirmation of this operation.
fn is_believed(operation: &str) -> bool {
    ["server.start", "server.stop"].contains(&operation)
}

#[tokio::test(start_paused = true)]
async fn under_all_faults_cheapest_gpu_names_every_server_left_running() {
    let simulator = Simulator::builder().boot(Boot::After(Duration::from_secs(40))).start().await.unwrap();
    let before = billed(&simulator);
    cheapest_gpu::run(&client(&simulator), true).await.unwrap();
    let operations: BTreeSet<_> =
        simulator.requests().iter().filter_map(|request| request.operation).collect();
    let (mut runs, mut failed, mut left) = (0, 0, 0);
    for operation in operations {
        for (fault, times) in hostkit_doctest::repeated_faults() {
            // The client cannot detect a provider that confirms an action without performing it.
            if fault == Fault::response(200, "{}") && is_believed(operation) {
                continue;
            }
            simulator.reset();
            let case = format!("{operation} with {fault:?} {times} times");
            simulator.fail(operation, fault).times(times);
            let ended = cheapest_gpu::run(&client(&simulator), true).await;
            tokio::time::sleep(Duration::from_secs(5_000)).await;
            let said = ended.as_ref().err().map(ToString::to_string).unwrap_or_default();
            let running: Vec<_> = billed(&simulator).difference(&before).cloned().collect();
            for id in &running {
                assert!(
                    said.contains(id.as_str()),
                    "{case}: server {id} still runs, but the program's error does not name it: {said:?}"
                );
            }
            (runs, failed, left) = (runs + 1, failed + u32::from(ended.is_err()), left + running.len());
        }
    }
    println!("cheapest_gpu: {runs} runs, {failed} failed, {left} servers left running, all of them named");
    assert!(runs > 50, "{runs}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_at_any_request_leaves_nothing_running() {
    for signal in ["-INT", "-TERM"] {
        for operation in ["order.create", "server.start", "the work"] {
            let simulator = Simulator::start().await.unwrap();
            let (access, before) = (simulator.leaderssl(), billed(&simulator));
            // The response is delayed, so that the signal arrives while the program waits for it.
            simulator.fail(operation, Fault::Latency(Duration::from_millis(1_500)));
            let environment = [
                ("LEADERSSL_LOGIN", access.login.as_str()),
                ("LEADERSSL_PASSWORD", access.password.as_str()),
                ("LEADERSSL_BASE_URL", access.base_url.as_str()),
            ];
            let is_reached = async || match operation {
                "the work" if billed(&simulator) == before => false,
                "the work" => {
                    tokio::time::sleep(Duration::from_millis(300)).await;
                    true
                }
                operation => simulator.count(operation) > 0,
            };
            let said = hostkit_doctest::interrupt("cheapest_gpu", signal, &environment, is_reached).await;
            assert_eq!(billed(&simulator), before, "{signal} at {operation}: {said}");
        }
    }
}
