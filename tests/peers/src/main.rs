//! Does the same work with hostkit and with its alternatives. Each run repeats one piece of work a given number of
//! times, so that its instructions can be counted or its CPU time measured. `cargo xtask bench --peers` runs all of
//! them.
//!
//! ```text
//! hostkit-peers list                 # every group and peer, with a suitable number of repetitions
//! hostkit-peers run read hostkit 100
//! ```

mod calls;
mod decode;
mod plain;
mod server;

use std::process::ExitCode;

/// The result of a run. Every error ends the program, because a failure must not be measured as a fast run.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// One way to do the work of a group.
struct Peer {
    group: &'static str,
    name: &'static str,
    /// The number of repetitions used to count instructions.
    times: u32,
    run: fn(u32) -> Outcome,
}

static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);

fn main() -> ExitCode {
    std::sync::LazyLock::force(&START);
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        ["list"] => {
            for Peer { group, name, times, .. } in peers() {
                println!("{group}\t{name}\t{times}");
            }
            Ok(())
        }
        ["serve"] => server::serve(),
        ["run", group, name, times] => run(group, name, times),
        _ => Err("usage: hostkit-peers list | run <group> <peer> <times>".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn peers() -> impl Iterator<Item = Peer> {
    calls::PEERS.into_iter().chain(decode::PEERS)
}

fn run(group: &str, name: &str, times: &str) -> Outcome {
    let peer = peers().find(|peer| (peer.group, peer.name) == (group, name)).ok_or("no such peer")?;
    stay_on_one_cpu();
    (peer.run)(times.parse()?)?;
    eprintln!("cpu_ns: {}", cpu_ns());
    Ok(())
}

/// Keeps this program, and the server that it starts, on one CPU. Waking a thread on another CPU takes more time than a
/// whole call, and the scheduler decides anew in each run whether that is necessary.
fn stay_on_one_cpu() {
    #[cfg(target_os = "linux")]
    {
        use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
        let Ok(allowed) = sched_getaffinity(None) else { return };
        let Some(cpu) = (0..CpuSet::MAX_CPU).find(|cpu| allowed.is_set(*cpu)) else { return };
        let mut one = CpuSet::new();
        one.set(cpu);
        let _ = sched_setaffinity(None, &one);
    }
}

/// Returns the CPU time of this program's only thread in nanoseconds. If the system does not report it, returns the
/// time since the program started.
fn cpu_ns() -> u128 {
    let statistics = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let on_cpu = statistics.split(' ').next().and_then(|nanoseconds| nanoseconds.parse().ok());
    on_cpu.unwrap_or_else(|| START.elapsed().as_nanos())
}
