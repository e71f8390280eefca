//! Checks that the programs in the READMEs run as printed, and leave no billed resource behind.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use hostkit_simulator::{Billed, Simulator};
use hostkit_tests::child;

type Ended = Result<(), Box<dyn std::error::Error>>;
type Program = fn() -> Ended;

include!(concat!(env!("OUT_DIR"), "/readme.rs"));

/// The environment variable with the name of the program that a child process runs.
const PROGRAM: &str = "README_PROGRAM";

/// The programs that leave behind the order that they paid for, because an order cannot be ended. The READMEs mention
/// this.
const PAID: [&str; 2] = ["./README.md, program 2", "crates/inferno-vps/README.md, program 1"];

#[tokio::test(flavor = "multi_thread")]
async fn the_programs_of_the_readmes_leave_nothing_billed() {
    let mut wrong = Vec::new();
    for (name, _) in PROGRAMS {
        let simulator = Simulator::builder().strict().start().await.unwrap();
        let before = simulator.books().billed;
        let failed = run(&simulator, name);
        let is_new = |row: &&Billed| !before.contains(row);
        let books = simulator.books();
        let kind = |row: &Billed| format!("{}/{}", row.provider, row.kind);
        let left: Vec<_> = books.billed.iter().filter(is_new).map(kind).collect();
        let named: &[&str] = if PAID.contains(name) { &["inferno-vps/order"] } else { &[] };
        if failed.is_some() || left != named {
            wrong.push(format!(
                "{name} leaves {left:?} behind, not {named:?}; {}",
                failed.unwrap_or_default()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(PROGRAMS.len() >= 9, "{}", PROGRAMS.len());
}

/// Runs a program in a child process whose environment points to the simulator. Returns the error if the program
/// fails.
fn run(simulator: &Simulator, name: &str) -> Option<String> {
    let (gpu, vps, elastis) = (simulator.leaderssl(), simulator.inferno(), simulator.elastis());
    vps.set_pays_from_balance(true);
    let mut program = child::command("one_program");
    program.envs([
        (PROGRAM, name),
        ("LEADERSSL_LOGIN", &gpu.login),
        ("LEADERSSL_PASSWORD", &gpu.password),
        ("LEADERSSL_BASE_URL", &gpu.base_url),
        ("INFERNO_CID", &vps.cid.to_string()),
        ("INFERNO_API_KEY", &vps.key),
        ("INFERNO_BASE_URL", &vps.base_url),
        ("ELASTIS_API_KEY", &elastis.key),
        ("ELASTIS_BASE_URL", &elastis.base_url),
        ("VM_PASSWORD", "Password123"),
    ]);
    child::passes(&mut program).err()
}

#[test]
#[ignore = "the other test runs it in a child process"]
fn one_program() {
    let Some(name) = std::env::var_os(PROGRAM) else { return };
    let (_, program) = PROGRAMS.iter().find(|(known, _)| *known == name).unwrap();
    program().unwrap();
}

#[test]
fn every_cookbook_recipe_is_checked_for_what_it_leaves_billed() {
    let text = include_str!("../../crates/hostkit/src/cookbook.md");
    let helpers = text.split("hostkit_doctest::").skip(1).filter_map(|rest| rest.split('(').next());
    let (checked, others): (Vec<_>, Vec<_>) = helpers.partition(|helper| helper.ends_with("_recipe"));
    assert!(checked.len() > 10 && others.is_empty(), "{others:?}");
}
