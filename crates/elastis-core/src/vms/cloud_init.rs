//! The configuration of a VM's first start.

use std::fmt;

use base64::prelude::{BASE64_STANDARD, Engine};
use http_core::wire::InvalidValue;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The configuration of a new VM's first start, in the format of [cloud-init](https://cloudinit.readthedocs.io).
///
/// It may contain passwords and keys, so `Debug` shows only the names of its parts.
///
/// # Examples
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
#[derive(Clone, Default)]
pub struct CloudInit {
    config: Map<String, Value>,
    invalid: Option<InvalidValue>,
}

impl CloudInit {
    /// Creates an empty configuration.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a command line that the shell runs after the commands added before it.
    pub fn run(self, command: impl Into<String>) -> Self {
        self.push("runcmd", Value::String(command.into()))
    }

    /// Adds a program with its arguments. The program runs without a shell, after the commands added before it.
    pub fn run_program<I: IntoIterator<Item: Into<String>>>(self, program_and_arguments: I) -> Self {
        self.push("runcmd", program_and_arguments.into_iter().map(Into::into).collect())
    }

    /// Adds a file that is written before any command runs.
    pub fn write_file(mut self, file: WriteFile) -> Self {
        if file.mode.is_some_and(|mode| mode > 0o7777) {
            self.invalid.get_or_insert(InvalidValue::new("the mode of a file must be at most 0o7777"));
        }
        self.push("write_files", file.into_json())
    }

    /// Sets another part of the configuration, e.g. `users`, replacing any previous value. The provider documents only
    /// `runcmd` and `write_files`.
    pub fn with(mut self, part: impl Into<String>, value: impl Serialize) -> Self {
        match serde_json::to_value(value) {
            Ok(value) => {
                self.config.insert(part.into(), value);
            }
            Err(_) => {
                self.invalid
                    .get_or_insert(InvalidValue::new("a part of cloud_init cannot be serialized as JSON"));
            }
        }
        self
    }

    /// Returns whether the configuration creates users, in which case the VM needs no other login.
    pub fn defines_users(&self) -> bool {
        match self.config.get("users") {
            Some(Value::Array(users)) => !users.is_empty(),
            Some(users) => !users.is_null(),
            None => false,
        }
    }

    /// Returns the configuration as a JSON string, the form that the provider expects.
    #[inline]
    pub(crate) fn to_json(&self) -> Result<String, InvalidValue> {
        match &self.invalid {
            Some(invalid) => Err(invalid.clone()),
            None => serde_json::to_string(&self.config)
                .map_err(|_| InvalidValue::new("cloud_init cannot be serialized as JSON")),
        }
    }

    /// Returns every text of the configuration that may be a secret: values, including numbers, the contents of files,
    /// and the lines of both.
    #[inline]
    pub(super) fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for value in self.config.values() {
            collect_texts(value, &mut texts);
        }
        texts
    }

    fn push(mut self, list: &str, item: Value) -> Self {
        let items = self.config.entry(list).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(items) = items {
            items.push(item);
        } else {
            let invalid = InvalidValue::new(format!(
                "{list} in cloud_init is not a list, so nothing can be added to it"
            ));
            self.invalid.get_or_insert(invalid);
        }
        self
    }
}

/// Shorter texts are mostly words that messages contain anyway, such as `root` or `true`.
const SHORTEST_SECRET: usize = 6;
/// Lines that are no secrets, without `:` at their end: headers, module names and other keys that cloud-init documents.
/// Any other line is redacted.
const COMMON: &[&str] = &[
    "#!/bin/bash",
    "#!/bin/sh",
    "#cloud-boothook",
    "#cloud-config",
    "#include",
    "append",
    "bootcmd",
    "ca_certs",
    "chpasswd",
    "content",
    "default",
    "defer",
    "disk_setup",
    "encoding",
    "expire",
    "filename",
    "final_message",
    "fs_setup",
    "groups",
    "growpart",
    "hostname",
    "keyboard",
    "locale",
    "lock_passwd",
    "manage_etc_hosts",
    "mounts",
    "network",
    "package_reboot_if_required",
    "package_update",
    "package_upgrade",
    "packages",
    "passwd",
    "password",
    "permissions",
    "phone_home",
    "power_state",
    "primary_group",
    "resize_rootfs",
    "runcmd",
    "source",
    "sources",
    "ssh_authorized_keys",
    "ssh_pwauth",
    "timezone",
    "update",
    "upgrade",
    "version",
    "write_files",
];

fn is_common(line: &str) -> bool {
    let line = line.trim();
    let line = line.strip_prefix("- ").unwrap_or(line);
    COMMON.contains(&line.strip_suffix(':').unwrap_or(line).trim_end())
}

