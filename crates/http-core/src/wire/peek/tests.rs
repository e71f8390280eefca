use super::*;

#[test]
fn an_id_is_found_wherever_it_is() {
    for body in [
        r#"{"uuid": "a-1"}"#,
        r#"[{"token": "x", "uuid": 5}]"#,
        r#"{"data": {"uuid": "a-1"}}"#,
        "\u{feff}{\"uuid\": \"a-1\"}",
        r#"{"errors": {}, "uuid" : "a-1", "na"#,
        r#"{"uuid": "a-1"#,
        r#"{"uuid": 47"#,
        r#"{"body": "{\"uuid\": \"a-1\"}"}"#,
        "Array\n(\n    [uuid] => 47\n",
        r#"{"uuid": "ABCDEFGHIJKLMNOPQRST"}"#,
        r#"{"uuid": null, "new": {"uuid": "10.1.2.3"}}"#,
        r#"{"\u0075uid": "a-1"}"#,
        r#"{"\u0075\u0075\u0069\u0064": "\u0061-1"}"#,
        r#"{"body": "{\u0022uuid\u0022: 47}"}"#,
    ] {
        assert!(names_id(body.as_bytes(), &["id", "uuid"]), "{body}");
    }
}

#[test]
fn another_id_is_not_another_form_of_the_same_id() {
    const UUID: &str = "0ab00000-0000-4000-8000-0000000000ff";
    for (value, id) in [
        (r#""0AB00000-0000-4000-8000-0000000000FF""#, UUID),
        (r#""0ab000000000400080000000000000ff""#, UUID),
        (r#"" 47 ""#, "47"),
        (r#""047""#, "47"),
        ("47.0", "47"),
        (r#""47.0""#, "47"),
        (r#""\u0034\u0037""#, "47"),
        (r#""::ffff:1.1.1.1""#, "1.1.1.1"),
    ] {
        let body = format!(r#"{{"id": {value}, "of": {{"id": 9}}, "name": "x"}}"#);
        assert!(!names_other_id(body.as_bytes(), "id", id), "{body}");
    }
    for none in ["null", r#""""#, "true", "[48]", r#"{"id": 48}"#] {
        assert!(!names_other_id(format!(r#"{{"id": {none}}}"#).as_bytes(), "id", "47"), "{none}");
    }
    for other in [r#"{"id": 48}"#, "\u{feff}{\"id\": 48}", r#"{"id": 47, "id": 48}"#, r#"{"\u0069d": "x"}"#] {
        assert!(names_other_id(other.as_bytes(), "id", "47"), "{other}");
    }
    assert!(!names_other_id(b"", "id", "47") && !names_other_id(b"[]", "id", "47"));
}

#[test]
fn a_message_about_an_id_names_none() {
    for body in [
        r#"{"errors": {"uuid": "Required parameter 'uuid' not supplied"}}"#,
        r#"{"errors": {"uuid": "Invalid UUID 12 provided"}}"#,
        r#"{"errors": {"uuid": "invalid"}}"#,
        r#"{"message": "uuid: 47 not found"}"#,
        r#"{"network_uuid": "a-1"}"#,
        r#"{"uuid": null}"#,
        r#"{"uuid": ""}"#,
        r#"{"uuid": 0}"#,
        r#"{"uuid": {}}"#,
        r#"{"\u00e4uid": "a-1", "\u00": 5, "\u007": 5}"#,
        r#"{"uuid""#,
        r#"{"uuid":"#,
        "uuid",
        "",
    ] {
        assert!(!names_id(body.as_bytes(), &["uuid"]), "{body}");
    }
}

#[test]
fn an_id_is_read_from_an_invalid_or_truncated_body_or_after_a_warning() {
    for body in [
        r#"{"storage": [{"uuid": "disk"}], "uuid": "a-1", "vcpu": null}"#,
        r#"{"uuid": "a-1", "vcpu": {"#,
        r#"{"vcpu": 2, "uuid": "a-1""#,
        r#"<b>Warning</b> in x.php {"vcpu": {}, "uuid": "a-1"}"#,
    ] {
        assert_eq!(peek(body.as_bytes(), "uuid").as_deref(), Some("a-1"), "{body}");
    }
    assert_eq!(peek(br#"{"address": "10.1.2.3", "na"#, "address").as_deref(), Some("10.1.2.3"));
    assert_eq!(peek(br#"{"order_id": 17, "bill"#, "order_id").as_deref(), Some("17"));
}

#[test]
fn a_blank_id_is_no_id() {
    for id in [
        "0",
        "0.0",
        "-0",
        r#""0""#,
        r#"" 00 ""#,
        r#""00000000-0000-0000-0000-000000000000""#,
        r#""00000000000000000000000000000000""#,
        r#""{00000000-0000-0000-0000-000000000000}""#,
        r#""{00000000000000000000000000000000}""#,
        r#""urn:uuid:00000000-0000-0000-0000-000000000000""#,
        r#""URN:UUID:00000000-0000-0000-0000-000000000000""#,
        r#"" urn:uuid:00000000000000000000000000000000 ""#,
        r#""0000-0000-0000-0000-0000-0000-0000-0000""#,
        r#""::ffff:0.0.0.0""#,
        r#""0:0:0:0:0:0:0:0""#,
        r#""0.0.0.0""#,
        r#""::""#,
    ] {
        let body = format!(r#"{{"result": "success", "orderid": {id}, "pid": 1}}"#);
        assert!(names_blank_id(body.as_bytes(), "orderid"), "{body}");
        assert_eq!(peek(body.as_bytes(), "orderid"), None, "{body}");
        let escaped = body.replace("orderid", r"\u006frderid");
        let twice = body.replacen('{', r#"{"orderid": 7, "#, 1);
        for body in [escaped, body.replace(": ", " : "), twice] {
            assert!(names_blank_id(body.as_bytes(), "orderid"), "{body}");
        }
    }
    assert_eq!(peek(br#"{"orderid": -1, "pid": 1}"#, "orderid"), None);
    for body in [
        r#"{"orderid": 10, "pid": 0}"#,
        r#"{"orderid": -1, "pid": 0}"#,
        r#"{"orderid": "0a"}"#,
        r#"{"orderid": "urn:uuid:00000000-0000-0000-0000-00000000000a"}"#,
        r#"{"orderid": "urn:uuid:"}"#,
        r#"{"orderid": "ubuntu"}"#,
        r#"{"orderid": ""}"#,
        r#"{"orderid": null}"#,
        r#"{"orderid": 0"#,
        r#"{"list": [{"orderid": 0}]}"#,
    ] {
        assert!(!names_blank_id(body.as_bytes(), "orderid"), "{body}");
    }
}

#[test]
fn an_id_is_the_same_however_it_is_written() {
    let forms = [
        [
            "00ab0000-0000-4000-8000-0000000000ff",
            "00AB0000-0000-4000-8000-0000000000FF",
            "{00ab0000-0000-4000-8000-0000000000ff}",
        ],
        [
            "0000000a-0000-4000-8000-000000000001",
            "0000000A-0000-4000-8000-000000000001",
            "urn:uuid:0000000a000040008000000000000001",
        ],
        ["2001:db8::1", "2001:0DB8:0:0:0:0:0:1", "2001:db8:0::1"],
        ["10.1.2.3", "::ffff:10.1.2.3", "::FFFF:0a01:0203"],
        ["47012", "047012", "0047012"],
        ["0", "00", "000"],
        ["web", "web", "web"],
    ];
    for (at, forms_of_one) in forms.iter().enumerate() {
        for (other_at, forms_of_other) in forms.iter().enumerate() {
            for (one, other) in forms_of_one.iter().flat_map(|one| forms_of_other.map(|other| (one, other))) {
                assert_eq!(is_same_id(one, other), at == other_at, "{one} {other}");
            }
        }
    }
    for (one, other) in [
        ("web-1", "web1"),
        ("Web", "web"),
        ("", "0"),
        ("470", "47"),
        ("a-1", "a1"),
        ("10.1.2.3", "10.1.2.03"),
    ] {
        assert!(!is_same_id(one, other) && !is_same_id(other, one), "{one} {other}");
    }
}

#[test]
fn an_id_of_the_maximum_length_may_be_escaped() {
    let body = |length| format!(r#"{{"uuid": "{}"}}"#, r"\u0061".repeat(length));
    assert_eq!(peek(body(LONGEST).as_bytes(), "uuid"), Some("a".repeat(LONGEST)));
    assert_eq!(peek(body(LONGEST + 1).as_bytes(), "uuid"), None);
}

/// The models accept the same forms.
#[test]
fn an_id_may_be_written_as_a_number_with_an_empty_fraction() {
    for id in ["47012", "47012.0", "4.7012e4", r#""47012""#, r#""47012.0""#] {
        let body = format!(r#"{{"\u006frderid": {id}, "pid": 1}}"#);
        assert_eq!(peek(body.as_bytes(), "orderid").as_deref(), Some("47012"), "{id}");
    }
    for id in ["47012.5", "1e999", "1e300", "-0.5", "true", r#""47012.5""#, r#""4e""#] {
        let body = format!(r#"{{"orderid": {id}, "pid": 1}}"#);
        let found = peek(body.as_bytes(), "orderid");
        assert_eq!(found.as_deref(), (id == r#""4e""#).then_some("4e"), "{id}");
    }
}

/// Truncating 4711 leaves 471, 47 and 4, which are the ids of other resources.
#[test]
fn a_truncated_response_never_yields_another_id() {
    for whole in [r#"{"result": "success", "orderid": 4711, "invoiceid": 9}"#, r#"{"orderid": "4711"}"#] {
        for end in 0..=whole.len() {
            let id = peek(&whole.as_bytes()[..end], "orderid");
            assert!(id.is_none() || id.as_deref() == Some("4711"), "{}", &whole[..end]);
        }
        assert!(peek(whole.as_bytes(), "orderid").is_some(), "{whole}");
    }
}

#[test]
fn only_a_plain_id_of_the_outermost_object_is_accepted() {
    let long = format!(r#"{{"uuid": "{}"}}"#, "a".repeat(LONGEST + 1));
    for body in [
        r#"{"storage": [{"uuid": "disk"}], "uu"#,
        r#"{"uuid": "a b"}"#,
        r#"{"uuid": "secret"}"#,
        r#"{"uuid": "10.1.2"}"#,
        r#"{"uuid": "\u001b[2J"}"#,
        r#"{"uuid": null}"#,
        r#"{"uuid": ["a"]}"#,
        r#"{"uuid": ""}"#,
        r#"[{"vm": 1}, {"uuid": "a"}]"#,
        "uuid",
        "",
        &long,
        r#"{"uuid": "a-1", "uuid": "a-2"}"#,
    ] {
        assert_eq!(peek(body.as_bytes(), "uuid"), None, "{body}");
    }
}
