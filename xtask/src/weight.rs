//! `cargo xtask weight`: measures what these crates cost a program: the CPU time of a clean development build and the
//! size of the stripped release binary, compared with those of the same program written with only the HTTP library, and
//! with a generated client.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::cargo::{cargo, run as run_cargo};
use crate::failure::{Failure, Result};
use crate::out::say;
use crate::root;

const HELP: &str = "cargo xtask weight";
/// The number of crates to print, starting with those that take longest to build.
const CRATES: usize = 12;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cargo xtask weight")]
pub(crate) struct Arguments;

/// A program that reads one VM.
struct User {
    name: &'static str,
    /// The lock file whose versions it uses, below the root.
    lock: &'static str,
    dependencies: &'static str,
    main: &'static str,
}

/// Programs that use a handwritten client with the same packages and types, one crate of this workspace, all crates, or a
/// generated client of two operations.
const USERS: [User; 4] = [
    User {
        name: "bare",
        lock: "Cargo.lock",
        dependencies: r#"
chrono = { version = "0.4", default-features = false, features = ["std", "serde"] }
reqwest = { version = "0.13", default-features = false, features = ["rustls-no-provider", "json", "query"] }
rust_decimal = { version = "1", default-features = false, features = ["std"] }
rustls = { version = "0.23", default-features = false, features = ["std", "tls12", "ring"] }
secrecy = { version = "0.10", features = ["serde"] }
serde = { version = "1", features = ["derive"] }
serde_json = "1"
serde_with = { version = "3", default-features = false, features = ["std", "macros"] }
thiserror = "2"
tokio = { version = "1", default-features = false, features = ["macros", "rt", "sync", "time"] }
tracing = { version = "0.1", default-features = false, features = ["std"] }
url = "2"
uuid = { version = "1", features = ["serde"] }
"#,
        main: r#"
#[derive(Debug, serde::Deserialize)]
struct Vm {
    uuid: uuid::Uuid,
    name: String,
    vcpu: u32,
    memory: u64,
    created_at: Option<chrono::NaiveDateTime>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let request = reqwest::Client::new()
        .get("https://api.elastis.id/v1/user-resource/vm")
        .query(&[("uuid", std::env::args().nth(1))])
        .header("apikey", std::env::var("ELASTIS_API_KEY")?);
    let vm: Vm = request.send().await?.error_for_status()?.json().await?;
    println!("{vm:?}");
    Ok(())
}
"#,
    },
    User {
        name: "one crate",
        lock: "Cargo.lock",
        dependencies: r#"
elastis-core = { path = "../../../crates/elastis-core" }
tokio = { version = "1", default-features = false, features = ["macros", "rt"] }
"#,
        main: r#"
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let id = std::env::args().nth(1).unwrap_or_default().parse()?;
    println!("{:?}", elastis_core::Elastis::from_env()?.vms().get(id).await?);
    Ok(())
}
"#,
    },
    User {
        name: "facade, all providers",
        lock: "Cargo.lock",
        dependencies: r#"
hostkit = { path = "../../../crates/hostkit" }
tokio = { version = "1", default-features = false, features = ["macros", "rt"] }
"#,
        main: r#"
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let id = std::env::args().nth(1).unwrap_or_default().parse()?;
    println!("{:?}", hostkit::elastis_core::Elastis::from_env()?.vms().get(id).await?);
    Ok(())
}
"#,
    },
    User {
        name: "generated",
        lock: "tests/peers/Cargo.lock",
        // What the generated code names, and the TLS of the others.
        dependencies: r#"
bytes = "1"
chrono = { version = "0.4", default-features = false, features = ["std", "serde"] }
progenitor = "0.15"
reqwest = { version = "0.13", default-features = false, features = ["rustls-no-provider", "json", "query"] }
rustls = { version = "0.23", default-features = false, features = ["std", "tls12", "ring"] }
serde = { version = "1", features = ["derive"] }
serde_json = "1"
tokio = { version = "1", default-features = false, features = ["macros", "rt"] }
uuid = { version = "1", features = ["serde"] }
"#,
        main: r#"
mod generated {
    progenitor::generate_api!(spec = "../../../tests/peers/src/vm.json");
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let id = std::env::args().nth(1).unwrap_or_default().parse()?;
    let client = generated::Client::new("https://api.elastis.id");
    println!("{:?}", client.get_vm(&id, &std::env::var("ELASTIS_API_KEY")?).await?.into_inner());
    Ok(())
}
"#,
    },
];

/// The costs of one program.
struct Weight {
    user: &'static str,
    cpu_seconds: f64,
    bytes: u64,
    units: Vec<Unit>,
}

/// The build of one crate.
#[derive(Deserialize)]
struct Unit {
    name: String,
    #[serde(default)]
    target: String,
    duration: f64,
}

pub(crate) fn run(_: &Arguments) -> Result {
    // Dependencies in common are built once for release: only the size of the programs counts there.
    let released = folder().join("release");
    let mut weights: Vec<Weight> = Vec::new();
    say(HEAD);
    for user in &USERS {
        let weight = weigh(user, &released)?;
        // Printed one by one, because each takes some minutes.
        say(row(&weight, weights.first().unwrap_or(&weight)));
        weights.push(weight);
    }
    for weight in &weights {
        say(format_args!("\n{}", longest(weight)));
    }
    fs::remove_dir_all(&released).map_err(|error| failure(&released, error))
}

fn folder() -> PathBuf {
    root().join("target/weight")
}

