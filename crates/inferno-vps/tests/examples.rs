//! Runs the example program with injected faults: if it fails, its error must name every order that is billed.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "test helpers")]

#[allow(dead_code, reason = "`main` runs only in the program itself")]
#[path = "../examples/vps_with_my_key.rs"]
mod vps_with_my_key;

use std::collections::BTreeSet;
use std::time::Duration;

use hostkit_simulator::{Boot, Fault, Simulator};
use inferno_vps::Client;

fn client(simulator: &Simulator) -> Client {
    let access = simulator.inferno();
    let builder = Client::builder(access.cid, access.key.as_str()).base_url(&access.base_url);
    builder.no_proxy().build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn under_all_faults_vps_with_my_key_names_every_billed_order() {
    let simulator = Simulator::builder().boot(Boot::After(Duration::from_secs(180))).start().await.unwrap();
    vps_with_my_key::run(&client(&simulator), Some(&simulator), true).await.unwrap();
    let operations: BTreeSet<_> =
        simulator.requests().iter().filter_map(|request| request.operation).collect();
    let (mut runs, mut failed, mut left) = (0, 0, 0);
    for operation in operations {
        for (fault, times) in [
            (Fault::ResetBefore, 1),
            (Fault::ResetAfter, 1),
            (Fault::ResetAfter, 8),
            (Fault::HtmlAfter(504), 1),
            (Fault::TruncatedBody, 1),
            (Fault::status(500), 8),
            (Fault::response(200, r#"{"result": "fail"}"#), 1),
            (Fault::Html(200), 8),
            (Fault::Challenge, 1),
            (Fault::Latency(Duration::from_secs(4_000)), 1),
        ] {
            simulator.reset();
            simulator.set_boot(Boot::After(Duration::from_secs(180)));
            let case = format!("{operation} with {fault:?} {times} times");
            simulator.fail(operation, fault).times(times);
            let ended = vps_with_my_key::run(&client(&simulator), Some(&simulator), true).await;
            let books = simulator.books();
            let billed = books.billed("inferno-vps/*");
            assert!(books.created("inferno-vps/order") <= 1, "{case}");
            if let Err(error) = &ended {
                let said = error.to_string();
                for row in &billed {
                    assert!(
                        said.contains(&row.id),
                        "{case}: {row:?} is billed, but the program's error does not name it: {said:?}"
                    );
                }
                (failed, left) = (failed + 1, left + billed.len());
            }
            runs += 1;
        }
    }
    println!("vps_with_my_key: {runs} runs, {failed} failed, {left} orders left billed, all of them named");
    assert!(runs > 50, "{runs}");
}
