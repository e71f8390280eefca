//! Tests of behaviour that spans several calls, run against the simulator.
#![allow(clippy::unwrap_used, reason = "clippy recognizes only functions with `#[test]` as tests")]

mod support;

use std::time::Duration;

use hostkit_simulator::{Boot, Fault, PhpQuirks, PrintR, Simulator};
use http_core::client::Effect;
use http_core::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use http_core::http::{Response, StatusCode};
use http_core::wire::Bytes;
use http_core::{ErrorKind, RetryPolicy};
use inferno_vps::{Client, Install, Order, OrderId, OrderStatus, ProductId, VpsInfo, VpsState};
use serde_json::{Value, json};
use support::{KEY, TEMPLATE, client, installed, paid};

/// Returns the PHP quirks that every test case enables.
fn quirks() -> PhpQuirks {
    PhpQuirks {
        bom: true,
        blank_lines: true,
        warning_before: true,
        warning_after: true,
        php_booleans: true,
        zero_dates: true,
        escapes: true,
        html_content_type: true,
        templates_as_list: true,
        print_r: PrintR::Always,
        ..PhpQuirks::default()
    }
}

#[tokio::test]
async fn an_anonymous_client_can_get_the_api_key() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let access = simulator.inferno();
    let nobody = Client::anonymous_builder().base_url(&access.base_url).build().unwrap();
    let password = access.password.as_str();
    let key = nobody.api_key(&access.email, password).await.unwrap();
    let client = Client::builder(key.cid, key.key).base_url(&access.base_url).build().unwrap();
    client.balance().await.unwrap();

    let wrong = nobody.api_key(&access.email, "wrong").await.unwrap_err();
    assert!(wrong.is_unauthorized() && wrong.to_string().contains("whitelist"), "{wrong}");
    let error = nobody.balance().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("api_key"), "{error}");
}

#[tokio::test]
async fn a_generated_key_replaces_the_old_one_and_is_not_generated_twice() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let (access, client) = client(&simulator);
    let password = access.password.as_str();
    client.generate_api_key(&access.email, password).await.unwrap();
    assert!(client.balance().await.unwrap_err().is_unauthorized());

    simulator.clear_requests();
    simulator.fail("api_key.get", Fault::ResetAfter);
    let lost = client.generate_api_key(&access.email, password).await.unwrap_err();
    assert!(lost.is_outcome_unknown() && lost.to_string().contains("api_key(..)"), "{lost}");
    assert_eq!(simulator.count("api_key.get"), 1);
}

#[tokio::test]
async fn observed_calls_are_json_posts_with_the_key_only_in_its_header() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let (access, client) = client(&simulator);
    let order = installed(&simulator, &client).await;
    client.balance().await.unwrap();
    client.orders().list().await.unwrap();
    client.vps().reboot(order).await.unwrap();
    client.services().list().await.unwrap();
    client.ssh_keys().list().await.unwrap();
    for request in simulator.requests() {
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/api_client.php"));
        assert_eq!(request.headers[CONTENT_TYPE], "application/json");
        assert_eq!(request.headers[HeaderName::from_static(KEY)], access.key.as_str());
        assert!(request.query.iter().all(|(name, _)| name == "action"), "{:?}", request.query);
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body["cid"], access.cid);
        assert!(!String::from_utf8_lossy(&request.body).contains(&access.key));
    }
}

#[tokio::test]
async fn observed_a_newer_key_needs_no_client_id() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let access = simulator.inferno();
    let client = Client::key_builder(access.key.as_str()).base_url(&access.base_url).build().unwrap();
    client.balance().await.unwrap();
    assert_eq!(&simulator.requests()[0].body[..], b"{}");
}

#[tokio::test]
async fn the_error_for_an_address_off_the_whitelist_names_the_remedy() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let (access, client) = client(&simulator);
    access.set_address_refused(true);
    let error = client.catalog().await.unwrap_err();
    assert!(error.is_unauthorized() && !error.is_retryable());
    assert!(error.to_string().contains("its support can add the address"), "{error}");
}

