mod without_response;

use serde_json::json;

use super::*;
use crate::{balance, orders, vps};

fn read(operation: &Operation, status: u16, body: &str) -> Result<Bytes, ErrorResponse> {
    let mut response = Response::new(Bytes::from(body.to_owned()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    Inferno::anonymous().read(operation, &response)
}

fn refused(status: u16, body: &str) -> ErrorResponse {
    read(&vps::REBOOT, status, body).unwrap_err()
}

#[test]
fn observed_success_in_any_case_is_accepted_and_all_else_is_an_error() {
    for result in ["success", "Success", "SUCCESS", " success "] {
        read(&vps::REBOOT, 200, &format!(r#"{{"result": "{result}"}}"#)).unwrap();
    }
    for result in [
        r#""fail""#,
        r#""FAIL""#,
        r#""failed""#,
        r#""Failure""#,
        r#""error""#,
        r#""""#,
        "0",
        r#"" 0""#,
        "false",
    ] {
        let error = refused(200, &format!(r#"{{"result": {result}, "message": "no"}}"#));
        assert_eq!((error.message.as_str(), error.kind), ("no", ErrorResponseKind::Other), "{result}");
    }
}

#[test]
fn a_change_with_an_unknown_result_may_have_happened() {
    for result in ["true", "1", "2", r#""ok""#, r#""queued""#, r#""succes""#, r#""pending""#, r#""done""#] {
        for body in [
            format!(r#"{{"result": {result}, "message": "VPS added to queue", "orderid": 5}}"#),
            format!(r#"{{"result": "success", "retx": {{"result": {result}, "msg": "VPS not found"}}}}"#),
        ] {
            for operation in [&vps::REBOOT, &vps::STOP, &vps::INSTALL, &orders::CREATE, &orders::CANCEL] {
                let kind = read(operation, 200, &body).unwrap_err().kind;
                assert_eq!(kind, ErrorResponseKind::Undecodable, "{} {body}", operation.name());
                let error = format!("{:?}", read(operation, 400, &body).unwrap_err());
                assert!(error.contains("outcome_unknown: true"), "{} {body}: {error}", operation.name());
            }
            let kind = read(&vps::INFO, 200, &body).unwrap_err().kind;
            assert_ne!(kind, ErrorResponseKind::Undecodable, "{body}");
        }
    }
}

#[test]
fn a_failed_change_whose_nested_part_did_not_fail_may_have_happened() {
    for (part, may_have_happened) in [
        (r#"{"result": "success", "msg": "VPS added to queue", "error_code": 0}"#, true),
        (r#"{"result": "queued"}"#, true),
        (r#"{"result": "fail", "retx": {"result": "success"}}"#, true),
        (r#"{"result": "fail", "msg": "VPS not found"}"#, false),
        ("null", false),
    ] {
        let body = format!(r#"{{"result": "fail", "msg": "mail not sent", "retx": {part}}}"#);
        for operation in [&vps::REBOOT, &vps::STOP, &vps::INSTALL, &vps::REINSTALL, &orders::CREATE] {
            for status in [200, 400] {
                let error = read(operation, status, &body).unwrap_err();
                let expected = format!("outcome_unknown: {may_have_happened}");
                assert!(format!("{error:?}").contains(&expected), "{} {body}: {error:?}", operation.name());
                assert_eq!(error.message, "mail not sent");
            }
        }
        let read = format!("{:?}", read(&vps::INFO, 200, &body).unwrap_err());
        assert!(read.contains("outcome_unknown: false"), "{body}: {read}");
    }
}

#[test]
fn a_new_key_may_exist_unless_the_response_reports_a_failure() {
    let generate = |body: &'static str| {
        let response = Response::new(Bytes::from_static(body.as_bytes()));
        let call = crate::Client::anonymous().unwrap().generate_api_key("me@example.com", "secret");
        call.finish(response)
    };
    for body in [
        r#"{"result": "ok", "msg": "Key created", "cid": 777, "key": "NEW"}"#,
        r#"{"success": "queued", "cid": 777, "key": "NEW"}"#,
        r#"{"cid": 777}"#,
    ] {
        let error = generate(body).unwrap_err();
        assert!(
            error.is_outcome_unknown() && error.kind() == http_core::ErrorKind::Decode,
            "{body}: {error}"
        );
    }
    assert!(!generate(r#"{"result": "fail", "msg": "Access denied"}"#).unwrap_err().is_outcome_unknown());
    assert_eq!(generate(r#"{"cid": 777, "key": "NEW"}"#).unwrap().cid, 777.into());
}

#[test]
fn observed_errors_have_a_message_or_msg_and_a_number_in_error_code() {
    let error = refused(200, r#"{"result": "fail", "msg": "Vps broken", "error_code": 17}"#);
    assert_eq!((error.message.as_str(), error.code.as_deref()), ("Vps broken", Some("17")));
    let error = refused(200, r#"{"result": "fail", "message": "", "msg": "no", "error_code": "0"}"#);
    assert_eq!((error.message.as_str(), error.code), ("no", None));
    assert!(refused(200, r#"{"result": "fail"}"#).message.contains("gave no reason"));
}

#[test]
fn observed_a_failed_nested_result_is_an_error() {
    let failed = r#"{"result": "Fail", "msg": "node is down", "error_code": 12}"#;
    let error = refused(200, &format!(r#"{{"result": "success", "msg": "ok", "retx": {failed}}}"#));
    assert_eq!((error.message.as_str(), error.code.as_deref()), ("node is down", Some("12")));
    // There is no VPS yet.
    read(&vps::INFO, 200, &format!(r#"{{"result": "success", "orderid": 1, "vps_info": {failed}}}"#))
        .unwrap();
    for part in ["[]", "{}", "null", r#"{"result": "success"}"#] {
        read(&vps::REBOOT, 200, &format!(r#"{{"result": "success", "retx": {part}}}"#)).unwrap();
    }
    let twice = format!(r#"{{"result": "success", "retx": {failed}, "retx": {{"result": "success"}}}}"#);
    assert_eq!(refused(200, &twice).message, "node is down");
    for part in [&format!("[{failed}]"), "[[]]", r#""node is down""#, "12", "[1]"] {
        for parts in [format!(r#""retx": {part}"#), format!(r#""retx": {part}, "retx": {{}}"#)] {
            let body = format!(r#"{{"result": "success", {parts}}}"#);
            assert_eq!(refused(200, &body).kind, ErrorResponseKind::Undecodable, "{body}");
        }
    }
}

#[test]
fn a_success_of_a_change_beside_a_sign_of_failure_is_neither() {
    for signs in [
        r#""retx": {"msg": "Vps exists with current main_id (1)", "error_code": 904}"#,
        r#""retx": {"msg": "node is down"}"#,
        r#""retx": {"result": "success", "error_code": 904}"#,
        r#""retx": {"result": "success", "retx": {"msg": "node is down"}}"#,
        r#""error_code": 904, "msg": "W:47012""#,
        r#""error": "Insufficient funds""#,
        r#""errors": ["Insufficient funds"]"#,
        r#""success": false"#,
    ] {
        let body = format!(r#"{{"result": "success", {signs}}}"#);
        for operation in [&vps::REBOOT, &vps::STOP, &vps::INSTALL, &orders::CREATE, &orders::CANCEL] {
            let kind = read(operation, 200, &body).unwrap_err().kind;
            assert_eq!(kind, ErrorResponseKind::Undecodable, "{} {body}", operation.name());
        }
        read(&vps::INFO, 200, &body).unwrap();
    }
    for signs in [
        r#""retx": {}"#,
        r#""error_code": false"#,
        r#""error_code": 0, "retx": {"result": "success", "error_code": "0"}"#,
        r#""error": "", "errors": [], "retx": {"retx": null, "result": "success", "msg": "added to queue"}"#,
        r#""success": true, "status": "Active""#,
    ] {
        let body = format!(r#"{{"result": "success", {signs}}}"#);
        read(&vps::INSTALL, 200, &body).unwrap();
    }
}

#[test]
fn only_a_response_without_a_sign_of_failure_is_decoded_before_it_is_judged() {
    let presumed = |body: &'static str| {
        Inferno::anonymous()
            .presumes_success(Effect::Read, &Response::new(Bytes::from_static(body.as_bytes())))
    };
    for body in [r#"{"result": "success", "vps_info": {"result": "success"}}"#, r#"{"orders": []}"#] {
        assert!(presumed(body), "{body}");
    }
    for body in [
        "",
        "[]",
        "Array\n(\n    [0] => {}\n)\n",
        r#"{"result": "fail"}"#,
        r#"{"result": "success", "retx": {"result": "fail"}}"#,
        r#"{"result": "success", "retx": "node is down"}"#,
        r#"{"result": "success", "vps_info": {"result": "fail"}}"#,
        r#"{"r\u0065sult": "fail"}"#,
    ] {
        assert!(!presumed(body), "{body}");
    }
}

#[test]
fn known_error_messages_have_a_kind() {
    for (words, meaning) in [
        ("Order ID not found or Status not Pending", ErrorResponseKind::Conflict),
        ("Order ID not found", ErrorResponseKind::NotFound),
        ("Order does not exist", ErrorResponseKind::NotFound),
        ("VPS not found.", ErrorResponseKind::NotFound),
        ("Заказ не найден", ErrorResponseKind::NotFound),
        ("Class \"Whmcs\\Client\" not found in /var/www/vscd.php", ErrorResponseKind::Other),
        ("Order template file not found", ErrorResponseKind::Other),
        ("Node does not exist", ErrorResponseKind::Other),
        ("Vps exists with current main_id (21968) , W:47012", ErrorResponseKind::Conflict),
        ("Vps is being installed", ErrorResponseKind::Conflict),
        ("SSH key not found", ErrorResponseKind::NotFound),
        ("Invalid SSH key", ErrorResponseKind::InvalidArgument),
        ("Invalid email or password", ErrorResponseKind::Unauthorized),
        ("Access denied: IP 203.0.113.1 is not in whitelist", ErrorResponseKind::Unauthorized),
        ("Access denied: 203.0.113.1 is not whitelisted", ErrorResponseKind::Unauthorized),
        ("Invalid API key", ErrorResponseKind::Unauthorized),
        ("Order ID not exists", ErrorResponseKind::NotFound),
        ("Order doesn't exist!", ErrorResponseKind::NotFound),
        ("VPS was not found", ErrorResponseKind::NotFound),
        ("Template not exists", ErrorResponseKind::NotFound),
        ("Something went wrong, try again later", ErrorResponseKind::Unavailable),
        ("System maintenance in progress", ErrorResponseKind::Unavailable),
        ("internal error: API key service unavailable", ErrorResponseKind::Unavailable),
        ("Internal Server Error: invalid state", ErrorResponseKind::Unavailable),
        ("Access denied, please try again later", ErrorResponseKind::Unavailable),
        ("Ведутся технические работы", ErrorResponseKind::Unavailable),
        ("Node not exists", ErrorResponseKind::Other),
        ("The API key of node 7 was rotated", ErrorResponseKind::Other),
        ("Backup in progress", ErrorResponseKind::Other),
        ("The template coexists with others", ErrorResponseKind::Other),
        ("Wrongly formatted invalidation list", ErrorResponseKind::Other),
        ("Something else", ErrorResponseKind::Other),
    ] {
        assert_eq!(
            refused(200, &json!({"result": "fail", "msg": words}).to_string()).kind,
            meaning,
            "{words}"
        );
    }
    let created = refused(200, r#"{"result": "fail", "msg": "W:47012", "error_code": 904}"#);
    assert_eq!((created.kind, created.code.as_deref()), (ErrorResponseKind::Conflict, Some("904")));
}

#[test]
fn observed_401_and_403_are_unauthorized_and_name_the_whitelist() {
    let page = "<html><head><title>403 Forbidden</title></head></html>";
    for (status, body) in
        [(401, r#"{"result": "fail", "message": "denied"}"#), (403, page), (403, ""), (200, "Access denied")]
    {
        let error = refused(status, body);
        assert_eq!(error.kind, ErrorResponseKind::Unauthorized, "{status} {body}");
        assert!(error.advice.is_some_and(|advice| advice.contains("whitelist")), "{error:?}");
    }
}

#[test]
fn the_key_identifies_an_account() {
    assert_eq!(Inferno::with_key(&SecretString::from("the key")).unwrap().identity(), b"the key");
    assert_eq!(Inferno::anonymous().identity(), b"");
}

#[test]
fn only_reads_may_have_a_response_without_a_result() {
    read(&orders::LIST, 200, r#"{"orders": []}"#).unwrap();
    for operation in [orders::CREATE, orders::CANCEL, vps::REBOOT, vps::INSTALL] {
        let error = read(&operation, 200, r#"{"orderid": 1}"#).unwrap_err();
        assert_eq!(error.kind, ErrorResponseKind::Undecodable, "{}", operation.name());
    }
}

#[test]
fn an_error_status_takes_precedence_over_the_message() {
    let limited = refused(429, r#"{"result": "fail", "message": "Order ID not found"}"#);
    assert_eq!(limited.kind, ErrorResponseKind::RateLimited);
    assert_eq!(refused(500, r#"{"result": "success"}"#).kind, ErrorResponseKind::Unavailable);
}

#[test]
fn a_success_with_an_error_status_leaves_the_outcome_unknown() {
    let vps = crate::Client::with_key("the key").unwrap().vps();
    for status in [400, 403, 404, 409, 422] {
        for (body, is_unknown) in [
            (r#"{"result": "success"}"#, true),
            (r#"{"result": "success", "retx": {"result": "success"}}"#, true),
            (r#"{"result": "fail", "msg": "no"}"#, false),
            (r#"{"result": "success", "retx": {"result": "fail", "msg": "no"}}"#, false),
        ] {
            let mut response = Response::new(Bytes::from_static(body.as_bytes()));
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            let error = vps.reboot(7.into()).finish(response).unwrap_err();
            assert_eq!(error.is_outcome_unknown(), is_unknown, "{status} {body}");
        }
    }
}

#[test]
fn a_read_without_a_result_may_still_be_rejected() {
    for (body, kind) in [
        (r#"{"error": "Access denied"}"#, ErrorResponseKind::Unauthorized),
        (r#"{"status": "error", "message": "IP not allowed"}"#, ErrorResponseKind::Unauthorized),
        (r#"{"errors": ["maintenance"]}"#, ErrorResponseKind::Unavailable),
        (r#"{"success": false}"#, ErrorResponseKind::Other),
        (r#"{"code": 403, "msg": "Access denied"}"#, ErrorResponseKind::Unauthorized),
    ] {
        let presumed = Inferno::anonymous()
            .presumes_success(Effect::Read, &Response::new(Bytes::from_static(body.as_bytes())));
        assert!(!presumed, "{body}");
        for operation in [&balance::GET, &orders::LIST, &vps::INFO] {
            assert_eq!(read(operation, 200, body).unwrap_err().kind, kind, "{} {body}", operation.name());
        }
        let created = read(&orders::CREATE, 200, body).unwrap_err().kind;
        assert_eq!(created, ErrorResponseKind::Undecodable, "{body}");
    }
    for body in [r#"{"balance": "5.00"}"#, r#"{"status": "Active", "serviceid": 5}"#, "[]"] {
        read(&balance::GET, 200, body).unwrap();
    }
}

#[test]
fn no_other_key_hides_a_failure() {
    for body in [
        r#"{"result": "fail", "msg": "Access denied", "msg": "Access denied"}"#,
        r#"{"result": "fail", "msg": "Access denied", "result": "success"}"#,
        r#"{"result": "success", "msg": "Access denied", "result": "fail"}"#,
        r#"{"result": "fail", "msg": "Access denied", "\ud83d": 1}"#,
        r#"{"\ud83d": 1, "result": "fail", "msg": "Access denied"}"#,
    ] {
        for operation in [&balance::GET, &orders::LIST, &vps::INFO, &vps::REBOOT, &orders::CREATE] {
            let kind = read(operation, 200, body).unwrap_err().kind;
            assert_eq!(kind, ErrorResponseKind::Unauthorized, "{} {body}", operation.name());
        }
    }
}

#[test]
fn the_message_of_a_failed_part_is_its_own() {
    for (part, message) in [
        (r#""error": "node is down""#, "node is down"),
        (r#""errors": ["node is down"]"#, "node is down"),
        (r#""data": {"message": "node is down"}"#, "node is down"),
        (r#""note": "node is down""#, "the provider rejected the request and gave no reason"),
    ] {
        let body = format!(r#"{{"result": "success", "msg": "ok", "retx": {{"result": "fail", {part}}}}}"#);
        assert_eq!(refused(200, &body).message, message, "{body}");
    }
}
