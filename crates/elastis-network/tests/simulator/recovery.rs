//! Tests of create requests whose response is lost.

use std::time::Duration;

use elastis_network::{
    BillingAccountId, Elastis, ElastisNetwork, Error, NewFloatingIp, NewLoadBalancer, NewRule,
};
use hostkit_simulator::Fault;
use http_core::recovery::{Certainty, Ensured};

use crate::{new_vm, private_vm, start};

#[tokio::test(start_paused = true)]
async fn a_create_whose_response_is_lost_is_recovered() {
    for fault in [Fault::ResetAfter, Fault::HtmlAfter(504), Fault::TruncatedBody] {
        let (simulator, elastis) = start().await;
        for name in ["network.create", "floating_ip.create", "load_balancer.create"] {
            simulator.fail(name, fault.clone());
        }
        let account = BillingAccountId::new(simulator.elastis().billing_accounts[0]);
        let network = elastis.networks().create("inner").recover().await.unwrap();
        assert_eq!((network.value.name.as_str(), network.certainty), ("inner", Certainty::Likely));
        let ip = elastis.floating_ips().create(NewFloatingIp::new(account)).recover().await.unwrap();
        assert_eq!(elastis.floating_ips().list().await.unwrap()[0].address, ip.value.address);
        let noted = elastis.load_balancers().create(NewLoadBalancer::new()).recover().note().await.unwrap();
        let ticket = noted.ticket().clone();
        let balancer = noted.await.unwrap().value;
        assert_eq!(elastis.load_balancers().find_created(&ticket).await.unwrap().value.uuid, balancer.uuid);
        let books = simulator.books();
        assert_eq!((books.created("network"), books.created("load_balancer")), (1, 1), "{fault:?}");
        assert_eq!(elastis.networks().ensure("inner").await.unwrap().into_value().uuid, network.value.uuid);
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_that_returns_a_released_address_is_confirmed() {
    let (simulator, elastis) = start().await;
    let account = BillingAccountId::new(simulator.elastis().billing_accounts[0]);
    let ips = elastis.floating_ips();
    let old = ips.create(NewFloatingIp::new(account)).await.unwrap().address;
    let row = ips.get(old).raw().await.unwrap().body().to_vec();
    let noted = ips.create(NewFloatingIp::new(account)).recover().note().await.unwrap();
    ips.delete(old).await.unwrap();
    simulator.fail("floating_ip.create", Fault::response(200, row));
    let created = noted.await.unwrap();
    assert_eq!((created.value.address, created.certainty), (old, Certainty::Confirmed));
}

#[tokio::test(start_paused = true)]
async fn a_rule_and_a_target_whose_response_is_lost_are_recovered() {
    for fault in [Fault::ResetAfter, Fault::HtmlAfter(504), Fault::TruncatedBody] {
        let (simulator, elastis) = start().await;
        let vm = private_vm(&simulator, &elastis).await;
        let balancers = elastis.load_balancers();
        let id = balancers.create(NewLoadBalancer::new()).await.unwrap().uuid;
        let rule = NewRule::new(443, 8443);
        // After the removal, the port and the target can be added again.
        for round in 1..=2 {
            simulator.fail("load_balancer.add_rule", fault.clone());
            simulator.fail("load_balancer.add_target", fault.clone());
            let noted = balancers.add_rule(id, rule).recover().note().await.unwrap();
            let ticket = noted.ticket().clone();
            let added = noted.await.unwrap();
            assert_eq!((added.certainty, added.value.source_port), (Certainty::Certain, Some(443)));
            assert_eq!(balancers.find_added_rule(&ticket).await.unwrap().value.uuid, added.value.uuid);
            let noted = balancers.add_target(id, vm).recover().note().await.unwrap();
            let ticket = noted.ticket().clone();
            assert_eq!(noted.await.unwrap().value.vm(), Some(vm));
            assert_eq!(balancers.find_added_target(&ticket).await.unwrap().certainty, Certainty::Certain);
            assert_eq!(simulator.count("load_balancer.add_rule"), round, "{fault:?}");
            assert_eq!(simulator.count("load_balancer.add_target"), round, "{fault:?}");
            balancers.remove_rule(id, added.value.uuid.unwrap()).await.unwrap();
            balancers.remove_target(id, vm).await.unwrap();
        }
        simulator.fail("load_balancer.add_rule", Fault::ResetBefore);
        let error = balancers.add_rule(id, rule).recover().await.unwrap_err();
        assert!(error.is_outcome_unknown() && error.candidates().is_empty(), "{error}");
    }
}

/// Checks the results of two programs that call `ensure` with the same name at the same time, and returns the number of
/// created resources.
fn judge<F: std::fmt::Debug>(
    ended: [Result<Ensured<F>, Error>; 2],
    id: fn(&F) -> String,
    created: u64,
) -> usize {
    let case = format!("{ended:?}");
    let mut known = std::collections::BTreeSet::new();
    for ended in ended {
        match ended {
            Ok(ensured) => drop(known.insert(id(&ensured.into_value()))),
            Err(error) => {
                assert_eq!(error.candidates().len(), 2, "{error}");
                known.extend(error.candidates().iter().map(|candidate| candidate.id.clone()));
            }
        }
    }
    assert!((1..=2).contains(&created), "{case}");
    assert_eq!(known.len() as u64, created, "every created resource is known: {case}");
    known.len()
}

#[tokio::test(start_paused = true)]
async fn two_programs_ensuring_a_name_concurrently_know_all_resources() {
    let mut rounds = [0; 3];
    for lost in [Fault::Nothing, Fault::ResetAfter, Fault::Latency(Duration::from_secs(5))] {
        for ahead in [0, 1, 50, 3_000] {
            let (simulator, one) = start().await;
            let two = crate::client(&simulator);
            let account = BillingAccountId::new(simulator.elastis().billing_accounts[0]);
            for name in ["network.create", "floating_ip.create", "load_balancer.create", "vm.create"] {
                simulator.fail(name, lost.clone());
            }
            let later = Duration::from_millis(ahead);
            macro_rules! both {
                ($ensure:expr) => {{
                    let (first, second) = tokio::join!($ensure(&one).into_future(), async {
                        tokio::time::sleep(later).await;
                        $ensure(&two).await
                    });
                    [first, second]
                }};
            }
            let books = |kind: &str| simulator.books().created(kind);
            let ended = both!(|elastis: &Elastis| elastis.networks().ensure("inner"));
            rounds[judge(ended, |network| network.uuid.to_string(), books("network"))] += 1;
            let new = || NewFloatingIp::new(account).with_name("shop");
            let ended = both!(|elastis: &Elastis| elastis.floating_ips().ensure(new()));
            rounds[judge(ended, |ip| ip.address.to_string(), books("ip"))] += 1;
            let new = || NewLoadBalancer::new().with_name("shop").without_public_ip();
            let ended = both!(|elastis: &Elastis| elastis.load_balancers().ensure(new()));
            rounds[judge(ended, |balancer| balancer.uuid.to_string(), books("load_balancer"))] += 1;
            let ended = both!(|elastis: &Elastis| elastis.vms().ensure(new_vm(&simulator)));
            rounds[judge(ended, |vm| vm.uuid.to_string(), books("elastis/vm"))] += 1;
        }
    }
    println!("48 rounds of two programs: {} created one resource, {} created two", rounds[1], rounds[2]);
    assert_eq!(rounds[1] + rounds[2], 48);
}

#[tokio::test(start_paused = true)]
async fn an_existing_resource_is_returned_unchanged_with_its_differences() {
    let (simulator, elastis) = start().await;
    let vm = private_vm(&simulator, &elastis).await;
    let [account, other] = crate::payers(&simulator);
    let ips = elastis.floating_ips();
    let ip = ips.ensure(NewFloatingIp::new(account).with_name("shop")).await.unwrap().into_value();
    ips.assign(ip.address, vm).await.unwrap();
    match ips.ensure(NewFloatingIp::new(other).with_name("shop")).await.unwrap() {
        Ensured::Existed { value, differs } => {
            assert_eq!((value.address, differs), (ip.address, vec!["billing_account_id", "assigned_to"]));
        }
        created => panic!("{created:?}"),
    }
    let balancers = elastis.load_balancers();
    let new = || NewLoadBalancer::new().with_name("shop");
    let balancer = balancers.ensure(new().with_target(vm)).await.unwrap().into_value();
    match balancers.ensure(new()).await.unwrap() {
        Ensured::Existed { value, differs } => {
            assert_eq!((value.uuid, differs), (balancer.uuid, vec!["targets"]));
        }
        created => panic!("{created:?}"),
    }
    let requests = simulator.requests().len();
    assert!(ips.ensure(NewFloatingIp::new(account)).await.unwrap_err().is_invalid_argument());
    assert!(balancers.ensure(NewLoadBalancer::new()).await.unwrap_err().is_invalid_argument());
    assert_eq!(simulator.requests().len(), requests, "nothing was sent");
}

#[tokio::test(start_paused = true)]
async fn a_read_settles_the_outcome_after_a_rejected_repeat() {
    let rejection = || Fault::response(409, r#"{"message": "Locked."}"#);
    for (first, happens) in [(Fault::ResetAfter, true), (Fault::ResetBefore, false)] {
        for name in [
            "network.delete",
            "floating_ip.assign",
            "floating_ip.unassign",
            "floating_ip.delete",
            "load_balancer.remove_rule",
            "load_balancer.remove_target",
            "load_balancer.delete",
        ] {
            let (simulator, elastis) = start().await;
            let vm = private_vm(&simulator, &elastis).await;
            let (networks, ips, balancers) =
                (elastis.networks(), elastis.floating_ips(), elastis.load_balancers());
            let network = networks.create("inner").await.unwrap().uuid;
            let address = crate::ip(&simulator, &elastis).await.address;
            if name == "floating_ip.unassign" {
                ips.assign(address, vm).await.unwrap();
            }
            let rule = NewRule::new(443, 8443);
            let new = NewLoadBalancer::new().with_rule(rule).with_target(vm);
            let balancer = balancers.create(new).await.unwrap();
            let (id, rule) = (balancer.uuid, balancer.rule_of(443).unwrap().uuid.unwrap());
            simulator.fail(name, [first.clone(), rejection()]);
            let ended = match name {
                "network.delete" => networks.delete(network).await,
                "floating_ip.assign" => {
                    ips.assign(address, vm).await.map(|ip| assert!(ip.is_assigned_to(vm)))
                }
                "floating_ip.unassign" => {
                    ips.unassign(address).await.map(|ip| assert_eq!(ip.assigned_to, None))
                }
                "floating_ip.delete" => ips.delete(address).await,
                "load_balancer.remove_rule" => balancers.remove_rule(id, rule).await,
                "load_balancer.remove_target" => balancers.remove_target(id, vm).await,
                _ => balancers.delete(id).await,
            };
            assert_eq!(ended.is_ok(), happens, "{name}: {ended:?}");
            assert!(ended.err().is_none_or(|error| error.is_outcome_unknown()), "{name}");
            assert_eq!(simulator.count(name), 2, "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_without_the_removed_field_confirms_no_removal() {
    let balancer_get = "load_balancer.get";
    for (name, looked_at, look) in [
        ("load_balancer.remove_rule", balancer_get, "{}"),
        ("load_balancer.remove_rule", balancer_get, r#"{"forwarding_rules": null}"#),
        ("load_balancer.remove_rule", balancer_get, r#"{"forwarding_rules": [{"source_port": 443}]}"#),
        ("load_balancer.remove_target", balancer_get, "{}"),
        ("load_balancer.remove_target", balancer_get, r#"{"targets": {}}"#),
        ("load_balancer.remove_target", balancer_get, r#"{"targets": [{}]}"#),
        ("floating_ip.unassign", "floating_ip.get", r#"{"assigned_to_resource_type": "virtual_machine"}"#),
        ("floating_ip.unassign", "floating_ip.get", r#"{"assigned_to_private_ip": "10.1.0.2"}"#),
    ] {
        let (simulator, elastis) = start().await;
        let vm = private_vm(&simulator, &elastis).await;
        let (ips, balancers) = (elastis.floating_ips(), elastis.load_balancers());
        let address = crate::ip(&simulator, &elastis).await.address;
        ips.assign(address, vm).await.unwrap();
        let new = NewLoadBalancer::new().with_rule(NewRule::new(443, 8443)).with_target(vm);
        let balancer = balancers.create(new).await.unwrap();
        let (id, rule) = (balancer.uuid, balancer.rule_of(443).unwrap().uuid.unwrap());
        simulator.fail(name, [Fault::ResetBefore, Fault::response(409, r#"{"message": "Locked."}"#)]);
        let mut body: serde_json::Value = serde_json::from_str(look).unwrap();
        body["uuid"] = id.to_string().into();
        body["address"] = address.to_string().into();
        simulator.fail(looked_at, Fault::response(200, body.to_string())).standing();
        let ended = match name {
            "load_balancer.remove_rule" => balancers.remove_rule(id, rule).await,
            "load_balancer.remove_target" => balancers.remove_target(id, vm).await,
            _ => ips.unassign(address).await.map(drop),
        };
        assert!(ended.unwrap_err().is_outcome_unknown(), "{name}: {body}");
    }
}