#[inline]
fn collect_texts(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            let lines = text.lines().map(str::trim).filter(|line| *line != text.as_str());
            let all = lines.chain([text.as_str()]);
            let all = all.filter(|text| text.len() >= SHORTEST_SECRET && !is_common(text));
            texts.extend(all.map(str::to_owned));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, texts)),
        Value::Object(members) => {
            members.values().for_each(|member| collect_texts(member, texts));
            let content = members.get("content").filter(|_| members.contains_key("encoding"));
            let content = content.and_then(|content| BASE64_STANDARD.decode(content.as_str()?).ok());
            if let Some(content) = content {
                collect_texts(&Value::String(String::from_utf8_lossy(&content).into_owned()), texts);
            }
        }
        Value::Number(number) => collect_texts(&Value::String(number.to_string()), texts),
        Value::Null | Value::Bool(_) => {}
    }
}

impl fmt::Debug for CloudInit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CloudInit")?;
        f.debug_list().entries(self.config.keys()).finish()
    }
}

/// A file that cloud-init writes; its content may be any bytes.
#[derive(Clone)]
pub struct WriteFile {
    path: String,
    content: Vec<u8>,
    mode: Option<u32>,
    owner: Option<String>,
    append: bool,
}

impl WriteFile {
    /// Creates a file at the absolute path `path`. The content is sent as base64, so any bytes are allowed.
    pub fn new(path: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), content: content.into(), mode: None, owner: None, append: false }
    }

    /// Sets the permissions, e.g. `0o755`; the default is `0o644`. A mode above `0o7777` is an error.
    pub fn with_mode(mut self, mode: u32) -> Self {
        self.mode = Some(mode);
        self
    }

    /// Sets the owner and group, e.g. `www-data:www-data`; the default is root.
    pub fn with_owner(mut self, owner: impl Into<String>) -> Self {
        self.owner = Some(owner.into());
        self
    }

    /// Appends the content to the file instead of replacing it.
    pub fn appended(mut self) -> Self {
        self.append = true;
        self
    }

    #[inline]
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

/// Omits the content, which may be a secret.
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
    fn the_json_matches_the_documentation() {
        let cloud_init = CloudInit::new()
            .run("/firstboot")
            .write_file(WriteFile::new("/firstboot", "#!/bin/bash\necho Now Booting\n\n").with_mode(0o755));
        let shown = json!({"runcmd": ["/firstboot"], "write_files": [{"path": "/firstboot",
            "content": "IyEvYmluL2Jhc2gKZWNobyBOb3cgQm9vdGluZwoK", "permissions": "0755", "encoding": "b64"}]});
        assert_eq!(serde_json::from_str::<Value>(&cloud_init.to_json().unwrap()).unwrap(), shown);
    }

    #[test]
    fn commands_keep_their_order_and_files_may_contain_any_bytes() {
        let cloud_init = CloudInit::new()
            .run("a")
            .run_program(["b", "c d"])
            .write_file(WriteFile::new("/x", [0xff, 0x00]).with_owner("a:b").appended());
        let shown = json!({"runcmd": ["a", ["b", "c d"]], "write_files": [
            {"path": "/x", "content": "/wA=", "encoding": "b64", "owner": "a:b", "append": true}]});
        assert_eq!(serde_json::from_str::<Value>(&cloud_init.to_json().unwrap()).unwrap(), shown);
    }

    #[test]
    fn invalid_values_are_reported_when_the_json_is_written() {
        CloudInit::new().write_file(WriteFile::new("/x", "").with_mode(0o10000)).to_json().unwrap_err();
        CloudInit::new().with("runcmd", "not a list").run("a").to_json().unwrap_err();
        CloudInit::new().with("x", std::collections::HashMap::from([([1], 2)])).to_json().unwrap_err();
    }

    #[test]
    fn an_empty_list_of_users_defines_no_users() {
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

    #[test]
    fn every_text_of_the_configuration_may_be_a_secret() {
        let texts = CloudInit::new()
            .with("chpasswd", json!({"list": "root:hunter2secret\nme:hunter3secret", "expire": false}))
            .write_file(WriteFile::new("/etc/app.env", "TOKEN=hunter4\nUSER=root\n").with_owner("root"))
            .run_program(["echo", "hunter5secret"])
            .with("users", [json!({"name": "root", "lock_passwd": "true", "passwd": 481_516, "uid": 10_001})])
            .with("pins", json!([-15_162, 0.123_456, 18_446_744_073_709_551_615_u64]))
            .texts();
        let numbers = ["481516", "-15162", "0.123456", "18446744073709551615"];
        let words = ["root:hunter2secret", "me:hunter3secret", "TOKEN=hunter4", "hunter5secret"];
        for secret in numbers.into_iter().chain(words) {
            assert!(texts.iter().any(|text| text == secret), "{secret}: {texts:?}");
        }
        let common = ["#cloud-config", "packages:", "- upgrade", "write_files", "ssh_authorized_keys :"];
        let secrets =
            ["password: hunter6", "- secret-package", "packages: hunter7", "#cloud-config2", "sesame"];
        let both = CloudInit::new().with("user_data", [common, secrets].concat().join("\n")).texts();
        for text in common {
            assert!(both.iter().all(|it| it != text), "{text}: {both:?}");
        }
        for text in secrets {
            assert!(both.iter().any(|it| it == text), "{text}: {both:?}");
        }
        assert!(
            !texts.iter().any(|text| ["root", "true", "echo", "10001"].contains(&text.as_str())),
            "{texts:?}"
        );
    }
}
