//! What a bucket may be called.

use std::net::Ipv4Addr;

use http_core::wire::InvalidValue;

http_core::wire::text_id! {
    /// The name of a bucket, which no two users of the provider share.
    ///
    /// Any text is taken, because buckets older than today's rules exist; [`check`](Self::check) tells whether
    /// a new bucket can have the name.
    pub struct BucketName;
}

/// What S3 keeps for itself.
const RESERVED_PREFIXES: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
const RESERVED_SUFFIXES: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

impl BucketName {
    /// Whether S3's rules allow a new bucket of this name: 3 to 63 lower-case letters, digits, dots and
    /// hyphens; every part between dots begins and ends with a letter or digit; it does not read as an IPv4
    /// address; it has no prefix or suffix that S3 reserves. The error names the rule that is broken.
    ///
    /// [`Buckets::create`](crate::Buckets::create) checks by itself.
    ///
    /// ```
    /// use elastis_storage::BucketName;
    ///
    /// assert!(BucketName::from("backups.2026").check().is_ok());
    /// let broken = BucketName::from("My_Backups").check().unwrap_err();
    /// assert!(broken.to_string().contains("lower-case letters"));
    /// ```
    pub fn check(&self) -> Result<(), InvalidValue> {
        let name = self.as_str();
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
        let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
        let rules = [
            ((3..=63).contains(&name.len()), "must have 3 to 63 characters"),
            (name.bytes().all(allowed), "may hold only lower-case letters, digits, dots and hyphens"),
            (
                name.split('.').all(|part| edge(part.bytes().next()) && edge(part.bytes().last())),
                "must begin and end with a letter or digit, and so must every part between its dots",
            ),
            (name.parse::<Ipv4Addr>().is_err(), "must not read as an IP address"),
            (
                !RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix)),
                "must not begin with xn--, sthree- or amzn-s3-demo-, which S3 reserves",
            ),
            (
                !RESERVED_SUFFIXES.iter().any(|suffix| name.ends_with(suffix)),
                "must not end with -s3alias, --ol-s3, .mrap, --x-s3 or --table-s3, which S3 reserves",
            ),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            Some((_, rule)) => Err(InvalidValue::new(format!("the name of a bucket {rule}"))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(name: &str) -> String {
        BucketName::from(name).check().unwrap_err().to_string()
    }

    #[test]
    fn names_within_the_rules_pass() {
        let longest = "a".repeat(63);
        for name in ["pang1", "abc", "1ab", "backups.2026-11", "a.b.c", "1.2.3", "1.2.3.4.5", &longest] {
            assert_eq!(BucketName::from(name).check(), Ok(()), "{name}");
        }
    }

    #[test]
    fn each_broken_rule_is_named() {
        let too_long = "a".repeat(64);
        for (names, rule) in [
            (vec!["", "ab", &too_long], "3 to 63"),
            (vec!["Backups", "my_backups", "my backups", "a/b", "büro"], "lower-case letters"),
            (vec!["-abc", "abc-", ".abc", "abc.", "a..b", "a.-b", "a-.b"], "begin and end"),
            (vec!["192.168.5.4"], "IP address"),
            (vec!["xn--abc", "sthree-abc", "amzn-s3-demo-abc"], "must not begin"),
            (vec!["abc-s3alias", "abc--ol-s3", "abc.mrap", "abc--x-s3", "abc--table-s3"], "must not end"),
        ] {
            for name in names {
                assert!(refusal(name).contains(rule), "{name}: {}", refusal(name));
            }
        }
    }

    #[test]
    fn a_refusal_does_not_quote_the_name() {
        assert!(!refusal("Hunter2").contains("Hunter2"));
    }
}
