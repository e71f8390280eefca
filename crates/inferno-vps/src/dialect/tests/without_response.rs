//! Tests of bodies that contain no response, or only a part of one.

use super::*;

#[test]
fn observed_maintenance_and_proxy_pages_are_unavailable_with_any_status() {
    let proxy = "<html><head><title>502 Bad Gateway</title></head><body></body></html>";
    let maintenance = "<!DOCTYPE html><html><title>Down for maintenance</title></html>";
    let russian = "<html><body><h1>Ведутся технические работы</h1></body></html>";
    for (status, page) in [(200, proxy), (502, proxy), (200, maintenance), (503, maintenance), (200, russian)]
    {
        let error = refused(status, page);
        assert_eq!(error.kind, ErrorResponseKind::Unavailable, "{status} {page}");
        assert!(error.message.contains("try again later"), "{}", error.message);
    }
}

#[test]
fn the_error_for_any_other_page_says_to_check_the_base_url() {
    let page = "<!DOCTYPE html><html><title>Client Area</title></html>";
    for (status, meaning) in [(200, ErrorResponseKind::Undecodable), (404, ErrorResponseKind::UnknownUrl)] {
        let error = refused(status, page);
        assert_eq!(error.kind, meaning);
        assert!(error.message.contains("base URL"));
    }
}

#[test]
fn the_message_for_a_body_without_a_response_says_what_is_wrong_with_it() {
    for (status, body, message) in [
        (200, "", "the response contains no data"),
        (200, r#"{"result":"#, "the response is truncated or invalid"),
        (200, "It works!", "the response is neither JSON nor print_r text"),
        (200, "Access denied", "the provider rejected the request"),
        (500, "It works!", "Internal Server Error"),
    ] {
        let shown = refused(status, body).message;
        assert!(shown.starts_with(message), "{status} {body}: {shown}");
    }
}

#[test]
fn observed_empty_bodies_null_and_false_are_not_a_success() {
    for body in ["", "\u{feff} \r\n", "null", "false"] {
        for operation in [balance::GET, orders::LIST, orders::CREATE, vps::STOP] {
            assert_eq!(
                read(&operation, 200, body).unwrap_err().kind,
                ErrorResponseKind::Undecodable,
                "{body}"
            );
        }
    }
}

#[test]
fn truncated_print_r_text_is_neither_success_nor_failure() {
    let fields = "[method] => createVPS [result] => success [msg] => ok [retx] => Array ( [result] => success [msg] \
        => added to queue [error_code] => 0 )";
    read(&vps::INSTALL, 200, fields).unwrap();
    let lines = fields.replace(" [", "\n[");
    for text in [fields, &lines] {
        for end in 1..text.len() {
            let error = read(&vps::INSTALL, 200, &text[..end]).unwrap_err();
            assert_eq!(error.kind, ErrorResponseKind::Undecodable, "{}", &text[..end]);
        }
    }
}

#[test]
fn the_words_of_a_broken_response_show_nothing() {
    for body in [
        r#"{"result":"success","orderid":1,"vps_info":{"result":"fail","msg":"VPS not found""#,
        r#"{"result":"success","orderid":47001,"msg":"order already queu"#,
        r#"{"result":"success","orders":{"1":{"msg":"password required, key invalid"}"#,
        "{\"result\":\"success\"}<br />\n<b>Fatal error</b>: x<br />\n{\"result\":\"fail\",\"msg\":\"not found\"}",
        "Array\n(\n    [result] => success\n)\n{\"result\":\"fail\",\"msg\":\"not found\"}",
        r#"{"result":"success"}[{"result":"fail","msg":"not found"}]"#,
    ] {
        for operation in [vps::INFO, vps::REBOOT, orders::LIST, orders::CREATE, orders::CANCEL] {
            let error = read(&operation, 200, body).unwrap_err();
            assert_eq!(error.kind, ErrorResponseKind::Undecodable, "{} {body}", operation.name());
        }
    }
}

#[test]
fn text_of_php_says_nothing_about_an_order_or_a_vps() {
    for text in [
        "<br />\n<b>Fatal error</b>:  Uncaught Error: Class \"Whmcs\\Client\" not found in /var/www/vscd.php:7",
        "Fatal error: Uncaught PDOException: Table 'whmcs.tblhosting' doesn't exist",
        "Warning: file already exists in /var/www/vscd.php on line 7",
        "Notice: Invalid argument supplied for foreach()",
        "<b>Parse error</b>: missing operand, expression required",
        "Order ID not found",
        "Vps is being installed",
    ] {
        for operation in [&vps::INFO, &vps::REBOOT, &vps::STOP, &orders::LIST, &orders::CREATE] {
            let kind = read(operation, 200, text).unwrap_err().kind;
            assert_eq!(kind, ErrorResponseKind::Undecodable, "{} {text}", operation.name());
        }
    }
}

#[test]
fn only_print_r_text_that_cannot_be_decoded_is_described() {
    let describe = |body| Inferno::anonymous().describe(body);
    assert_eq!(describe("Array ( [msg] => no").as_deref(), Some("Array ( [msg] => no )"));
    assert_eq!(describe(r#"{"msg": "no"}"#), None);
}
