use proptest::prelude::*;

use super::*;

proptest! {
    /// The search is only a short cut.
    #[test]
    fn what_is_searched_for_a_failure_and_has_none_reports_none(
        members in prop::collection::vec(
            (
                prop_oneof![Just("result"), Just("retx"), Just("msg"), Just(r"r\u0065sult"), Just(r#"\"result"#)],
                prop_oneof![
                    Just(r#""success""#), Just(r#""Success""#), Just(r#""fail""#), Just(r#""result""#), Just("null"),
                    Just("0"), Just(r#"{"result": "fail"}"#), Just(r#"{"result":"success"}"#), Just("[[]]"),
                ],
            ),
            0..4,
        ),
        colon in prop_oneof![Just(":"), Just(" : ")],
    ) {
        let members: Vec<_> = members.iter().map(|(key, value)| format!("\"{key}\"{colon}{value}")).collect();
        let json = format!("{{{}}}", members.join(","));
        let reported = ReportedResult::of(json.as_bytes());
        let may_be_failure = ReportedResult::may_be_failure(json.as_bytes());
        prop_assert!(may_be_failure || (reported.failed().is_none() && !reported.is_unreadable), "{}", json);
    }
}

#[test]
fn most_responses_need_only_a_search() {
    for json in [
        r#"{"result":"success","orders":[]}"#,
        "{}",
        "[]",
        r#"{"result" : "success", "vps_info": {"result":"success", "msg": "failed"}}"#,
    ] {
        assert!(!ReportedResult::may_be_failure(json.as_bytes()), "{json}");
    }
}

#[test]
fn only_a_result_that_reports_a_failure_is_a_failure() {
    for (json, is_failure) in [
        (r#"{"result": "success", "retx": {"result": "fail"}}"#, true),
        (r#"{"result": "success", "retx": {"result": "success"}}"#, false),
    ] {
        assert_eq!(ReportedResult::is_failure(json.as_bytes()), is_failure, "{json}");
    }
}

#[test]
fn the_message_takes_precedence_over_msg() {
    for json in [
        r#"{"result": "fail", "message": "no money", "msg": "no"}"#,
        r#"{"msg": "no", "message": "no money", "result": "fail"}"#,
        r#"{"message": "no money", "retx": {"msg": "no"}}"#,
    ] {
        assert_eq!(ReportedResult::of(json.as_bytes()).words(), Some("no money"), "{json}");
    }
}

#[test]
fn a_part_is_read_to_a_limited_depth_and_deeper_it_may_hide_a_failure() {
    let read = |depth: usize| {
        let json =
            [r#"{"retx":"#.repeat(depth), r#"{"result": "fail"}"#.to_owned(), "}".repeat(depth)].concat();
        let reported = ReportedResult::of(json.as_bytes());
        (reported.failed().is_some(), reported.is_unreadable)
    };
    assert_eq!([read(MAX_DEPTH), read(MAX_DEPTH + 1)], [(true, false), (false, true)]);
}
