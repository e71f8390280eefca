//! The names of buckets.

use std::net::Ipv4Addr;

use http_core::wire::InvalidValue;

http_core::wire::text_id! {
    /// The name of a bucket, unique among all users of the provider.
    ///
    /// Any string is accepted, because existing buckets may have names that today's rules forbid.
    /// [`check`](Self::check) verifies that a new bucket can have the name.
    pub struct BucketName;
}

/// The prefixes that S3 reserves.
const RESERVED_PREFIXES: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
/// The suffixes that S3 reserves.
const RESERVED_SUFFIXES: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

impl BucketName {
    /// Checks whether S3's rules allow this name for a new bucket: 3 to 63 lower-case letters, digits, dots and
    /// hyphens; every part between dots begins and ends with a letter or digit; the name is not an IPv4 address and has
    /// no prefix or suffix that S3 reserves.
    ///
    /// [`Buckets::create`](crate::Buckets::create) calls this method for you.
    ///
    /// # Errors
    ///
    /// - [`InvalidValue`]: the name violates a rule; the message names the rule.
    ///
    /// # Examples
    ///
    /// ```
    /// use elastis_storage::BucketName;
    ///
    /// assert!(BucketName::from("backups.2026").check().is_ok());
    /// let broken = BucketName::from("My_Backups").check().unwrap_err();
    /// assert!(broken.to_string().contains("lower-case letters"));
    /// ```
    #[inline]
    pub fn check(&self) -> Result<(), InvalidValue> {
        let name = self.as_str();
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
        let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
        let rules = [
            ((3..=63).contains(&name.len()), "must have 3 to 63 characters"),
            (name.bytes().all(allowed), "may contain only lower-case letters, digits, dots and hyphens"),
            (
                name.split('.').all(|part| edge(part.bytes().next()) && edge(part.bytes().last())),
                "must begin and end with a letter or digit, and so must every part between its dots",
            ),
            (name.parse::<Ipv4Addr>().is_err(), "must not be an IP address"),
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

    fn violation(name: &str) -> String {
        BucketName::from(name).check().unwrap_err().to_string()
    }

    #[test]
    fn valid_names_pass() {
        let longest = "a".repeat(63);
        for name in ["pang1", "abc", "1ab", "backups.2026-11", "a.b.c", "1.2.3", "1.2.3.4.5", &longest] {
            assert_eq!(BucketName::from(name).check(), Ok(()), "{name}");
        }
    }

    #[test]
    fn the_error_names_the_violated_rule() {
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
                assert!(violation(name).contains(rule), "{name}: {}", violation(name));
            }
        }
    }

    #[test]
    fn an_error_does_not_quote_the_name() {
        assert!(!violation("Hunter2").contains("Hunter2"));
    }
}
