//! Adds the mistakes only to the build that the test starts: every other one must compile.

fn main() {
    const NAME: &str = "HOSTKIT_MISUSE";
    let cargo = |line: &str| println!("cargo::{line}");
    cargo(&format!("rerun-if-env-changed={NAME}"));
    cargo("rustc-check-cfg=cfg(misuse)");
    if std::env::var_os(NAME).is_some() {
        cargo("rustc-cfg=misuse");
    }
}
