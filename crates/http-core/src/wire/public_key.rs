//! SSH public keys.

use crate::wire::invalid_value::InvalidValue;

/// An SSH public key in OpenSSH's format: one line, as in a `.pub` file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PublicKey<'a> {
    /// The whole line, without surrounding whitespace.
    pub line: &'a str,
    /// The options before the type, as in an `authorized_keys` file; usually empty.
    pub options: &'a str,
    /// The type, e.g. `ssh-ed25519`.
    pub kind: &'a str,
    /// The key in base64.
    pub key: &'a str,
    /// The rest of the line, e.g. `me@laptop`; may be empty.
    pub comment: &'a str,
}

const KINDS: &[&str] = &["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"];

/// Parses a public key: one line in OpenSSH's format, as in a `.pub` file.
///
/// A private key must never be sent to a provider, so it is rejected in every format. So is any text with several
/// lines, and any line in which the key is not preceded by its type.
///
/// ```
/// use http_core::wire::public_key;
///
/// let key = public_key("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO0 me@laptop\n").unwrap();
/// assert_eq!((key.kind, key.comment), ("ssh-ed25519", "me@laptop"));
/// assert!(public_key("-----BEGIN OPENSSH PRIVATE KEY----- b3BlbnNzaC1rZXktdjE= -----END OPENSSH PRIVATE KEY-----").is_err());
/// ```
///
/// # Errors
///
/// An [`InvalidValue`] that does not contain the text.
pub fn public_key(text: &str) -> Result<PublicKey<'_>, InvalidValue> {
    let line = text.trim();
    let is_kind = |word: &str| KINDS.iter().any(|known| word.starts_with(known));
    let (options, rest) = if is_kind(line) { ("", line) } else { split(line, true) };
    let (kind, rest) = split(rest, false);
    let (key, comment) = split(rest, false);
    // Every public key begins with the length of its type, in base64.
    let is_key = is_kind(kind) && key.starts_with("AAAA");
    if is_key && !line.contains(['\n', '\r']) && !line.contains("PRIVATE KEY") {
        return Ok(PublicKey { line, options, kind, key, comment });
    }
    Err(InvalidValue::new("the public key must be one line with its type and the key, as in a .pub file"))
}

/// Splits the text after its first word. In options, a word may contain blanks between quotation marks.
fn split(text: &str, with_quotes: bool) -> (&str, &str) {
    let mut quoted = false;
    let end = text.find(|c: char| {
        quoted ^= with_quotes && c == '"';
        c.is_whitespace() && !quoted
    });
    let (word, rest) = text.split_at(end.unwrap_or(text.len()));
    (word, rest.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_public_key_is_accepted_as_one_line() {
        for (text, options, kind, comment) in [
            ("ssh-ed25519 AAAAC3Nz", "", "ssh-ed25519", ""),
            (" ssh-rsa  AAAAC3Nz me@laptop  at home\n", "", "ssh-rsa", "me@laptop  at home"),
            ("ecdsa-sha2-nistp256\tAAAAC3Nz\tme", "", "ecdsa-sha2-nistp256", "me"),
            ("sk-ssh-ed25519@openssh.com AAAAC3Nz me", "", "sk-ssh-ed25519@openssh.com", "me"),
            ("no-pty ssh-ed25519 AAAAC3Nz me", "no-pty", "ssh-ed25519", "me"),
            (
                r#"command="ssh-rsa AAAAB3Nz x",no-pty ssh-rsa AAAAC3Nz me"#,
                r#"command="ssh-rsa AAAAB3Nz x",no-pty"#,
                "ssh-rsa",
                "me",
            ),
        ] {
            let expected = PublicKey { line: text.trim(), options, kind, key: "AAAAC3Nz", comment };
            assert_eq!(public_key(text).unwrap(), expected);
        }
    }

    #[test]
    fn no_form_of_a_private_key_is_accepted_or_shown() {
        for key in [
            "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----",
            "-----BEGIN OPENSSH PRIVATE KEY----- b3BlbnNzaC1rZXktdjEAAAAA -----END OPENSSH PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY----- ssh-rsa AAAAB3Nz",
            "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ==",
            "PuTTY-User-Key-File-3: ssh-ed25519 Encryption: none Private-Lines: 1 AAAAIAbc",
            "ssh-ed25519 AAAAC3Nz\nssh-ed25519 AAAAC3Nz",
            "two words ssh-ed25519 AAAAC3Nz",
            "ssh-ed25519",
            "",
        ] {
            let invalid = public_key(key).unwrap_err().to_string();
            assert!(!invalid.contains("AAAA"), "{invalid}");
        }
    }
}
