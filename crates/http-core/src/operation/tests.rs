use super::*;

const CREATE: Operation = Operation::post("thing.create", "/things").returns_id("thing_id");

#[test]
fn the_lists_of_all_files_are_joined_in_order() {
    const READ: Operation = Operation::get("thing.get", "/things");
    let files: &[&[Operation]] = &[&[CREATE, READ], &[], &[READ]];
    assert_eq!(count(files), 3);
    assert_eq!(join::<3>(files), [CREATE, READ, READ]);
}

#[test]
fn only_a_request_without_an_operation_of_its_own_is_untyped() {
    assert!(Operation::untyped(Method::Get).is_untyped() && !CREATE.is_untyped());
}

#[test]
fn an_id_inside_of_an_error_is_not_a_result_and_any_other_is() {
    let existing = r#"{"message": "exists", "existing": {"uuid": "a-1", "thing_id": 7}}"#;
    for body in [
        format!(r#"{{"error": {existing}}}"#),
        format!(r#" {{"code": 17, "Errors": [{existing}], "fault": {existing}, "uuid": null}}"#),
    ] {
        assert!(CREATE.is_result(body.as_bytes()), "{body}");
        assert!(!CREATE.is_result_beside_error(body.as_bytes()), "{body}");
    }
    for body in [
        format!(r#"{{"uuid": "b-2", "error": {existing}}}"#),
        format!(r#"{{"error": {existing}, "data": {{"thing_id": 8}}}}"#),
        format!(r#"{{"error": {existing}, "error": "no", "thing_id": 8}}"#),
        format!(r#"{{"data": {{"error": {existing}}}}}"#),
        format!(r#"[{{"error": {existing}}}]"#),
        format!(r#"{{"error": {existing}"#),
        format!(r#"{{"error": {existing}}} {existing}"#),
        r#"{"uuid": "b-2"}"#.to_owned(),
    ] {
        assert!(CREATE.is_result_beside_error(body.as_bytes()), "{body}");
    }
    assert!(!CREATE.is_result_beside_error(br#"{"error": "no"}"#));
}
