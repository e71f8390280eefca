//! Runs the example program with injected faults: it must leave nothing billed, or fail and name the resources that are
//! left.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "test helpers")]

#[allow(dead_code, reason = "`main` runs only in the program itself")]
#[path = "../examples/web_tier.rs"]
mod web_tier;

use std::collections::BTreeSet;
use std::time::Duration;

use elastis_network::Elastis;
use hostkit_simulator::{Fault, Simulator};

fn site(simulator: &Simulator) -> web_tier::Site {
    let access = simulator.elastis();
    let elastis = Elastis::builder(access.key.as_str()).base_url(&access.base_url).no_proxy();
    let account = access.billing_accounts[0].into();
    web_tier::Site::new(elastis.build().unwrap(), account, "Password123".to_owned())
}

/// Returns whether the client accepts an empty object as confirmation of this operation.
fn is_confirmed_by_empty_object(operation: &str) -> bool {
    operation.ends_with(".delete")
}

#[tokio::test(start_paused = true)]
async fn web_tier_leaves_nothing_billed_or_names_it_after_any_fault() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    web_tier::run(&site(&simulator), true).await.unwrap();
    let operations: BTreeSet<_> =
        simulator.requests().iter().filter_map(|request| request.operation).collect();
    let (mut runs, mut failed, mut left) = (0, 0, 0);
    for operation in operations {
        for (fault, times) in hostkit_doctest::repeated_faults() {
            // The client cannot detect a false confirmation.
            if fault == Fault::response(200, "{}") && is_confirmed_by_empty_object(operation) {
                continue;
            }
            simulator.reset();
            let case = format!("{operation} with {fault:?} {times} times");
            simulator.fail(operation, fault).times(times);
            let ended = web_tier::run(&site(&simulator), true).await;
            tokio::time::sleep(Duration::from_secs(5_000)).await;
            let books = simulator.books();
            let billed = books.billed("elastis/*");
            let said = ended.as_ref().err().map(ToString::to_string).unwrap_or_default();
            for row in &billed {
                // Every address belongs to the load balancer.
                let owner = if row.kind == "ip" { "example-web" } else { row.name.as_str() };
                let named =
                    [owner, row.name.as_str(), row.id.as_str()].iter().any(|name| said.contains(name));
                assert!(named, "{case}: {row:?} is still billed, and the program printed {said:?}");
            }
            (runs, failed, left) = (runs + 1, failed + u32::from(ended.is_err()), left + billed.len());
        }
    }
    println!("web_tier: {runs} runs, {failed} failed, {left} resources left, all of them named");
    assert!(runs > 100, "{runs}");
}

/// Returns the environment variables that connect the program to the simulator.
fn environment(simulator: &Simulator) -> [(&'static str, String); 4] {
    let access = simulator.elastis();
    [
        ("ELASTIS_API_KEY", access.key),
        ("ELASTIS_BASE_URL", access.base_url),
        ("ELASTIS_BILLING_ACCOUNT", access.billing_accounts[0].to_string()),
        ("VM_PASSWORD", "Password123".to_owned()),
    ]
}

#[tokio::test]
async fn web_tier_exits_with_an_error_that_names_the_one_thing_it_could_not_remove() {
    for (operation, kind, name) in
        [("load_balancer.delete", "load_balancer", "example-web"), ("vm.delete", "vm", "example-web-1")]
    {
        let simulator = Simulator::builder().strict().start().await.unwrap();
        simulator.fail(operation, Fault::status(409));
        let environment = environment(&simulator);
        let environment = environment.each_ref().map(|(name, value)| (*name, value.as_str()));
        let said = hostkit_doctest::fails("web_tier", &environment).await;
        assert!(said.contains("may still be billed") && said.contains(name), "{operation}: {said}");
        let books = simulator.books();
        assert_eq!(books.billed(&format!("elastis/{kind}")).len(), 1, "{operation}: {books:?}, {said}");
        for other in ["load_balancer", "vm"].into_iter().filter(|other| *other != kind) {
            assert!(books.billed(&format!("elastis/{other}")).is_empty(), "{operation}: {books:?}, {said}");
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_at_any_request_leaves_nothing_billed() {
    for signal in ["-INT", "-TERM"] {
        for operation in ["vm.create", "vm.get", "load_balancer.create", "floating_ip.list"] {
            let simulator = Simulator::builder().strict().start().await.unwrap();
            // The response is delayed, so that the signal arrives while the program waits for it.
            simulator.fail(operation, Fault::Latency(Duration::from_millis(1_500)));
            let environment = environment(&simulator);
            let environment = environment.each_ref().map(|(name, value)| (*name, value.as_str()));
            let is_reached = async || simulator.count(operation) > 0;
            let said = hostkit_doctest::interrupt("web_tier", signal, &environment, is_reached).await;
            let books = simulator.books();
            assert!(books.billed("elastis/*").is_empty(), "{signal} at {operation}: {books:?}, {said}");
        }
    }
}
