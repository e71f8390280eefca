use std::fmt::Write;

use crate::wire::form::Encoder;
use crate::wire::invalid_value::InvalidValue;

/// Puts values into the `{names}` of a path template, percent-encoded so that each stays inside its
/// segment; names in `allow` stay as they are, for a later filling.
pub(crate) fn fill(
    template: &str,
    values: &[(&str, String)],
    allow: &[&str],
) -> Result<String, InvalidValue> {
    let mut path = String::with_capacity(template.len() + 40);
    let mut rest = template;
    while let Some((literal, after)) = rest.split_once('{') {
        let (name, after) = after
            .split_once('}')
            .ok_or_else(|| InvalidValue::new(format!("the path {template} has a {{ without its }}")))?;
        path.push_str(literal);
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => {
                // A URL parser takes "." and ".." for steps, even percent-encoded.
                if matches!(value.as_str(), "" | "." | "..") {
                    return Err(InvalidValue::new(format!("{name} must not be empty, \".\" or \"..\"")));
                }
                // Writing into a String cannot fail.
                let _ = Encoder(&mut path).write_str(value);
            }
            None if allow.contains(&name) => {
                let _ = write!(path, "{{{name}}}");
            }
            None => {
                return Err(InvalidValue::new(format!("{name} is missing: the path {template} needs it")));
            }
        }
        rest = after;
    }
    path.push_str(rest);
    Ok(path)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one(value: &str) -> Result<String, InvalidValue> {
        fill("/v1/{location}/disks/{id}/snapshots", &[("id", value.into())], &["location"])
    }

    #[test]
    fn a_value_stays_inside_its_segment() {
        assert_eq!(one("a/b?c#d e+é").unwrap(), "/v1/{location}/disks/a%2Fb%3Fc%23d%20e%2B%C3%A9/snapshots");
        assert_eq!(one("%2e%2e").unwrap(), "/v1/{location}/disks/%252e%252e/snapshots");
        assert_eq!(one("...").unwrap(), "/v1/{location}/disks/.../snapshots");
    }

    #[test]
    fn an_empty_value_and_a_step_up_are_refused() {
        for value in ["", ".", ".."] {
            assert!(one(value).unwrap_err().to_string().starts_with("id must not be"), "{value:?}");
        }
    }

    #[test]
    fn a_missing_value_is_named() {
        let message = fill("/disks/{id}", &[("uuid", "x".into())], &[]).unwrap_err().to_string();
        assert_eq!(message, "id is missing: the path /disks/{id} needs it");
        assert!(fill("/disks/{id", &[], &[]).is_err());
    }

    proptest! {
        #[test]
        fn any_value_keeps_the_templates_segments(
            id in prop_oneof![any::<String>(), "[./\\\\%2eE]{1,6}"],
            location in "[a-z0-9]{1,8}",
        ) {
            let values = [("id", id.clone()), ("location", location.clone())];
            match fill("/v1/{location}/disks/{id}/snapshots", &values, &[]) {
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
