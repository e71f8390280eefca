use std::fmt::Write;

use memchr::memchr;

use crate::wire::form::Encoder;
use crate::wire::invalid_value::InvalidValue;

/// Replaces `{name}` in a path with a value, percent-encoded so that it stays inside its segment.
pub(crate) fn fill(path: &str, name: &str, value: &str) -> Result<String, InvalidValue> {
    let Some((before, after)) = path.split_once(&format!("{{{name}}}")) else {
        return Err(InvalidValue::new(format!("the path {path} has no placeholder {{{name}}}")));
    };
    Ok(format!("{before}{}{after}", segment(name, value)?))
}

/// Encodes a value as one segment of a path.
pub(crate) fn segment(name: &str, value: &str) -> Result<String, InvalidValue> {
    // URL parsers resolve "." and ".." even if they are percent-encoded.
    if matches!(value, "" | "." | "..") {
        return Err(InvalidValue::new(format!("{name} must not be empty, \".\" or \"..\"")));
    }
    let mut encoded = String::with_capacity(value.len());
    // Writing into a String cannot fail.
    let _ = Encoder(&mut encoded).write_str(value);
    Ok(encoded)
}

/// Returns an error if a `{name}` in the path has no value yet.
pub(crate) fn check_filled(path: &str) -> Result<(), InvalidValue> {
    let Some(at) = memchr(b'{', path.as_bytes()) else { return Ok(()) };
    let name = path[at + 1..].split('}').next().unwrap_or_default();
    Err(InvalidValue::new(format!("{name} is missing: the path {path} needs it")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one(value: &str) -> Result<String, InvalidValue> {
        fill("/v1/{location}/disks/{id}/snapshots", "id", value)
    }

    #[test]
    fn a_value_stays_inside_its_segment() {
        assert_eq!(one("a/b?c#d e+é").unwrap(), "/v1/{location}/disks/a%2Fb%3Fc%23d%20e%2B%C3%A9/snapshots");
        assert_eq!(one("%2e%2e").unwrap(), "/v1/{location}/disks/%252e%252e/snapshots");
        assert_eq!(one("...").unwrap(), "/v1/{location}/disks/.../snapshots");
    }

    #[test]
    fn an_empty_value_and_a_relative_segment_are_rejected() {
        for value in ["", ".", ".."] {
            assert!(one(value).unwrap_err().to_string().starts_with("id must not be"), "{value:?}");
        }
    }

    #[test]
    fn a_missing_value_and_an_unknown_name_are_named() {
        let message = check_filled("/disks/{id}").unwrap_err().to_string();
        assert_eq!(message, "id is missing: the path /disks/{id} needs it");
        assert!(check_filled("/disks/{id").is_err());
        assert_eq!(check_filled("/disks/%7Bid%7D"), Ok(()));
        let message = fill("/disks/{id}", "uuid", "x").unwrap_err().to_string();
        assert_eq!(message, "the path /disks/{id} has no placeholder {uuid}");
    }

    proptest! {
        #[test]
        fn no_value_changes_the_segments_of_the_template(
            id in prop_oneof![any::<String>(), "[./\\\\%2eE]{1,6}"],
            location in "[a-z0-9]{1,8}",
        ) {
            let path = fill("/v1/{location}/disks/{id}/snapshots", "location", &location).unwrap();
            match fill(&path, "id", &id) {
                Err(_) => prop_assert!(["", ".", ".."].contains(&id.as_str())),
                Ok(path) => {
                    let url = url::Url::parse(&format!("https://example.com{path}")).unwrap();
                    let segments: Vec<_> = url.path_segments().unwrap().collect();
                    prop_assert_eq!(segments.len(), 5);
                    prop_assert_eq!(&segments[..3], ["v1", &location, "disks"]);
                    let decoded = percent_encoding::percent_decode_str(segments[3]).decode_utf8().unwrap();
                    prop_assert_eq!(decoded, id);
                    prop_assert_eq!(segments[4], "snapshots");
                    prop_assert_eq!((url.query(), url.fragment()), (None, None));
                }
            }
        }
    }
}
