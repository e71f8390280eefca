//! `cargo xtask bench --peers`: what the clients cost beside their alternatives, as ratios.
//!
//! The program `tests/peers` does one thing a number of times. It runs twice, the second time for twice as long, so that
//! its start does not count.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::cargo::{cargo, output, run};
use crate::failure::{Failure, Result};
use crate::out::say;
use crate::root;

const HELP: &str = "cargo xtask bench --peers";
/// The CPU time of a program varies, its instructions hardly do.
const ROUNDS: usize = 5;

/// How a program's cost is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    /// Nanoseconds on a CPU: the least of several rounds, in which the peers of a group take turns.
    CpuTime,
    /// Instructions, counted by valgrind's callgrind.
    Instructions,
}

/// Builds and runs all peers and returns the report, as Markdown.
pub(crate) fn report(measure: Measure) -> Result<String> {
    if measure == Measure::Instructions && Command::new("valgrind").arg("--version").output().is_err() {
        return Err(Failure::new("valgrind is not installed", format!("install valgrind, or run {HELP}")));
    }
    let manifest = root().join("tests/peers/Cargo.toml");
    let manifest = manifest.to_str().ok_or_else(|| Failure::new("this path is not UTF-8", HELP))?;
    let target = root().join("target/peers");
    run(cargo(["build", "--release", "--manifest-path", manifest]).env("CARGO_TARGET_DIR", &target))?;
    let program = target.join("release").join(format!("hostkit-peers{}", std::env::consts::EXE_SUFFIX));

    let list = String::from_utf8_lossy(&output(Command::new(&program).arg("list"))?).into_owned();
    let mut rows = Vec::new();
    for line in list.lines() {
        let [group, name, times] = line.split('\t').collect::<Vec<_>>()[..] else { continue };
        let times = times.parse::<u32>().map_err(|error| Failure::new(error, HELP))?;
        rows.push(Row { group: group.to_owned(), name: name.to_owned(), times, cost: f64::INFINITY });
    }
    let rounds = if measure == Measure::Instructions { 1 } else { ROUNDS };
    for _ in 0..rounds {
        for row in &mut rows {
            let (once, twice) = (measure.of(&program, row, 1)?, measure.of(&program, row, 2)?);
            row.cost = row.cost.min((twice - once) / f64::from(row.times));
        }
    }
    let report = markdown(&rows, measure);
    say(&report);
    Ok(report)
}

struct Row {
    group: String,
    name: String,
    times: u32,
    /// For doing it once.
    cost: f64,
}

impl Measure {
    fn of(self, program: &PathBuf, row: &Row, factor: u32) -> Result<f64> {
        let times = (row.times * factor).to_string();
        let mut command = match self {
            Self::CpuTime => Command::new(program),
            Self::Instructions => {
                let mut command = Command::new("valgrind");
                command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program);
                command
            }
        };
        command.args(["run", &row.group, &row.name, &times]).stdin(Stdio::null());
        let failed = |error: &dyn std::fmt::Display| {
            Failure::new(format_args!("{}, {}: {error}", row.group, row.name), HELP)
        };
        let output = command.output().map_err(|error| failed(&error))?;
        let text = String::from_utf8_lossy(&output.stderr);
        let label = match self {
            Self::CpuTime => "cpu_ns: ",
            Self::Instructions => "Collected : ",
        };
        let value = text.lines().rev().find_map(|line| line.split_once(label)?.1.trim().parse().ok());
        match value {
            Some(value) if output.status.success() => Ok(value),
            _ => Err(failed(&text)),
        }
    }
}

/// The first peer of a group is what the others are compared with.
fn markdown(rows: &[Row], measure: Measure) -> String {
    let unit = match measure {
        Measure::CpuTime => "ns of CPU",
        Measure::Instructions => "instructions",
    };
    let mut report = format!("| work | by | {unit} | ratio |\n|---|---|--:|--:|\n");
    let mut first: Option<&Row> = None;
    for row in rows {
        let base = match first {
            Some(first) if first.group == row.group => first,
            _ => row,
        };
        first = Some(base);
        let ratio = row.cost / base.cost;
        let _ = writeln!(report, "| {} | {} | {:.0} | {ratio:.2} |", row.group, row.name, row.cost);
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_are_compared_with_the_first_of_their_group() {
        let row =
            |group: &str, name: &str, cost| Row { group: group.into(), name: name.into(), times: 1, cost };
        let rows = [row("read", "plain", 200.0), row("read", "hostkit", 210.0), row("list", "plain", 10.0)];
        let report = markdown(&rows, Measure::Instructions);
        assert!(report.contains("| read | hostkit | 210 | 1.05 |"), "{report}");
        assert!(report.contains("| list | plain | 10 | 1.00 |"), "{report}");
    }
}
