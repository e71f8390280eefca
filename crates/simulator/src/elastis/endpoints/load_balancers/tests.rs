use super::*;
use crate::elastis::testing::Lab;

fn create(lab: &mut Lab, body: &Value) -> (String, Value) {
    let balancer = lab.ok_json("POST", LIST, body);
    (format!("{LIST}/{}", balancer["uuid"].as_str().unwrap()), balancer)
}

#[test]
fn a_new_load_balancer_has_its_rules_targets_and_addresses() {
    let mut lab = Lab::new();
    let vm = lab.new_vm("billing_account_id=6&reserve_public_ip=false");
    let body = json!({
        "display_name": "my LB",
        "billing_account_id": 129_072,
        "reserve_public_ip": "true",
        "rules": [{"source_port": 8080, "target_port": 80}],
        "targets": [{"target_uuid": vm, "target_type": "vm"}],
    });
    let (one, balancer) = create(&mut lab, &body);
    let network = &lab.ok("GET", "/v1/network/networks", "")[0];
    let expected = json!({
        "uuid": balancer["uuid"], "display_name": "my LB", "network_uuid": network["uuid"], "user_id": 8,
        "billing_account_id": 129_072, "created_at": "2026-01-01 00:00:00",
        "updated_at": "2026-01-01 00:00:00", "is_deleted": false, "private_address": "10.1.0.3",
        "forwarding_rules": [{
            "uuid": balancer["forwarding_rules"][0]["uuid"], "protocol": "TCP",
            "created_at": "2026-01-01 00:00:00", "source_port": 8080, "target_port": 80,
            "settings": {"connection_limit": 10000, "session_persistence": "SOURCE_IP"},
        }],
        "targets": [{
            "created_at": "2026-01-01 00:00:00", "target_uuid": vm, "target_type": "vm",
            "target_ip_address": "10.1.0.2",
        }],
    });
    assert_eq!(balancer, expected);
    assert_eq!(network["resources_count"], 2);
    let ip = &lab.ok("GET", "/v1/network/ip_addresses", "")[0];
    assert_eq!(
        (&ip["assigned_to"], &ip["assigned_to_resource_type"]),
        (&balancer["uuid"], &json!("load_balancer"))
    );
    assert_eq!(
        (&ip["assigned_to_private_ip"], &ip["billing_account_id"]),
        (&json!("10.1.0.3"), &json!(129_072))
    );
    assert_eq!(lab.ok("GET", &one, ""), balancer);
    assert_eq!(lab.ok("GET", LIST, ""), json!([balancer]));
}

#[test]
fn targets_are_required_even_if_the_list_is_empty() {
    let mut lab = Lab::new();
    let (status, body) = lab.json("POST", LIST, &json!({"billing_account_id": 6}));
    assert_eq!((status, &body["status"], &body["path"]), (500, &json!(500), &json!(LIST)));
    let (_, balancer) = create(&mut lab, &json!({"targets": []}));
    assert_eq!(balancer["billing_account_id"], 6, "the default account pays");
    assert!(balancer.get("display_name").is_none());
}

#[test]
fn a_load_balancer_with_an_invalid_part_is_not_created() {
    let mut lab = Lab::new();
    let unknown = "aaaaaaaa-0000-bbbb-1111-cccccccccccc";
    let rule = json!({"source_port": 1, "target_port": 1});
    for body in [
        json!({"targets": [], "billing_account_id": 1}),
        json!({"targets": [], "network_uuid": unknown}),
        json!({"targets": [{"target_uuid": unknown, "target_type": "vm"}]}),
        json!({"targets": [{"target_uuid": unknown}]}),
        json!({"targets": "all"}),
        json!({"targets": [], "rules": [{"source_port": 0, "target_port": 80}]}),
        json!({"targets": [], "rules": [{"source_port": 65_536, "target_port": 80}]}),
        json!({"targets": [], "rules": [rule, rule]}),
    ] {
        let (status, response) = lab.json("POST", LIST, &body);
        assert_eq!(status, 400, "{body}: {response}");
    }
    for left in [LIST, "/v1/network/ip_addresses", "/v1/network/networks"] {
        assert_eq!(lab.ok("GET", left, ""), json!([]), "{left}");
    }
}

