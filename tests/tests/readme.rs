//! The programs of the READMEs run as printed, and leave nothing billed.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::process::Command;

use hostkit_simulator::{Billed, Simulator};

type Ended = Result<(), Box<dyn std::error::Error>>;
type Program = fn() -> Ended;

include!(concat!(env!("OUT_DIR"), "/readme.rs"));

/// The variable with the name of the program that a child process runs.
const PROGRAM: &str = "README_PROGRAM";

/// What a program leaves because nothing can end it, as its README states.
const LEFT: [&str; 1] = ["inferno-vps/order"];

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
        let left: Vec<_> = left.iter().filter(|kind| !LEFT.contains(&kind.as_str())).collect();
        if failed.is_some() || !left.is_empty() {
            wrong.push(format!("{name}: leaves {left:?}; {}", failed.unwrap_or_default()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(PROGRAMS.len() >= 9, "{}", PROGRAMS.len());
}

/// Runs a program in a child process, whose environment points to the simulator. Returns the error of a failed one.
fn run(simulator: &Simulator, name: &str) -> Option<String> {
    let (gpu, vps, elastis) = (simulator.leaderssl(), simulator.inferno(), simulator.elastis());
    vps.set_pays_from_balance(true);
    let ended = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "one_program", "--ignored"])
        .envs([
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
        ])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    (!ended.status.success() || !said.contains("1 passed")).then_some(said)
}

#[test]
#[ignore = "the other test runs it in a child process"]
fn one_program() {
    let Some(name) = std::env::var_os(PROGRAM) else { return };
    let (_, program) = PROGRAMS.iter().find(|(known, _)| *known == name).unwrap();
    program().unwrap();
}
