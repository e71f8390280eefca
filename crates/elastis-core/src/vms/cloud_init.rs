//! What a new VM does when it starts for the first time.

use std::fmt;

use base64::prelude::{BASE64_STANDARD, Engine};
use http_core::wire::InvalidValue;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// What a new VM does when it starts for the first time, in the terms of
/// [cloud-init](https://cloudinit.readthedocs.io).
///
/// ```
/// use elastis_core::{CloudInit, WriteFile};
///
/// let cloud_init = CloudInit::new()
///     .write_file(WriteFile::new("/firstboot", "#!/bin/bash\necho Now Booting\n").with_mode(0o755))
///     .run("/firstboot");
/// assert!(!cloud_init.defines_users());
/// assert_eq!(format!("{cloud_init:?}"), r#"CloudInit["runcmd", "write_files"]"#);
/// ```
///
/// It may hold passwords and keys, so `Debug` shows the names of its parts only.
#[derive(Clone, Default)]
pub struct CloudInit {
    config: Map<String, Value>,
    invalid: Option<InvalidValue>,
}

impl CloudInit {
    /// Nothing to do yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs a command line in the shell, after those given before.
    pub fn run(self, command: impl Into<String>) -> Self {
        self.push("runcmd", Value::String(command.into()))
    }

    /// Runs a program with these arguments, without a shell, after the commands given before.
    pub fn run_program<I: IntoIterator<Item: Into<String>>>(self, program_and_arguments: I) -> Self {
        self.push("runcmd", program_and_arguments.into_iter().map(Into::into).collect())
    }

    /// Writes a file, before any command runs.
    pub fn write_file(mut self, file: WriteFile) -> Self {
        if file.mode.is_some_and(|mode| mode > 0o7777) {
            self.invalid.get_or_insert(InvalidValue::new("the mode of a file must be at most 0o7777"));
        }
        self.push("write_files", file.into_json())
    }

    /// Sets another part of the configuration, e.g. `users`; the provider promises `runcmd` and `write_files`
    /// only. It takes the place of what was there under this name.
    pub fn with(mut self, part: impl Into<String>, value: impl Serialize) -> Self {
        match serde_json::to_value(value) {
            Ok(value) => {
                self.config.insert(part.into(), value);
            }
            Err(_) => {
                self.invalid
                    .get_or_insert(InvalidValue::new("a part of cloud_init cannot be written as JSON"));
            }
        }
        self
    }

    /// Whether it makes users, so that the VM needs no other login.
    pub fn defines_users(&self) -> bool {
        match self.config.get("users") {
            Some(Value::Array(users)) => !users.is_empty(),
            Some(users) => !users.is_null(),
            None => false,
        }
    }

    /// The configuration as the provider wants it.
    pub(crate) fn to_json(&self) -> Result<String, InvalidValue> {
        match &self.invalid {
            Some(invalid) => Err(invalid.clone()),
            None => serde_json::to_string(&self.config)
                .map_err(|_| InvalidValue::new("cloud_init cannot be written as JSON")),
        }
    }

    fn push(mut self, list: &str, item: Value) -> Self {
        let items = self.config.entry(list).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(items) = items {
            items.push(item);
        } else {
            let invalid = InvalidValue::new("a part of cloud_init was set to something that is no list");
            self.invalid.get_or_insert(invalid);
        }
        self
    }
}

impl fmt::Debug for CloudInit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CloudInit")?;
        f.debug_list().entries(self.config.keys()).finish()
    }
}

/// A file to be written, of any bytes.
#[derive(Clone)]
pub struct WriteFile {
    path: String,
    content: Vec<u8>,
    mode: Option<u32>,
    owner: Option<String>,
    append: bool,
}

impl WriteFile {
    /// A file with this content at this absolute path. It travels in base64, so that any bytes arrive.
    pub fn new(path: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), content: content.into(), mode: None, owner: None, append: false }
    }

    /// Who may do what with it, e.g. `0o755`; 0o644 otherwise. Above 0o7777 is a mistake.
    pub fn with_mode(mut self, mode: u32) -> Self {
        self.mode = Some(mode);
        self
    }

    /// Whose it is, e.g. `www-data:www-data`; root's otherwise.
    pub fn with_owner(mut self, owner: impl Into<String>) -> Self {
        self.owner = Some(owner.into());
        self
    }

    /// Adds the content behind what the file has.
    pub fn appended(mut self) -> Self {
        self.append = true;
        self
    }

    fn into_json(self) -> Value {
        let mut file = json!({
            "path": self.path,
            "content": BASE64_STANDARD.encode(self.content),
            "encoding": "b64",
        });
        if let Some(mode) = self.mode {
            file["permissions"] = json!(format!("{mode:04o}"));
        }
        if let Some(owner) = self.owner {
            file["owner"] = json!(owner);
        }
        if self.append {
            file["append"] = json!(true);
        }
        file
    }
}

/// The content may be a secret.
impl fmt::Debug for WriteFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteFile")
            .field("path", &self.path)
            .field("bytes", &self.content.len())
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_as_the_documentation_shows_it() {
        let cloud_init = CloudInit::new()
            .run("/firstboot")
            .write_file(WriteFile::new("/firstboot", "#!/bin/bash\necho Now Booting\n\n").with_mode(0o755));
        let shown = json!({"runcmd": ["/firstboot"], "write_files": [{"path": "/firstboot",
            "content": "IyEvYmluL2Jhc2gKZWNobyBOb3cgQm9vdGluZwoK", "permissions": "0755", "encoding": "b64"}]});
        assert_eq!(serde_json::from_str::<Value>(&cloud_init.to_json().unwrap()).unwrap(), shown);
    }

    #[test]
    fn commands_and_files_keep_their_order_and_any_bytes() {
        let cloud_init = CloudInit::new()
            .run("a")
            .run_program(["b", "c d"])
            .write_file(WriteFile::new("/x", [0xff, 0x00]).with_owner("a:b").appended());
        let shown = json!({"runcmd": ["a", ["b", "c d"]], "write_files": [
            {"path": "/x", "content": "/wA=", "encoding": "b64", "owner": "a:b", "append": true}]});
        assert_eq!(serde_json::from_str::<Value>(&cloud_init.to_json().unwrap()).unwrap(), shown);
    }

    #[test]
    fn mistakes_come_out_when_it_is_written() {
        CloudInit::new().write_file(WriteFile::new("/x", "").with_mode(0o10000)).to_json().unwrap_err();
        CloudInit::new().with("runcmd", "not a list").run("a").to_json().unwrap_err();
        CloudInit::new().with("x", std::collections::HashMap::from([([1], 2)])).to_json().unwrap_err();
    }

    #[test]
    fn users_count_only_where_there_are_some() {
        assert!(CloudInit::new().with("users", ["default"]).defines_users());
        assert!(CloudInit::new().with("users", json!({"name": "a"})).defines_users());
        for none in [json!([]), json!(null)] {
            assert!(!CloudInit::new().with("users", none).defines_users());
        }
    }

    #[test]
    fn debug_shows_no_content() {
        let file = WriteFile::new("/x", "hunter2");
        let shown = format!("{file:?} {:?}", CloudInit::new().run("hunter2").write_file(file.clone()));
        assert!(!shown.contains("hunter2") && !shown.contains("aHVudGVyMg"), "{shown}");
    }
}
