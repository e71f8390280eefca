//! Enables the mistakes only in the build that the test starts; all other builds must compile.

fn main() {
    const NAME: &str = "HOSTKIT_MISUSE";
    let cargo = |line: &str| println!("cargo::{line}");
    cargo(&format!("rerun-if-env-changed={NAME}"));
    cargo("rustc-check-cfg=cfg(misuse)");
    if std::env::var_os(NAME).is_some() {
        cargo("rustc-cfg=misuse");
    }
}
