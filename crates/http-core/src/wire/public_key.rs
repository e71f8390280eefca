//! SSH public keys.

use crate::wire::invalid_value::InvalidValue;

/// Returns the public key without surrounding whitespace: one line in OpenSSH's format, as in a `.pub` file.
///
/// A private key must never be sent to a provider, so it is rejected in every format. So is any text with several
/// lines, and any line in which the key is not preceded by its type.
///
/// ```
/// use http_core::wire::public_key;
///
/// assert!(public_key("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO0 me@laptop\n").is_ok());
/// assert!(public_key("-----BEGIN OPENSSH PRIVATE KEY----- b3BlbnNzaC1rZXktdjE= -----END OPENSSH PRIVATE KEY-----").is_err());
/// ```
///
/// # Errors
///
/// An [`InvalidValue`] that does not contain the text.
pub fn public_key(text: &str) -> Result<&str, InvalidValue> {
    const KINDS: &[&str] = &["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"];
    let line = text.trim();
    let words: Vec<&str> = line.split_whitespace().collect();
    // Every public key begins with the length of its type, in base64.
    let is_key = words.windows(2).any(|pair| match pair {
        [kind, key] => KINDS.iter().any(|known| kind.starts_with(known)) && key.starts_with("AAAA"),
        _ => false,
    });
    if is_key && !line.contains(['\n', '\r']) && !line.contains("PRIVATE KEY") {
        return Ok(line);
    }
    Err(InvalidValue::new("the public key must be one line that begins with its type, as in a .pub file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_public_key_is_accepted_as_one_line() {
        for key in [
            "ssh-ed25519 AAAAC3Nz",
            " ssh-rsa AAAAB3Nz me@laptop at home\n",
            "ecdsa-sha2-nistp256 AAAAE2Vj me",
            "sk-ssh-ed25519@openssh.com AAAAGnNr me",
            "no-pty ssh-ed25519 AAAAC3Nz me",
        ] {
            assert_eq!(public_key(key).unwrap(), key.trim());
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
            "ssh-ed25519",
            "",
        ] {
            let invalid = public_key(key).unwrap_err().to_string();
            assert!(!invalid.contains("AAAA"), "{invalid}");
        }
    }
}
