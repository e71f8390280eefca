//! Tests of order, key and installation requests whose responses are lost.
#![allow(clippy::unwrap_used, reason = "clippy recognizes only functions with `#[test]` as tests")]

use std::time::Duration;

use hostkit_simulator::{Boot, Fault, Moment, Simulator};
use inferno_vps::recovery::Certainty;
use inferno_vps::{Client, Install, NewSshKey, OrderId, ProductId};
use serde_json::json;

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO0";
const PRODUCT: ProductId = ProductId::new(303);

fn client(simulator: &Simulator) -> Client {
    let access = simulator.inferno();
    Client::builder(access.cid, access.key.as_str()).base_url(&access.base_url).no_proxy().build().unwrap()
}

async fn start() -> (Simulator, Client) {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let client = client(&simulator);
    (simulator, client)
}

#[tokio::test(start_paused = true)]
async fn a_program_killed_at_any_point_orders_once_and_finds_the_result() {
    let (mut runs, mut ordered_in_all) = (0, 0);
    for (kill, fault) in hostkit_doctest::faults() {
        for dropped in [None, Some(0), Some(5), Some(500), Some(20_000)] {
            let (simulator, client) = start().await;
            simulator.fail("order.create", fault.clone());
            let noted = client.orders().create(PRODUCT).recover().note().await.unwrap();
            let ticket = serde_json::to_string(noted.ticket()).unwrap();
            let result = match dropped {
                None => noted.await,
                Some(millis) => {
                    if let Ok(result) =
                        tokio::time::timeout(Duration::from_millis(millis), noted.into_future()).await
                    {
                        result
                    } else {
                        // Acts as another process that has the stored ticket.
                        let next = self::client(&simulator);
                        next.orders().find_created(&serde_json::from_str(&ticket).unwrap()).await
                    }
                }
            };
            let case = format!("{kill}, dropped after {dropped:?}");
            let ordered = simulator.books().created("inferno-vps/order");
            assert!(ordered <= 1, "{case}: ordered twice");
            let now = client.orders().list().await.unwrap().pop();
            match (result, now) {
                (Ok(created), Some(order)) => {
                    assert_eq!(
                        (created.value.order_id, created.value.invoice_id, created.value.service_ids),
                        (order.id, order.invoice_id, order.service_ids),
                        "{case}"
                    );
                }
                (Err(_), None) => assert_eq!(ordered, 0, "{case}"),
                (result, now) => panic!("{case}: {result:?} {now:?}"),
            }
            (runs, ordered_in_all) = (runs + 1, ordered_in_all + ordered);
        }
    }
    println!("{runs} runs, {ordered_in_all} orders placed, all of them found");
    assert_eq!(runs, 60);
}