#[test]
fn a_new_rule_returns_its_ports_and_is_deleted_by_its_uuid() {
    let mut lab = Lab::new();
    let (one, _) = create(&mut lab, &json!({"targets": []}));
    let rule = json!({"source_port": 443, "target_port": 8443});
    assert_eq!(lab.ok_json("POST", &format!("{one}/forwarding_rules"), &rule), rule);
    let again = json!({"source_port": 443, "target_port": 1});
    assert_eq!(lab.json("POST", &format!("{one}/forwarding_rules"), &again).0, 400);
    let (_, refused) = lab.json("POST", &format!("{one}/forwarding_rules"), &json!({"source_port": "x"}));
    let errors = json!({
        "source_port": "Invalid whole number provided",
        "target_port": "Required parameter 'target_port' not supplied",
    });
    assert_eq!(refused["errors"], errors);
    let uuid = lab.ok("GET", &one, "")["forwarding_rules"][0]["uuid"].as_str().unwrap().to_owned();
    let path = format!("{one}/forwarding_rules/{uuid}");
    assert_eq!(lab.form("DELETE", &path, ""), (200, Value::Null));
    assert_eq!(lab.status("DELETE", &path, ""), 404);
    assert_eq!(lab.ok("GET", &one, "")["forwarding_rules"], json!([]));
}

#[test]
fn a_target_stays_without_an_address_after_its_vm_is_deleted() {
    let mut lab = Lab::new();
    let vm = lab.new_vm("billing_account_id=6");
    let (one, _) = create(&mut lab, &json!({"targets": []}));
    let target = json!({"target_uuid": vm, "target_type": "vm"});
    assert_eq!(lab.ok_json("POST", &format!("{one}/targets"), &target)["target_ip_address"], "10.1.0.2");
    assert_eq!(lab.json("POST", &format!("{one}/targets"), &target).0, 400);
    lab.ok("DELETE", "/v1/user-resource/vm", &format!("uuid={vm}"));
    let left = lab.ok("GET", &one, "")["targets"][0].clone();
    assert_eq!((&left["target_uuid"], &left["target_ip_address"]), (&json!(vm), &Value::Null));
    assert_eq!(lab.form("DELETE", &format!("{one}/targets/{vm}"), ""), (200, Value::Null));
    assert_eq!(lab.status("DELETE", &format!("{one}/targets/{vm}"), ""), 404);
}

#[test]
fn name_and_payer_can_change() {
    let mut lab = Lab::new();
    let (one, _) = create(&mut lab, &json!({"targets": []}));
    assert_eq!(lab.ok_json("PATCH", &one, &json!({"display_name": "new"}))["display_name"], "new");
    let payer = format!("{one}/billing_account");
    assert_eq!(lab.ok_json("PUT", &payer, &json!({"set_id": 129_072}))["billing_account_id"], 129_072);
    assert_eq!(lab.json("PUT", &payer, &json!({"set_id": 1})).0, 400);
    assert_eq!(lab.ok("GET", &one, "")["billing_account_id"], 129_072);
}

#[test]
fn a_deleted_load_balancer_is_readable_for_an_hour_and_keeps_its_address() {
    let mut lab = Lab::new();
    let (one, _) = create(&mut lab, &json!({"targets": []}));
    assert_eq!(lab.form("DELETE", &one, ""), (200, Value::Null));
    assert_eq!(lab.ok("GET", &one, "")["is_deleted"], true);
    assert_eq!(lab.ok("GET", LIST, ""), json!([]));
    assert_eq!(lab.status("DELETE", &one, ""), 404);
    assert_eq!(lab.ok("GET", "/v1/network/ip_addresses", "")[0]["assigned_to"], Value::Null);
    lab.pass(3600);
    assert_eq!(lab.status("GET", &one, ""), 404);
}
