use proptest::prelude::*;

use super::*;

const GET: Operation = Operation::get("vm.get", "/v1/user-resource/vm");
const DELETE: Operation = Operation::delete("vm.delete", "/v1/user-resource/vm");
const CREATE: Operation = Operation::post("vm.create", "/v1/user-resource/vm").returns_id("uuid");
const POST: Operation = Operation::post("vm.stop", "/v1/user-resource/vm/stop").confirmed();

fn read(operation: &Operation, status: u16, body: &str) -> Result<(), ErrorResponse> {
    let mut response = Response::new(Bytes::from(body.to_owned()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    Warren::new(&SecretString::from("key")).unwrap().read(operation, &response).map(drop)
}

/// Returns an operation of this name.
fn named(name: &'static str) -> Operation {
    Operation::delete(name, "/v1/x")
}

#[track_caller]
fn check(status: u16, body: &str, meaning: ErrorResponseKind, code: Option<&str>, message: &str) {
    let error_response = read(&POST, status, body).unwrap_err();
    assert_eq!(
        (error_response.kind, error_response.code.as_deref(), error_response.message.as_str()),
        (meaning, code, message),
        "{status} {body}"
    );
}

#[test]
fn every_form_of_error_response_is_recognized() {
    use ErrorResponseKind::{
        Conflict, Forbidden, InvalidArgument, NotFound, Other, RateLimited, Unauthorized, Unavailable,
        UnknownUrl,
    };
    let spring = |status: u16, message: &str| {
        format!(
            r#"{{"timestamp": 1661990594355, "status": {status}, "error": "Spring error", "message": "{message}", "path": "/network"}}"#
        )
    };
    let network = "Network UUID is invalid.";
    #[rustfmt::skip]
    let rows: &[(u16, &str, ErrorResponseKind, Option<&str>, &str)] = &[
        (400, r#"{"errors": {"Error": "No such virtual machine exists: aa"}}"#, NotFound, None, "No such virtual machine exists: aa"),
        (400, r#"{"errors": {"Error": "No such virtual machine exists. aa"}}"#, NotFound, None, "No such virtual machine exists. aa"),
        (400, r#"{"errors": {"Error": "Provided billing account is incorrect."}}"#, InvalidArgument, None, "Provided billing account is incorrect."),
        (400, r#"{"message": "Network UUID is invalid."}"#, InvalidArgument, None, network),
        (500, &spring(500, "Network uuid is invalid."), InvalidArgument, None, "Network uuid is invalid."),
        (500, &spring(500, "Default network cannot be deleted."), Conflict, None, "Default network cannot be deleted."),
        (500, &spring(500, network), InvalidArgument, None, network),
        (404, r#"{"message": "Disk not found"}"#, InvalidArgument, None, "Disk not found"),
        (404, r#"{"message": "Ip address 1.2.3.4 was not found."}"#, InvalidArgument, None, "Ip address 1.2.3.4 was not found."),
        (404, r#"{"message": "no route and no API found with those values"}"#, UnknownUrl, None, "no route and no API found with those values"),
        (404, &spring(404, "No message available"), UnknownUrl, None, "Spring error"),
        (404, &spring(404, "Disk not found"), InvalidArgument, None, "Disk not found"),
        (404, &spring(404, "No disk"), UnknownUrl, None, "No disk"),
        (404, "<html><title>404 Not Found</title></html>", UnknownUrl, None, "Not Found"),
        (404, "", UnknownUrl, None, "Not Found"),
        (404, "[]", UnknownUrl, None, "Not Found"),
        (404, r#"{"message": "Disk not fou"#, UnknownUrl, None, "Not Found"),
        (401, r#"{"message": "No API key found in request"}"#, Unauthorized, None, "No API key found in request"),
        (403, r#"{"message": "Invalid authentication credentials"}"#, Unauthorized, None, "Invalid authentication credentials"),
        (403, r#"{"errors": {"consumer::resource_forbidden": {"msg": "Not yours", "subtype": "vm", "type": "x"}}}"#, Forbidden, Some("consumer::resource_forbidden"), "Not yours"),
        (403, "", Forbidden, None, "Forbidden"),
        (400, r#"{"errors": {"uuid": "Required parameter 'uuid' not supplied"}}"#, InvalidArgument, Some("uuid"), "Required parameter 'uuid' not supplied"),
        (400, r#"{"errors": {"ram": "Invalid whole number provided", "uuid": "Invalid UUID provided"}}"#, InvalidArgument, Some("ram, uuid"), "ram: Invalid whole number provided; uuid: Invalid UUID provided"),
        (400, r#"{"errors": {"pool": "No such resource pool exists"}}"#, InvalidArgument, Some("pool"), "No such resource pool exists"),
        (405, r#"{"errors": {"405 Method Not Allowed": null}}"#, UnknownUrl, None, "405 Method Not Allowed"),
        (400, r#"{"errors": {"Error": "Not changing vcpu and memory because values are same."}}"#, Conflict, None, "Not changing vcpu and memory because values are same."),
        (500, r#"{"errors": {"Error": "Not changing vcpu and memory because values are same."}}"#, Conflict, None, "Not changing vcpu and memory because values are same."),
        (404, r#"{"message": "Storage account not found."}"#, InvalidArgument, None, "Storage account not found."),
        (409, r#"{"errors": {"Error": "VM is locked"}}"#, Conflict, None, "VM is locked"),
        (409, r#"{"message": "Bucket name is taken"}"#, Conflict, None, "Bucket name is taken"),
        (429, r#"{"message": "API rate limit exceeded"}"#, RateLimited, None, "API rate limit exceeded"),
        (400, r#"{"errors": {"password": "hunter2"}}"#, InvalidArgument, Some("password"), "password"),
        (400, r#"{"errors": {"name": ["taken"]}}"#, InvalidArgument, Some("name"), "name: taken"),
        (400, r#"{"error": {"password": "hunter2"}}"#, InvalidArgument, None, "password"),
        (400, r#"{"error": "invalid_grant", "error_description": "no funds"}"#, InvalidArgument, None, "no funds"),
        (200, r#"{"success": false, "msg": "Card declined"}"#, Other, None, "Card declined"),
        (200, r#"{"success": false, "data": {"message": "Card declined"}}"#, Other, None, "Card declined"),
        (500, "", Unavailable, None, "Internal Server Error"),
        (400, r#"{"error": "bad"}"#, InvalidArgument, None, "bad"),
        (400, r#"{"error": {"message": "bad"}}"#, InvalidArgument, None, "bad"),
        (400, r#"{"error": {"code": 17, "message": "bad"}}"#, InvalidArgument, Some("17"), "bad"),
        (400, r#"{"errors": {"code": 17, "message": "bad"}}"#, InvalidArgument, Some("17"), "17: bad"),
        (400, r#"{"errors": [{"code": "E17", "detail": "bad"}]}"#, InvalidArgument, Some("E17"), "E17: bad"),
        (400, r#"{"data": {"error": {"code": 17, "message": "bad"}}}"#, InvalidArgument, Some("17"), "bad"),
        (502, "<html><h1>502 Bad Gateway</h1></html>", Unavailable, None, "Bad Gateway"),
        (503, "upstream is away", Unavailable, None, "Service Unavailable"),
        (400, r#"{"errors": [{"message": "bad"}]}"#, Conflict, None, "bad"),
        (400, r#"{"errors": {"Error": {"error": "bad"}}}"#, Conflict, None, "bad"),
        (400, r#"{"errors": "bad"}"#, Conflict, None, "bad"),
        (400, r#"{"errors": ["bad", "worse"]}"#, Conflict, None, "bad; worse"),
        (400, r#"{"errors": {}}"#, InvalidArgument, None, "Bad Request"),
        (200, r#"{"errors": {"Error": "Failed to delete kong token."}}"#, Conflict, None, "Failed to delete kong token."),
        (200, r#"{"errors": {"Error": "No such virtual machine exists: aa"}}"#, NotFound, None, "No such virtual machine exists: aa"),
        (200, r#"{"errors": {"uuid": "Invalid UUID provided"}}"#, InvalidArgument, Some("uuid"), "uuid: Invalid UUID provided"),
        (200, r#" {  "error": "bad"}"#, Other, None, "bad"),
        (200, r#"{"success": false}"#, Conflict, None, "the provider rejected the request (success: false) and gave no reason"),
        (200, r#"{"message": "VM is locked", "success": "False"}"#, Other, None, "VM is locked"),
        (200, r#"{"amount_used": 0.0, "message": "No card.", "success": false}"#, Other, None, "No card."),
    ];
    for &(status, body, meaning, code, message) in rows {
        check(status, body, meaning, code, message);
    }
}

/// Members of a body that contain a message, which is written as `@`.
const AROUND: [&str; 14] = [
    r#"{"message": "@"}"#,
    r#"{"msg": "@"}"#,
    r#"{"detail": "@"}"#,
    r#"{"error": "@"}"#,
    r#"{"error": {"code": 17, "message": "@"}}"#,
    r#"{"errors": "@"}"#,
    r#"{"errors": ["@"]}"#,
    r#"{"errors": {"Error": "@"}}"#,
    r#"{"errors": {"error": "@"}}"#,
    r#"{"errors": [{"message": "@"}]}"#,
    r#"{"errors": [{"detail": "@"}]}"#,
    r#"{"errors": {"code": 17, "message": "@"}}"#,
    r#"{"data": {"message": "@"}}"#,
    r#"{"data": {"errors": [{"detail": "@"}]}}"#,
];

/// Sentences that are in the provider's documentation, were observed, or follow the same pattern.
const ABSENCES: [&str; 8] = [
    "No such virtual machine exists: 5052bf02-044a-4d35-a803-d6b156f84beb",
    "No such virtual machine exists. aa",
    "No such virtual machine exists",
    "No such replica exists: aa",
    "Provided billing account is incorrect.",
    "Disk not found",
    "Ip address 1.2.3.4 was not found.",
    "Storage account not found.",
];
#[test]
fn only_the_absence_of_the_operations_own_resource_is_not_found() {
    #[rustfmt::skip]
    let own_resources: [(&[&str], &[&str]); 6] = [
        (&ABSENCES[..3], &["vm.delete", "vm.get", "vm.stop", "vm_disk.add", "vm_disk.resize", "disk.attach", "disk.detach", "replica.create", "replica.list", "billing_resource.assign"]),
        (&ABSENCES[3..4], &["replica.delete", "replica.create", "replica.list"]),
        (&ABSENCES[4..5], &["billing_account.get", "billing_account.delete"]),
        (&ABSENCES[5..6], &["disk.get", "disk.delete", "disk.attach", "disk.detach", "vm_disk.add", "vm_disk.resize", "vm_disk.delete", "billing_resource.assign"]),
        (&ABSENCES[6..7], &["floating_ip.get", "floating_ip.delete", "billing_resource.assign"]),
        (&ABSENCES[7..], &["bucket.get", "s3_user.get", "s3_key.delete"]),
    ];
    let others = ["network.delete", "load_balancer.delete", "card.delete", "invoice.pay", "token.delete"];
    let operations = || own_resources.iter().flat_map(|(_, own)| own.iter()).chain(&others);
    for (sentence, own) in own_resources.iter().flat_map(|(all, own)| all.iter().map(move |one| (one, own))) {
        for (name, around) in operations().flat_map(|name| AROUND.map(|around| (*name, around))) {
            let is_own = own.contains(&name);
            let expected =
                if is_own { ErrorResponseKind::NotFound } else { ErrorResponseKind::InvalidArgument };
            for status in [400, 404, 410, 422] {
                let body = around.replace('@', sentence);
                assert_eq!(
                    read(&named(name), status, &body).unwrap_err().kind,
                    expected,
                    "{name} {status} {body}"
                );
            }
        }
    }
    for resource in ["Image", "Snapshot", "Billing account", "Load balancer", "Network", "Card", "Target"] {
        for operation in [&DELETE, &POST, &CREATE] {
            let body = format!(r#"{{"message": "{resource} not found"}}"#);
            let kind = read(operation, 404, &body).unwrap_err().kind;
            assert_eq!(kind, ErrorResponseKind::InvalidArgument, "{} {body}", operation.name());
        }
    }
}

#[test]
fn a_sentence_of_the_platform_determines_the_kind_wherever_it_is() {
    for (sentence, kind) in [
        ("Network uuid is invalid.", ErrorResponseKind::NotFound),
        ("Default network cannot be deleted.", ErrorResponseKind::Conflict),
        ("Not changing vcpu and memory because values are same.", ErrorResponseKind::Conflict),
    ] {
        for (around, status) in
            AROUND.iter().flat_map(|around| [400, 404, 500, 503].map(|status| (around, status)))
        {
            let body = around.replace('@', sentence);
            let read = read(&named("network.delete"), status, &body);
            assert_eq!(read.unwrap_err().kind, kind, "{status} {body}");
        }
    }
}

#[test]
fn no_status_and_no_other_sentence_proves_that_a_resource_does_not_exist() {
    let foreign = [
        "[Errno 2] No such file or directory: '/run/libvirt/sock'",
        "dial tcp: lookup vm-api on 10.0.0.10:53: no such host",
        "No such user exists: root",
        "No such virtual machine exists in the cache of this node",
        "The VM has no such disk.",
        "no route and no API found with those values",
        "no Route matched with those values",
        "No static resource v1/user-resource/vm.",
        "The requested URL was not found on this server.",
        "Not Found",
        "404 page not found",
        "Route not found",
        "Network route not found",
        "Resource not found",
        "Upstream disk not found",
    ];
    let embedded = ABSENCES.iter().flat_map(|sentence| {
        [
            format!("Cannot stop: {sentence}"),
            format!("{sentence} on node 7; try again"),
            format!("'{sentence}'"),
        ]
    });
    let foreign: Vec<String> = foreign.map(str::to_owned).into_iter().chain(embedded).collect();
    let statuses = [200, 400, 401, 403, 404, 409, 410, 422, 429, 500, 502, 503, 504];
    for operation in [&POST, &GET, &DELETE, &CREATE] {
        for (sentence, status) in foreign.iter().flat_map(|text| statuses.map(|status| (text, status))) {
            for around in AROUND {
                let body = around.replace('@', sentence).replacen('{', r#"{"success": false, "#, 1);
                let Err(error_response) = read(operation, status, &body) else { continue };
                let expected = match (status, error_response.kind) {
                    (404 | 410, _) => ErrorResponseKind::UnknownUrl,
                    (500.., _) => ErrorResponseKind::Unavailable,
                    (_, kind) => kind,
                };
                let kind = error_response.kind;
                assert!(kind == expected && kind != ErrorResponseKind::NotFound, "{status} {body}: {kind:?}");
            }
        }
        for (sentence, status) in ABSENCES
            .iter()
            .flat_map(|text| [401, 403, 409, 429, 500, 502, 503, 504].map(|status| (text, status)))
        {
            for around in AROUND {
                let body = around.replace('@', sentence);
                let kind = read(operation, status, &body).unwrap_err().kind;
                assert_ne!(kind, ErrorResponseKind::NotFound, "{status} {body}");
            }
        }
    }
}

#[test]
fn a_404_of_a_gateway_or_a_framework_is_an_unknown_url() {
    for body in [
        r#"{"message": "no Route matched with those values", "request_id": "4bf92f35"}"#,
        r#"{"type": "about:blank", "title": "Not Found", "detail": "No static resource v1/x.", "status": 404, "instance": "/v1/x"}"#,
        r#"{"timestamp": 1661990594355, "status": 404, "error": "Not Found", "path": "/v1/x"}"#,
        r#"{"message": "Not Found"}"#,
        r#"{"detail": "Not Found"}"#,
        r#"{"error": "Not Found", "code": 5}"#,
        r#"{"errors": {"Error": "Not Found"}}"#,
        r#"{"404": "The API call you tried to make was not defined."}"#,
        "404 page not found",
        "",
    ] {
        for operation in [&POST, &GET, &DELETE, &CREATE] {
            let kind = read(operation, 404, body).unwrap_err().kind;
            assert_eq!(kind, ErrorResponseKind::UnknownUrl, "{} {body}", operation.name());
        }
    }
}

#[test]
fn a_payment_that_took_money_is_returned_even_if_it_failed_in_part() {
    for failure in [
        r#""success": false, "message": "second card declined""#,
        r#""success": false, "error": "declined""#,
        r#""success": true, "error": "declined""#,
        r#""errors": {"Error": "declined"}, "paid_invoices": [5]"#,
        r#""status": "error", "message": "declined""#,
    ] {
        for (amount, has_paid) in [
            ("2.0", true),
            ("2", true),
            (r#""2.0""#, true),
            ("0.01", true),
            ("0", false),
            (r#""0.00""#, false),
            ("null", false),
        ] {
            let body = format!(r#"{{"amount_used": {amount}, "amount_left": 8, {failure}}}"#);
            assert_eq!(read(&POST, 200, &body).is_ok(), has_paid, "{body}");
            assert!(read(&POST, 400, &body).is_err(), "{body}");
        }
    }
}

#[test]
fn an_error_that_reports_a_payment_has_no_kind_that_is_retried() {
    for (members, has_paid) in [
        (r#""payment_report": {"triggered": true}"#, true),
        (r#""payment_report": {"errors": [], "triggered": "True"}"#, true),
        (r#""payment_report": {"triggered": 1, "triggered": 0}"#, true),
        (r#""amount_used": "0.01""#, true),
        (r#""payment_report": {"triggered": false, "errors": true}"#, false),
        (r#""payment_report": true, "triggered": true"#, false),
        (r#""amount_used": -1, "amount_left": 5"#, false),
    ] {
        for body in [format!("{{{members}}}"), format!(r#"{{"message": "no", {members}"#)] {
            for status in [429, 503] {
                let kind = read(&POST, status, &body).unwrap_err().kind;
                assert_eq!(kind == ErrorResponseKind::Other, has_paid, "{status} {body}: {kind:?}");
            }
        }
    }
}

#[test]
fn a_private_value_in_an_unknown_member_is_not_shown() {
    check(
        400,
        r#"{"errors": {"Error": {"password": "hunter2"}}}"#,
        ErrorResponseKind::Conflict,
        None,
        "Error",
    );
}

#[test]
fn a_success_is_never_mistaken_for_an_error_response() {
    let rows = [
        (&POST, r#"{"success": true}"#),
        (&POST, r#"{"uuid": "x", "errors": []}"#),
        (&POST, r#"{"errors": null}"#),
        (&POST, r#"{"errors": {}, "uuid": "x"}"#),
        (&POST, r#"{"message": "created"}"#),
        (&POST, r#"{"amount_left": 8.0, "amount_used": 2.0, "success": false}"#),
        (&POST, "true"),
        (&POST, "null"),
        (&POST, ""),
        (&GET, r#"{"success": false}"#),
        (&GET, r#"{"error_count": 3}"#),
        (&GET, r#"{"status": "error", "uuid": "x"}"#),
        (&GET, r#"{"name": "error", "message": "failed"}"#),
        (&POST, r#"{"uuid": "x", "name": "error", "status": "failed"}"#),
        (&POST, r#"{"status": "active"}"#),
        (&GET, r#"[{"errors": "in a row"}]"#),
    ];
    for (operation, body) in rows {
        for status in [200, 201, 202, 204] {
            assert!(read(operation, status, body).is_ok(), "{status} {body}");
        }
    }
}

#[test]
fn a_read_with_an_error_in_another_form_is_unreadable() {
    for body in [
        r#"{"Error": "declined"}"#,
        r#"{"status": "error", "message": "declined"}"#,
        r#"{"code": 402, "msg": "declined"}"#,
        r#"{"ok": false}"#,
        r#"{"detail": "declined"}"#,
    ] {
        assert_eq!(read(&GET, 200, body).unwrap_err().kind, ErrorResponseKind::Undecodable, "{body}");
    }
}

#[test]
fn a_response_to_a_read_is_judged_if_it_cannot_be_decoded() {
    let warren = Warren::new(&SecretString::from("key")).unwrap();
    for (body, kind) in [
        (
            r#"{"message": "No such virtual machine exists: 7", "success": false}"#,
            ErrorResponseKind::NotFound,
        ),
        (
            r#"{"timestamp": 1661990594355, "status": 500, "error": "Internal Server Error"}"#,
            ErrorResponseKind::Other,
        ),
        (r#"{"message": "declined", "status": "error"}"#, ErrorResponseKind::Undecodable),
    ] {
        assert!(warren.presumes_success(&Response::new(Bytes::from_static(body.as_bytes()))), "{body}");
        assert_eq!(read(&GET, 200, body).unwrap_err().kind, kind, "{body}");
    }
}

#[test]
fn a_first_key_of_an_error_response_is_never_presumed_to_begin_a_success() {
    let warren = Warren::new(&SecretString::from("key")).unwrap();
    let presumed = |body: String| warren.presumes_success(&Response::new(Bytes::from(body)));
    let keys =
        ["code", "detail", "error", "errors", "exception", "fault", "ok", "result", "status", "success"];
    for key in keys.iter().flat_map(|key| [(*key).to_owned(), key.to_uppercase()]) {
        assert!(!presumed(format!("\n{{ \"{key}\": 1, \"uuid\": \"x\"}}")), "{key}");
        assert!(presumed(format!("{{\"uuid\": \"{key}\", \"{key}\": 1}}")), "{key}");
        assert!(presumed(format!("[{{\"{key}\": 1}}]")), "{key}");
    }
}

#[test]
fn the_advice_for_a_method_that_is_not_allowed_names_the_brand() {
    let is_named = |status, body| {
        let advice = read(&POST, status, body).unwrap_err().advice;
        advice.is_some_and(|advice| advice.contains("brand"))
    };
    assert!(is_named(405, "") && is_named(405, r#"{"message": "Method Not Allowed"}"#));
    assert!(!is_named(404, "") && !is_named(400, ""));
}

#[test]
fn a_malformed_body_that_looks_like_an_error_response_is_unreadable() {
    for body in [
        r#"{"errors": {"Error": "declined"}, "errors": null}"#,
        r#"{"errors": {"Error": "decl"#,
        r#"{"uuid": "x", "errors": {"Error": "\ud83d"}}"#,
        r#"{"uuid": "x", "success": "maybe"}"#,
    ] {
        assert_eq!(read(&POST, 200, body).unwrap_err().kind, ErrorResponseKind::Undecodable, "{body}");
    }
}

proptest! {
    #[test]
    fn every_body_with_an_error_status_yields_an_error_message(
        status in 400_u16..600, body in ".*|[\\[{\"]errors?[\":]*[\\[{\"]*.*",
    ) {
        prop_assert!(!read(&POST, status, &body).unwrap_err().message.is_empty());
    }

    #[test]
    fn a_list_with_a_success_status_is_never_an_error_response(rows in ".*") {
        let body = format!("[{rows}]");
        prop_assert!(read(&POST, 200, &body).is_ok());
    }
}
