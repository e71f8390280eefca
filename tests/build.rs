//! Turns each program in the READMEs into a module, so that a test can run it.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

const PLACES: [&str; 8] = [
    ".",
    "crates/hostkit",
    "crates/leaderssl-gpu",
    "crates/inferno-vps",
    "crates/elastis-core",
    "crates/elastis-storage",
    "crates/elastis-network",
    "crates/elastis-billing",
];

fn main() -> io::Result<()> {
    let (mut modules, mut table) = (String::new(), String::new());
    for place in PLACES {
        let path = Path::new("..").join(place).join("README.md");
        println!("cargo:rerun-if-changed={}", path.display());
        let text = fs::read_to_string(&path)?;
        let blocks = text.split("```rust").skip(1).filter_map(|block| block.split("```").next());
        let programs =
            blocks.filter_map(|block| block.split_once('\n')).filter(|(_, code)| code.contains("fn main()"));
        for (at, (_, code)) in programs.enumerate() {
            let number = modules.matches("mod program_").count();
            let mut body = String::new();
            for line in code.lines() {
                body.extend(["    ", line.strip_prefix("# ").unwrap_or(line), "\n"]);
            }
            let _ = write!(
                modules,
                "#[allow(clippy::all, clippy::pedantic, clippy::print_stdout, reason = \"README programs\")]\n\
                 mod program_{number} {{\n{body}\n    pub(super) fn run() -> super::Ended {{ main()?; Ok(()) }}\n}}\n"
            );
            let _ =
                writeln!(table, "    (\"{place}/README.md, program {}\", program_{number}::run),", at + 1);
        }
    }
    let text = format!("{modules}\nconst PROGRAMS: &[(&str, Program)] = &[\n{table}];\n");
    let folder = env::var_os("OUT_DIR")
        .ok_or_else(|| io::Error::other("OUT_DIR is not set; run this through cargo"))?;
    fs::write(Path::new(&folder).join("readme.rs"), text)
}
