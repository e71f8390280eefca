//! `cargo xtask bench --peers`: measures the cost of the clients relative to their alternatives.
//!
//! The program `tests/peers` repeats one piece of work a given number of times. It runs twice, the second time with
//! twice as many repetitions. The difference between the two runs excludes the startup.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::cargo::{cargo, output, run};
use crate::failure::{Failure, Result};
use crate::out::say;
use crate::plot::{Bar, svg};
use crate::root;

const HELP: &str = "cargo xtask bench --peers";

/// How a program's cost is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    /// Nanoseconds on a CPU: the minimum of several rounds, in which the peers of a group take turns.
    CpuTime,
    /// Instructions, counted by valgrind's callgrind.
    Instructions,
}

/// Builds and runs all peers. Returns the report as Markdown, and its plot as SVG.
pub(crate) fn report(measure: Measure) -> Result<(String, String)> {
    if measure == Measure::Instructions && Command::new("valgrind").arg("--version").output().is_err() {
        return Err(Failure::new("valgrind is not installed", format!("install valgrind, or run {HELP}")));
    }
    let manifest = root().join("tests/peers/Cargo.toml");
    let manifest =
        manifest.to_str().ok_or_else(|| Failure::new("the workspace's path is not UTF-8", HELP))?;
    let target = root().join("target/peers");
    run(cargo(["build", "--release", "--manifest-path", manifest]).env("CARGO_TARGET_DIR", &target))?;
    let program = |name| target.join("release").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));

    let (peers, waiting) = (program("hostkit-peers"), program("hostkit-waiting"));
    let mut rows = peer_rows(&peers, measure)?;
    // Takes the minimum of each run, not of the difference, which is smallest if the shorter run was disturbed.
    let mut least = vec![[f64::INFINITY; 2]; rows.len()];
    for _ in 0..measure.rounds() {
        for (row, least) in rows.iter().zip(&mut least) {
            for (least, factor) in least.iter_mut().zip([1, 2]) {
                *least = least.min(measure.of(&peers, row, factor)?);
            }
        }
    }
    for (row, [once, twice]) in rows.iter_mut().zip(least) {
        row.cost = (twice - once) / f64::from(row.times);
    }
    rows.extend(waiting_rows(&text(&output(&mut Command::new(&waiting))?))?);
    let groups = groups(rows);
    let report = markdown(&groups);
    say(&report);
    Ok((report, plot(&groups)))
}

fn text(output: &[u8]) -> String {
    String::from_utf8_lossy(output).into_owned()
}

/// Returns the peers that the program lists.
fn peer_rows(program: &Path, measure: Measure) -> Result<Vec<Row>> {
    let list = text(&output(Command::new(program).arg("list"))?);
    let rows = list.lines().map(|line| match line.split('\t').collect::<Vec<_>>()[..] {
        [group, name, times] => {
            let times: u32 = times.parse().map_err(|error| Failure::new(error, HELP))?;
            let (times, unit) = (times * measure.longer(), measure.unit().to_owned());
            Ok(Row { group: group.to_owned(), name: name.to_owned(), times, unit, cost: 0.0 })
        }
        _ => Err(Failure::new(format_args!("{line:?} is not a peer"), HELP)),
    });
    rows.collect()
}

/// Reads the measurements that `hostkit-waiting` prints.
fn waiting_rows(measured: &str) -> Result<Vec<Row>> {
    let rows = measured.lines().map(|line| match line.split('\t').collect::<Vec<_>>()[..] {
        [group, name, unit, cost] => {
            let cost = cost.parse().map_err(|error| Failure::new(error, HELP))?;
            Ok(Row { group: group.to_owned(), name: name.to_owned(), times: 1, unit: unit.to_owned(), cost })
        }
        _ => Err(Failure::new(format_args!("{line:?} is not a measurement"), HELP)),
    });
    rows.collect()
}

struct Row {
    group: String,
    name: String,
    times: u32,
    unit: String,
    /// The cost of one repetition.
    cost: f64,
}

impl Measure {
    fn unit(self) -> &'static str {
        match self {
            Self::CpuTime => "ns of CPU",
            Self::Instructions => "instructions",
        }
    }

    /// Returns the number of rounds. The CPU time of a program varies; its number of instructions hardly does.
    fn rounds(self) -> usize {
        match self {
            Self::CpuTime => 20,
            Self::Instructions => 1,
        }
    }

    /// Returns the factor by which the suggested number of repetitions is multiplied. A client takes milliseconds to
    /// start, and variations in that time must not affect the result.
    fn longer(self) -> u32 {
        match self {
            Self::CpuTime => 10,
            Self::Instructions => 1,
        }
    }

    fn of(self, program: &Path, row: &Row, factor: u32) -> Result<f64> {
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

/// Returns the rows by group, in the order of their first rows.
fn groups(rows: Vec<Row>) -> Vec<Vec<Row>> {
    let mut groups: Vec<Vec<Row>> = Vec::new();
    for row in rows {
        let of_group = |group: &&mut Vec<Row>| group.first().is_some_and(|first| first.group == row.group);
        match groups.iter_mut().find(of_group) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    groups
}

/// Returns the cost of each row relative to the first peer of its group.
fn ratios(group: &[Row]) -> impl Iterator<Item = (&Row, f64)> {
    let base = group.first().map_or(1.0, |first| first.cost);
    group.iter().map(move |row| (row, row.cost / base))
}

fn markdown(groups: &[Vec<Row>]) -> String {
    let mut report = "| work | by | cost | unit | ratio |\n|---|---|--:|---|--:|\n".to_owned();
    for (row, ratio) in groups.iter().flat_map(|group| ratios(group)) {
        let Row { group, name, unit, cost, .. } = row;
        let _ = writeln!(report, "| {group} | {name} | {cost:.0} | {unit} | {ratio:.2} |");
    }
    report
}

fn plot(groups: &[Vec<Row>]) -> String {
    let bar = |(row, ratio): (&Row, f64)| Bar {
        name: row.name.clone(),
        value: ratio,
        label: format!("{ratio:.2}"),
    };
    let group = |rows: &Vec<Row>| {
        let name = rows.first().map_or(String::new(), |first| format!("{} ({})", first.group, first.unit));
        (name, ratios(rows).map(bar).collect())
    };
    let caption = "Cost relative to the first peer of the group: shorter is better.";
    svg(&groups.iter().map(group).collect::<Vec<_>>(), caption)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_are_compared_with_the_first_of_their_group() {
        let measured = "read\tplain\tbytes\t200\nlist\tplain\tms\t10\nread\thostkit\tbytes\t210\n";
        let groups = groups(waiting_rows(measured).unwrap());
        let report = markdown(&groups);
        assert!(report.contains("| read | hostkit | 210 | bytes | 1.05 |"), "{report}");
        assert!(report.contains("| list | plain | 10 | ms | 1.00 |"), "{report}");
        let plot = plot(&groups);
        assert!(plot.contains(">read (bytes)<") && plot.contains(">1.05<"), "{plot}");
    }
}