/// Nothing is wrong with the credentials if the provider says when to try again.
#[test]
fn a_rate_limit_with_status_403_advises_nothing_about_the_whitelist() {
    let client = Client::builder(777, KEY).base_url("http://127.0.0.1:1").no_proxy().build().unwrap();
    for body in ["", r#"{"result": "fail", "message": "Access denied"}"#] {
        for (after, is_limit) in [(None, false), (Some("7"), true)] {
            let mut response = Response::new(Bytes::from(body));
            *response.status_mut() = StatusCode::FORBIDDEN;
            response.headers_mut().extend(after.map(|after| (RETRY_AFTER, HeaderValue::from_static(after))));
            let error = client.balance().finish(response).unwrap_err();
            assert_eq!(error.is_rate_limited(), is_limit, "{body}: {error}");
            assert_eq!(error.to_string().contains("whitelist"), !is_limit, "{body}: {error}");
        }
    }
}

#[tokio::test]
async fn only_a_pending_order_can_be_cancelled() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let (_, client) = client(&simulator);
    let order = client.orders().create(ProductId::new(303)).await.unwrap();
    assert!(client.orders().get(order.order_id).await.unwrap().is_pending());
    client.orders().cancel(order.order_id).await.unwrap();
    assert!(client.orders().cancel(order.order_id).await.unwrap_err().is_conflict());
    assert!(client.orders().get(order.order_id).await.unwrap_err().is_not_found());

    let paid = paid(&simulator, &client).await;
    assert!(client.orders().cancel(paid).await.unwrap_err().is_conflict());
    assert_eq!(client.orders().get(paid).await.unwrap().status, OrderStatus::Active);
    assert!(client.orders().create(ProductId::new(1)).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn an_order_is_not_placed_twice_if_its_response_is_lost() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let (_, client) = client(&simulator);
    for fault in [Fault::ResetAfter, Fault::TruncatedBody, Fault::HtmlAfter(504), Fault::Html(200)] {
        simulator.reset();
        simulator.fail("order.create", fault.clone());
        let error = client.orders().create(ProductId::new(303)).await.unwrap_err();
        assert!(error.is_outcome_unknown(), "{fault:?}: {error}");
        assert!(error.to_string().contains("orders().list()"), "{error}");
        assert_eq!(simulator.count("order.create"), 1, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn reads_and_checks_of_an_installation_are_repeated() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let (_, client) = client(&simulator);
    let install = Install::new(paid(&simulator, &client).await, TEMPLATE);
    simulator.fail("vps.install", Fault::ResetAfter);
    client.vps().check_install(&install).await.unwrap();
    assert_eq!(simulator.count("vps.install"), 2);
    simulator.fail("balance.get", [Fault::Html(502), Fault::status(503)]);
    client.balance().await.unwrap();

    simulator.fail("vps.install", Fault::ResetAfter);
    let lost = client.vps().install(&install).await.unwrap_err();
    assert!(lost.is_outcome_unknown() && lost.to_string().contains("vps().get"), "{lost}");
    assert_eq!(simulator.count("vps.install"), 3);
    simulator.fail("vps.reboot", Fault::ResetAfter);
    assert!(client.vps().reboot(install.order).await.unwrap_err().is_outcome_unknown());
    assert_eq!(simulator.count("vps.reboot"), 1);
    assert!(simulator.unmet_faults().is_empty());
}

#[tokio::test]
async fn an_installation_is_checked_without_being_run() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let (_, client) = client(&simulator);
    let unpaid = client.orders().create(ProductId::new(303)).await.unwrap().order_id;
    let refused = client.vps().check_install(&Install::new(unpaid, TEMPLATE)).await.unwrap_err();
    assert!(refused.is_conflict() && refused.code().is_some());

    let order = paid(&simulator, &client).await;
    let install = Install::new(order, TEMPLATE);
    let checked = client.vps().check_install(&install).await.unwrap();
    assert_eq!((checked.msg.as_deref(), checked.queue.is_none()), (Some("ok"), true));
    assert!(client.vps().get(order).await.unwrap().vps.is_none());
    assert!(client.vps().check_install(&Install::new(order, "dos")).await.unwrap_err().is_not_found());
    let unknown_key = install.clone().with_ssh_keys([9.into()]);
    assert!(client.vps().check_install(&unknown_key).await.unwrap_err().is_not_found());
    assert!(client.vps().check_reinstall(&install).await.unwrap_err().is_not_found());

    client.vps().install(&install).await.unwrap();
    let exists = client.vps().install(&install).await.unwrap_err();
    assert!(exists.is_conflict() && exists.code() == Some("904"), "{exists}");
    client.vps().check_reinstall(&install).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_order_is_waited_for_until_it_is_paid() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let (access, client) = client(&simulator);
    let order = client.orders().create(ProductId::new(303)).await.unwrap().order_id;
    let wait = client.orders().wait(order).until(Order::is_active);
    let pay = async {
        tokio::time::sleep(Duration::from_secs(30)).await;
        assert!(access.pay_order(order.get()));
    };
    let (paid, ()) = tokio::join!(wait.into_future(), pay);
    assert!(paid.unwrap().next_due_date.is_some());

    let other = client.orders().create(ProductId::new(303)).await.unwrap().order_id;
    let ended = client.orders().wait(other).until(Order::is_active).await.unwrap_err();
    assert_eq!(ended.error().kind(), ErrorKind::Wait);
    assert!(ended.last().unwrap().is_pending());
    client.orders().cancel(other).await.unwrap();
    let gone = client.orders().wait(other).until(Order::is_active).await.unwrap_err();
    assert!(gone.error().is_not_found());
}

#[tokio::test(start_paused = true)]
async fn the_response_about_another_order_or_service_is_not_about_the_requested_one() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let (_, client) = client(&simulator);
    let order = installed(&simulator, &client).await;
    client.vps().wait(order).until(VpsInfo::is_running).await.unwrap();
    let off = json!({"result": "success", "orderid": 1, "vps_info": {"real_state": "Выключен"}});
    simulator.fail("vps.stop", Fault::ResetBefore);
    simulator.fail("vps.info", Fault::response(200, off.to_string()));
    let error = client.vps().stop(order).retry(RetryPolicy::never()).await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");

    let list = json!({"result": "success", "services": {"service": [{"id": 1}, {"id": 5}]}}).to_string();
    simulator.fail("service.get", vec![Fault::response(200, list); 2]);
    assert_eq!(client.services().get(5.into()).await.unwrap().id, 5.into());
    assert_eq!(client.services().get(6.into()).await.unwrap_err().kind(), ErrorKind::Decode);
}

