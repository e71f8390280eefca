//! Checks that the compiler errors for common mistakes explain how to fix them.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use serde_json::Value;

/// Returns the compiler errors for each file in `src`, as the terminal shows them.
fn errors() -> BTreeMap<String, String> {
    let arguments = ["check", "--quiet", "--package", "hostkit-misuse", "--lib", "--message-format", "json"];
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("HOSTKIT_MISUSE", "1")
        .output()
        .unwrap();
    let mut errors = BTreeMap::<_, String>::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let message = &line["message"];
        if let (Some(path), Some(text)) =
            (message["spans"][0]["file_name"].as_str(), message["rendered"].as_str())
        {
            let name = Path::new(path).file_name().unwrap().to_str().unwrap();
            errors.entry(name.to_owned()).or_default().push_str(text);
        }
    }
    assert!(!errors.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    errors
}

#[test]
fn each_mistake_gets_the_expected_error() {
    let errors = errors();
    let mut files = BTreeSet::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name == "lib.rs" {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let expected: Vec<_> = text.lines().map_while(|line| line.strip_prefix("// ")).collect();
        assert!(!expected.is_empty(), "{name} must begin with the expected lines as comments");
        let shown = errors.get(&name).map_or("", String::as_str);
        for line in expected {
            assert!(shown.contains(line), "the errors for {name} do not contain {line:?}:\n{shown}");
        }
        files.insert(name);
    }
    assert_eq!(
        files,
        errors.into_keys().collect(),
        "a file must cause errors if and only if it begins with expected lines"
    );
}