#[tokio::test(start_paused = true)]
async fn a_simultaneous_order_for_another_product_is_never_returned() {
    let services =
        [vec![], vec![Fault::status(503); 2], vec![Fault::Html(200); 2], vec![Fault::status(500); 99]];
    for (kill, fault) in hostkit_doctest::faults() {
        for moment in [Moment::Before, Moment::After] {
            for services in &services {
                let (simulator, client) = start().await;
                simulator.inject(moment, "order.create", "inferno-vps/order.create", &json!({"pid": 304}));
                simulator.fail("order.create", fault.clone());
                simulator.fail("service.list", services.clone());
                let result = client.orders().create(PRODUCT).recover().await;
                let case = format!("{kill}, {moment:?}, services fail {} times", services.len());
                simulator.clear_faults();
                let of = |product: u64| {
                    let client = client.clone();
                    async move {
                        let services = client.services().list().await.unwrap();
                        let mine =
                            services.into_iter().find(|service| service.product_id == Some(product.into()));
                        mine.and_then(|service| service.order_id)
                    }
                };
                let (own, strangers) = (of(303).await, of(304).await.unwrap());
                match result {
                    Ok(created) => assert_eq!(Some(created.value.order_id), own, "{case}"),
                    Err(error) if services.len() == 99 => {
                        let named =
                            |id: OrderId| error.candidates().iter().any(|one| one.id == id.to_string());
                        assert!(own.is_none_or(named), "{case}: {error}");
                    }
                    Err(error) => {
                        assert_eq!(own, None, "{case}: {error}");
                        let strangers = strangers.to_string();
                        assert!(error.candidates().iter().all(|one| one.id != strangers), "{case}: {error}");
                    }
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_simultaneous_orders_are_indistinguishable_and_both_are_named() {
    let (simulator, client) = start().await;
    simulator.twin(Moment::After, "order.create");
    simulator.fail("order.create", Fault::ResetAfter);
    let error = client.orders().create(PRODUCT).recover().await.unwrap_err();
    assert_eq!(error.candidates().len(), 2, "{error}");
}

#[tokio::test(start_paused = true)]
async fn keys_that_two_programs_add_at_the_same_time_are_not_confused() {
    for lost in [false, true] {
        for marked in [false, true] {
            let (simulator, one) = start().await;
            let two = client(&simulator);
            if lost {
                simulator.fail("ssh_key.add", [Fault::ResetAfter, Fault::ResetAfter]);
            }
            let key = |name: &str| {
                let key = NewSshKey::new(format!("{KEY} {name}"));
                if marked { key.marked() } else { key }
            };
            let (a, b) = tokio::join!(
                one.ssh_keys().add(key("a")).recover().into_future(),
                two.ssh_keys().add(key("b")).recover().into_future()
            );
            for (created, name) in [(a.unwrap(), "a"), (b.unwrap(), "b")] {
                assert!(created.value.name.unwrap().starts_with(name));
                assert_eq!(created.certainty == Certainty::Certain, marked);
            }
            assert_eq!(simulator.count("ssh_key.add"), 2);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancel_and_a_removal_with_lost_responses_are_confirmed_by_a_read() {
    let (simulator, client) = start().await;
    let order = client.orders().create(PRODUCT).await.unwrap().order_id;
    let key = client.ssh_keys().add(format!("{KEY} a")).recover().await.unwrap().value;
    simulator.fail("order.cancel", Fault::ResetAfter);
    simulator.fail("ssh_key.remove", Fault::ResetAfter);
    client.orders().cancel(order).await.unwrap();
    client.ssh_keys().remove(key.id).await.unwrap();
    assert_eq!((simulator.count("order.cancel"), simulator.count("ssh_key.remove")), (2, 2));
    let error = client.orders().cancel(order).await.unwrap_err();
    assert!(error.is_conflict() && !error.is_outcome_unknown(), "no response was lost: {error}");
}

#[tokio::test(start_paused = true)]
async fn a_read_without_a_list_proves_neither_a_cancel_nor_a_removal() {
    for rows in ["null", "false", r#""""#, "none"] {
        let (simulator, client) = start().await;
        let order = client.orders().create(PRODUCT).await.unwrap().order_id;
        let key = client.ssh_keys().add(format!("{KEY} a")).recover().await.unwrap().value;
        let rejected = || Fault::response(200, r#"{"result": "error", "message": "busy"}"#);
        for (change, read, name) in
            [("order.cancel", "order.list", "orders"), ("ssh_key.remove", "ssh_key.list", "list")]
        {
            let list = if rows == "none" {
                "[]".to_owned()
            } else {
                format!(r#"{{"result": "success", "{name}": {rows}}}"#)
            };
            simulator.fail(change, [Fault::ResetBefore, rejected()]);
            simulator.fail(read, Fault::response(200, list)).standing();
        }
        assert!(client.orders().cancel(order).await.unwrap_err().is_outcome_unknown(), "{rows}");
        assert!(client.ssh_keys().remove(key.id).await.unwrap_err().is_outcome_unknown(), "{rows}");
        assert!(!client.orders().get(order).await.unwrap_err().is_not_found(), "{rows}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_installation_is_found_if_the_response_is_lost() {
    let faults = [Fault::ResetAfter, Fault::HtmlAfter(504), Fault::TruncatedBody, Fault::Nothing];
    for fault in faults {
        for boot in [Boot::Immediately, Boot::After(Duration::from_secs(120))] {
            let (simulator, client) = start().await;
            simulator.inferno().set_pays_from_balance(true);
            simulator.set_boot(boot);
            simulator.fail("vps.install", fault.clone());
            let order = client.orders().create(PRODUCT).await.unwrap().order_id;
            let install = Install::new(order, "debian12-64-default");
            let noted = client.vps().install(&install).recover().note().await.unwrap();
            let ticket = noted.ticket().clone();
            let vps = noted.await.unwrap();
            assert_eq!((vps.certainty, vps.value.is_running()), (Certainty::Certain, true), "{fault:?}");
            assert_eq!(client.vps().find_created(&ticket).await.unwrap().value.order_id, order);
            assert_eq!(simulator.count("vps.install"), 1, "{fault:?}");
        }
    }
    let (simulator, client) = start().await;
    simulator.inferno().set_pays_from_balance(true);
    simulator.fail("vps.install", Fault::ResetBefore);
    let order = client.orders().create(PRODUCT).await.unwrap().order_id;
    let lost = client.vps().install(&Install::new(order, "debian12-64-default")).recover().await;
    assert!(lost.unwrap_err().is_outcome_unknown());
}

#[tokio::test(start_paused = true)]
async fn two_programs_that_ensure_a_key_at_the_same_time_get_both_ids() {
    for fault in [Fault::Nothing, Fault::ResetAfter] {
        let (simulator, first) = start().await;
        let second = client(&simulator);
        simulator.fail("ssh_key.add", fault.clone());
        let ensure = |client: &Client| client.ssh_keys().ensure(format!("{KEY} me@laptop")).into_future();
        let (one, other) = tokio::join!(ensure(&first), ensure(&second));
        for error in [one.unwrap_err(), other.unwrap_err()] {
            assert!(error.is_conflict() && error.to_string().contains("all but one"), "{fault:?}: {error}");
            assert_eq!(error.candidates().len(), 2, "{fault:?}: {error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn ensure_adds_a_key_once_and_needs_a_comment() {
    let (simulator, client) = start().await;
    let keys = client.ssh_keys();
    let with_comment = format!("{KEY} me@laptop  at home");
    let key = keys.ensure(NewSshKey::new(&with_comment).marked()).await.unwrap().into_value();
    for again in [NewSshKey::new(&with_comment), NewSshKey::new(&with_comment).marked()] {
        assert_eq!(keys.ensure(again).await.unwrap().into_value().id, key.id);
    }
    keys.add(KEY).await.unwrap();
    let sent = simulator.requests().len();
    let options = format!("no-pty {KEY} me@laptop");
    for refused in [NewSshKey::new(KEY), NewSshKey::new(KEY).marked(), NewSshKey::new(&options)] {
        assert!(keys.ensure(refused).await.unwrap_err().is_invalid_argument());
    }
    let error = keys.add(options).recover().note().await.unwrap().await.unwrap_err();
    assert!(error.is_invalid_argument() && !error.to_string().contains("AAAA"), "{error}");
    assert_eq!(simulator.count("ssh_key.add"), 2);
    assert_eq!(simulator.requests().len(), sent + 1, "only the list was read");
}

#[tokio::test(start_paused = true)]
async fn a_response_without_a_list_does_not_prove_that_nothing_exists() {
    let (simulator, client) = start().await;
    let null = r#"{"result": "success", "orders": null}"#;
    let cut = r#"{"result": "success", "orders": [{"orderid": 7}"#;
    for empty in ["", "null", "false", r#"{"result": "success"}"#, r#"{"orders": 0}"#, cut] {
        for answers in [vec![empty], vec![null, empty]] {
            let answers = answers.into_iter().chain([empty]).map(|body| Fault::response(200, body));
            let plan = simulator.fail("order.list", answers.collect::<Vec<_>>()).standing();
            let error = client.orders().create(PRODUCT).recover().await.unwrap_err();
            assert!(!error.may_have_been_sent(), "{error}");
            plan.end();
        }
    }
    assert_eq!(simulator.count("order.create"), 0);
}

#[tokio::test(start_paused = true)]
async fn two_nulls_in_place_of_a_list_are_an_empty_list_and_a_single_one_is_not() {
    for null in ["null", "false", r#""""#, r#"{"order": null}"#] {
        let (simulator, client) = start().await;
        let null = || Fault::response(200, format!(r#"{{"result": "success", "orders": {null}}}"#));
        simulator.fail("order.list", [null(), null()]);
        client.orders().create(PRODUCT).recover().await.unwrap();
        assert_eq!((simulator.count("order.list"), simulator.count("order.create")), (2, 1));
        simulator.fail("order.list", null());
        let order = client.orders().create(PRODUCT).recover().note().await.unwrap();
        let before = serde_json::to_value(order.ticket()).unwrap()["before"].clone();
        assert_eq!(before.as_array().map(Vec::len), Some(1), "a second read finds the order: {before}");
    }
}