fn weigh(user: &User, released: &Path) -> Result<Weight> {
    let folder = folder().join(user.name.replace([' ', ','], "-"));
    let manifest = write(user, &folder).map_err(|error| failure(&folder, error))?;
    let build = |flags: &[&str], target: &Path| {
        let arguments =
            ["build", "--quiet", "--manifest-path", &manifest].into_iter().chain(flags.iter().copied());
        run_cargo(cargo(arguments).env("CARGO_TARGET_DIR", target))
    };
    // Uses the dependency versions of the workspace, and fetches dependencies that only this program has.
    run_cargo(&mut cargo(["fetch", "--manifest-path", &manifest]))?;
    let target = folder.join("target");
    let before = cpu_seconds()?;
    build(&["--timings"], &target)?;
    let cpu_seconds = cpu_seconds()? - before;
    let page = target.join("cargo-timings/cargo-timing.html");
    let units = units(&fs::read_to_string(&page).map_err(|error| failure(&page, error))?)?;
    fs::remove_dir_all(&target).map_err(|error| failure(&target, error))?;
    build(&["--release"], released)?;
    let program = released.join("release").join(format!("weight{}", std::env::consts::EXE_SUFFIX));
    let bytes = fs::metadata(&program).map_err(|error| failure(&program, error))?.len();
    Ok(Weight { user: user.name, cpu_seconds, bytes, units })
}

/// Writes the program, and returns the path of its manifest.
fn write(user: &User, folder: &Path) -> std::io::Result<String> {
    // Starts with an empty folder, so that the build is a clean one.
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder.join("src"))?;
    let manifest: PathBuf = folder.join("Cargo.toml");
    let package = "[package]\nname = \"weight\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n";
    let profile = "\n[profile.release]\nstrip = true\n";
    fs::write(&manifest, format!("{package}[dependencies]{}{profile}", user.dependencies))?;
    fs::write(folder.join("src/main.rs"), user.main)?;
    fs::copy(root().join(user.lock), folder.join("Cargo.lock"))?;
    Ok(manifest.to_string_lossy().into_owned())
}

fn failure(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::new(format_args!("{}: {error}", path.display()), HELP)
}

/// Returns the CPU time of all finished child processes.
fn cpu_seconds() -> Result<f64> {
    let unknown = || Failure::new("/proc/self/stat has no CPU times; this command needs Linux", HELP);
    let stat = fs::read_to_string("/proc/self/stat").map_err(|_| unknown())?;
    // The fields follow the name, which may contain any character.
    let (_, fields) = stat.rsplit_once(')').ok_or_else(unknown)?;
    let ticks = |index: usize| fields.split_whitespace().nth(index)?.parse::<f64>().ok();
    let (user, system) = ticks(13).zip(ticks(14)).ok_or_else(unknown)?;
    Ok((user + system) / 100.0)
}

/// Returns the crates on cargo's timings page.
fn units(page: &str) -> Result<Vec<Unit>> {
    let unknown = |why: &dyn std::fmt::Display| {
        Failure::new(format_args!("the timings page has an unknown format: {why}"), HELP)
    };
    let (_, data) = page.split_once("const UNIT_DATA = ").ok_or_else(|| unknown(&"there is no UNIT_DATA"))?;
    let mut values = serde_json::Deserializer::from_str(data).into_iter::<Vec<Unit>>();
    let units = values.next().unwrap_or_else(|| Ok(Vec::new())).map_err(|error| unknown(&error))?;
    Ok(units)
}

const HEAD: &str =
    "| user | CPU of a clean build | ratio | stripped release | ratio |\n|---|--:|--:|--:|--:|";

/// One user, compared with the bare one.
fn row(Weight { user, cpu_seconds, bytes, .. }: &Weight, bare: &Weight) -> String {
    #[allow(clippy::cast_precision_loss, reason = "sizes of programs")]
    let [size, bare_size] = [*bytes as f64, bare.bytes as f64];
    let (cpu_ratio, size_ratio) = (cpu_seconds / bare.cpu_seconds, size / bare_size);
    let size = size / 1e6;
    format!("| {user} | {cpu_seconds:.1} s | {cpu_ratio:.2} | {size:.2} MB | {size_ratio:.2} |")
}

/// The crates with the longest builds.
fn longest(Weight { user, units, .. }: &Weight) -> String {
    let mut longest: Vec<&Unit> = units.iter().collect();
    longest.sort_by(|one, other| other.duration.total_cmp(&one.duration));
    let crates = longest.iter().take(CRATES);
    let crates = crates.map(|unit| format!("{}{} {:.1} s", unit.name, unit.target.trim_end(), unit.duration));
    format!("{user}, {} crates: {}", units.len(), crates.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_compared_with_the_bare_one() {
        let page = r#"x const UNIT_DATA = [{"name": "serde", "target": "", "duration": 2.5, "i": 0},
            {"name": "ring", "target": " build script", "duration": 7.25}];
            const CONCURRENCY_DATA = [];"#;
        let weight =
            |user, cpu_seconds, bytes| Weight { user, cpu_seconds, bytes, units: units(page).unwrap() };
        let (bare, one) = (weight("bare", 20.0, 2_000_000), weight("one crate", 21.0, 2_200_000));
        assert_eq!(row(&one, &bare), "| one crate | 21.0 s | 1.05 | 2.20 MB | 1.10 |");
        assert_eq!(longest(&one), "one crate, 2 crates: ring build script 7.2 s, serde 2.5 s");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_cpu_time_of_finished_processes_is_known() {
        assert!(cpu_seconds().unwrap() >= 0.0);
    }
}