#[tokio::test(start_paused = true)]
async fn a_vps_is_waited_for_until_it_is_on_after_its_installation() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let (_, client) = client(&simulator);
    simulator.set_boot(Boot::AfterReads(3));
    let order = installed(&simulator, &client).await;
    assert!(client.vps().stop(order).await.unwrap_err().is_conflict());
    let vps = client.vps().wait(order).until(VpsInfo::is_running).await.unwrap();
    assert_eq!((vps.order_id, vps.state()), (order, Some(VpsState::On)));
    let vps_info = vps.vps.as_ref().unwrap();
    assert_eq!((vps_info.real_state.as_deref(), vps_info.online), (Some("Включен"), Some(true)));

    let found = client.vps().find(vps.address().unwrap()).await.unwrap();
    assert_eq!(found.order_id, order);
    assert!(client.vps().find([198, 51, 100, 1].into()).await.unwrap_err().is_not_found());
    assert!(client.vps().get(OrderId::new(1)).await.unwrap_err().is_not_found());
}

#[tokio::test(start_paused = true)]
async fn a_wait_goes_on_after_a_failed_description_of_the_vps() {
    for vps_info in [
        r#"{"result": "fail", "msg": "VPS not found"}"#,
        r#"{"result": "error", "error_code": 404}"#,
        r#"{"result": "fail"}"#,
        "[]",
        "null",
    ] {
        let simulator = Simulator::builder().strict().start().await.unwrap();
        let (_, client) = client(&simulator);
        let order = installed(&simulator, &client).await;
        let body = format!(
            r#"{{"result": "success", "orderid": {order}, "orderStatus": "Active", "vps_info": {vps_info}}}"#
        );
        // More polls than may fail in a row.
        simulator.fail("vps.info", vec![Fault::response(200, body); 8]);
        let vps = client.vps().wait(order).until(VpsInfo::is_running).await;
        let vps = vps.unwrap_or_else(|error| panic!("{vps_info}: {error}"));
        assert_eq!((vps.order_id, vps.state()), (order, Some(VpsState::On)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_vps_is_stopped_booted_rebooted_and_reinstalled() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let (_, client) = client(&simulator);
    let order = installed(&simulator, &client).await;
    let address = client.vps().get(order).await.unwrap().address();
    client.vps().stop(order).await.unwrap();
    client.vps().stop(order).await.unwrap();
    client.vps().wait(order).until(VpsInfo::is_stopped).await.unwrap();
    assert!(client.vps().reboot(order).await.unwrap_err().is_conflict());
    client.vps().boot(order).await.unwrap();
    client.vps().wait(order).until(VpsInfo::is_running).await.unwrap();
    assert_eq!(client.vps().reboot(order).await.unwrap().message(), Some("ok"));
    client.vps().reinstall(&Install::new(order, "ubuntu22-64-default")).await.unwrap();
    let vps = client.vps().wait(order).until(VpsInfo::is_running).await.unwrap();
    assert_eq!(vps.address(), address);
}

#[tokio::test]
async fn observed_an_added_ssh_key_has_no_id_until_it_is_found_in_the_list() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let (_, client) = client(&simulator);
    let keys = client.ssh_keys();
    assert!(keys.list().await.unwrap().is_empty());
    let added = keys.add("ssh-ed25519 AAAAC3Nz my laptop\n").await.unwrap();
    assert_eq!(added.message(), Some("SSH key added"));
    let key = keys.add("ssh-ed25519 AAAAC3Ny desk").recover().await.unwrap().value;
    assert_eq!(key.name.as_deref(), Some("desk"));
    assert_eq!(keys.list().await.unwrap().len(), 2);

    let order = paid(&simulator, &client).await;
    client.vps().install(&Install::new(order, TEMPLATE).with_ssh_keys([key.id])).await.unwrap();
    let service = client.orders().get(order).await.unwrap().service_ids[0];
    let service = client.services().get(service).await.unwrap();
    assert_eq!((service.ssh_key_ids, service.order_id), (vec![key.id], Some(order)));
    assert_eq!(service.template.unwrap().to_string(), TEMPLATE);
    assert_eq!(service.raw.expose()["pid"], "303");
    assert!(client.services().get(1.into()).await.unwrap_err().is_not_found());

    keys.remove(key.id).await.unwrap();
    assert!(keys.remove(key.id).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_private_key_is_never_sent() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let (_, client) = client(&simulator);
    let private = "-----BEGIN OPENSSH PRIVATE KEY-----\nCANARY\n-----END OPENSSH PRIVATE KEY-----\n";
    for text in [private, "", "AAAAC3Nz"] {
        let error = client.ssh_keys().add(text).await.unwrap_err();
        assert!(error.is_invalid_argument() && !error.may_have_been_sent(), "{error}");
        assert!(!format!("{error:?}").contains("CANARY"));
    }
    assert!(simulator.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn observed_php_quirks_change_nothing_for_the_caller() {
    for (numbers_as_strings, strings_as_numbers, print_r_on_one_line) in
        [(false, true, false), (true, false, true), (false, false, true)]
    {
        let simulator = Simulator::builder().strict().start().await.unwrap();
        let (access, client) = client(&simulator);
        access.set_quirks(PhpQuirks {
            numbers_as_strings,
            strings_as_numbers,
            print_r_on_one_line,
            ..quirks()
        });
        assert!(client.orders().list().await.unwrap().is_empty());
        let catalog = client.catalog().await.unwrap();
        assert_eq!(catalog.products[0].price.unwrap().normalize().to_string(), "5");
        assert!(catalog.templates.iter().any(|template| template.name.to_string() == TEMPLATE));
        let order = installed(&simulator, &client).await;
        let vps = client.vps().wait(order).until(VpsInfo::is_running).await.unwrap();
        assert_eq!(vps.vps.unwrap().online, Some(true));
        let again = client.vps().install(&Install::new(order, TEMPLATE)).await.unwrap_err();
        assert_eq!(again.code(), Some("904"));
        client.vps().stop(order).await.unwrap();
        let stopped = client.vps().get(order).await.unwrap().vps.unwrap();
        assert_eq!((stopped.online, stopped.state()), (Some(false), Some(VpsState::Off)));
        let order = client.orders().get(order).await.unwrap();
        assert_eq!(client.services().list().await.unwrap()[0].id, order.service_ids[0]);
    }
}

#[tokio::test]
async fn observed_json_may_be_labelled_html_and_errors_have_status_200() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let (access, client) = client(&simulator);
    access.set_quirks(PhpQuirks { html_content_type: true, ..PhpQuirks::default() });
    let response = client.orders().list().raw().await.unwrap();
    assert!(response.headers()[CONTENT_TYPE].to_str().unwrap().starts_with("text/html"));
    assert!(client.orders().list().await.unwrap().is_empty());
    let refused = client.orders().cancel(OrderId::new(1)).await.unwrap_err();
    assert_eq!((refused.status().unwrap().as_u16(), refused.kind()), (200, ErrorKind::ErrorResponse));
}

#[tokio::test]
async fn the_raw_response_is_json_even_if_the_provider_sends_print_r() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let (access, client) = client(&simulator);
    let order = client.orders().create(ProductId::new(303)).await.unwrap().order_id;
    access.set_quirks(PhpQuirks { print_r: PrintR::Always, ..PhpQuirks::default() });
    let body = client.orders().list().raw().await.unwrap().into_body();
    let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert!(json["orders"][order.to_string()].is_object(), "{json}");
}

#[tokio::test]
async fn observed_models_of_undocumented_responses_keep_the_whole_json() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let (access, client) = client(&simulator);
    let order = installed(&simulator, &client).await;
    let key = client.ssh_keys().add("ssh-ed25519 AAAAC3Nz desk").recover().await.unwrap().value;
    let api_key = client.api_key(&access.email, access.password.as_str()).await.unwrap();
    let service = client.services().list().await.unwrap().remove(0);
    for (raw, field) in [
        (api_key.raw, "cid"),
        (client.balance().await.unwrap().raw, "balance"),
        (client.services().get(service.id).await.unwrap().raw, "billingcycle"),
        (service.raw, "orderid"),
        (client.ssh_keys().remove(key.id).await.unwrap().raw, "result"),
        (client.vps().reboot(order).await.unwrap().raw, "result"),
        (client.vps().stop(order).await.unwrap().raw, "result"),
        (client.vps().boot(order).await.unwrap().raw, "result"),
    ] {
        assert!(!raw.expose()[field].is_null(), "{field}");
    }
}

#[tokio::test]
async fn observed_a_challenge_page_is_an_error_of_its_own_kind() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let (_, client) = client(&simulator);
    simulator.fail("balance.get", Fault::Challenge);
    let error = client.balance().await.unwrap_err();
    assert!(error.is_challenge() && !error.is_unauthorized(), "{error}");
}

#[tokio::test]
async fn observed_the_error_for_a_web_page_says_what_to_do() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let (_, client) = client(&simulator);
    simulator.fail("balance.get", Fault::Html(502));
    let error = client.balance().retry(RetryPolicy::never()).await.unwrap_err();
    assert!(error.is_retryable() && error.to_string().contains("try again later"), "{error}");
}

#[tokio::test]
async fn an_action_without_a_method_follows_the_same_rules() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let (_, client) = client(&simulator);
    let orders: Value = client.request("orders", Value::Null).effect(Effect::Read).json().await.unwrap();
    assert_eq!(orders["result"], "success");
    let unknown = client.request("fly", json!({})).json::<Value>().await.unwrap_err();
    assert_eq!(unknown.message(), "Unknown action");
    let mistake = client.request("orders", json!([1])).json::<Value>().await.unwrap_err();
    assert!(mistake.is_invalid_argument());
    assert_eq!(simulator.requests().len(), 2);
}

#[tokio::test]
async fn a_base_url_of_another_server_is_reported() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let access = simulator.inferno();
    let base_url = access.base_url.replace("inferno-vps", "nothing");
    let client = Client::builder(access.cid, access.key.as_str()).base_url(base_url).build().unwrap();
    let error = client.balance().await.unwrap_err();
    assert!(error.is_unknown_url() && !error.is_not_found(), "{error}");
}
