//! Tests of private networks.

use elastis_network::{ElastisNetwork, VmId};
use hostkit_simulator::Fault;
use serde_json::json;

use crate::{new_vm, rejected, start};

#[tokio::test]
async fn the_default_network_is_created_once_and_a_named_one_each_time() {
    let (_simulator, elastis) = start().await;
    let networks = elastis.networks();
    let default = networks.default_or_create().await.unwrap();
    assert_eq!(networks.default_or_create().await.unwrap().uuid, default.uuid);
    let (one, other) = (networks.create("a b+c").await.unwrap(), networks.create("a b+c").await.unwrap());
    assert!(default.is_default && !one.is_default && one.uuid != other.uuid);
    assert_eq!((one.name.as_str(), networks.list().await.unwrap().len()), ("a b+c", 3));
    assert_eq!(networks.find_by_name("a b+c").await.unwrap().len(), 2);
    assert!(networks.find_by_name("a").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_blank_name_is_never_sent() {
    let (simulator, elastis) = start().await;
    let id = elastis.networks().default_or_create().await.unwrap().uuid;
    for call in [elastis.networks().create(" ").into(), elastis.networks().rename(id, "")] {
        let error = call.await.unwrap_err();
        assert!(error.is_invalid_argument() && !error.may_have_been_sent(), "{error:?}");
    }
    assert_eq!(simulator.count("elastis/*"), 1);
}

#[tokio::test]
async fn only_an_empty_network_that_is_not_the_default_can_be_deleted() {
    let (simulator, elastis) = start().await;
    let networks = elastis.networks();
    let default = networks.default_or_create().await.unwrap();
    let other = networks.create("other").await.unwrap();
    let vm = elastis.vms().create(new_vm(&simulator).with_network(other.uuid)).await.unwrap().uuid;
    let used = networks.get(other.uuid).await.unwrap();
    assert_eq!((used.vm_uuids.as_slice(), used.resources_count), ([vm].as_slice(), Some(1)));
    for network in [&default, &used] {
        assert!(!network.can_be_deleted());
        assert!(rejected(&networks.delete(network.uuid).await.unwrap_err()));
    }
    let spare = networks.create("spare").await.unwrap();
    assert!(spare.can_be_deleted());
    networks.delete(spare.uuid).await.unwrap();
    assert!(networks.get(spare.uuid).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn one_network_is_the_default_and_another_can_replace_it() {
    let (_simulator, elastis) = start().await;
    let networks = elastis.networks();
    let first = networks.create("first").await.unwrap();
    let second = networks.create("second").await.unwrap();
    assert!(first.is_default, "the first one is the default");
    assert!(networks.set_default(second.uuid).await.unwrap().is_default);
    assert!(!networks.get(first.uuid).await.unwrap().is_default);
    assert_eq!(networks.default_or_create().await.unwrap().uuid, second.uuid);
}

#[tokio::test]
async fn the_network_of_a_vm_is_found() {
    let (simulator, elastis) = start().await;
    elastis.networks().create("front").await.unwrap();
    let back = elastis.networks().create("back").await.unwrap();
    let vm = elastis.vms().create(new_vm(&simulator).with_network(back.uuid)).await.unwrap().uuid;
    assert_eq!(elastis.networks().of_vm(vm).await.unwrap().uuid, back.uuid);
    let nobody = VmId::new(back.uuid.get());
    assert!(elastis.networks().of_vm(nobody).await.unwrap_err().is_not_found());
    assert!(elastis.networks().of_vm(nobody).optional().await.unwrap().is_none());
}

#[tokio::test]
async fn locations_have_their_own_networks() {
    let (_simulator, elastis) = start().await;
    let there = elastis.at("bus02");
    let network = there.networks().create("there").await.unwrap();
    assert!(elastis.networks().list().await.unwrap().is_empty());
    assert!(elastis.networks().get(network.uuid).await.unwrap_err().is_not_found());
    assert!(elastis.at("nowhere").networks().list().await.unwrap_err().is_unknown_url());
}

#[tokio::test(start_paused = true)]
async fn a_network_whose_response_is_lost_is_created_once_with_a_hint() {
    let (simulator, elastis) = start().await;
    simulator.fail("network.create", Fault::ResetAfter);
    let error = elastis.networks().create("web").await.unwrap_err();
    assert!(error.is_outcome_unknown() && error.to_string().contains("find_by_name"), "{error}");
    assert_eq!(simulator.count("network.create"), 1);
    assert_eq!(elastis.networks().find_by_name("web").await.unwrap().len(), 1, "the create was processed");
}

#[tokio::test(start_paused = true)]
async fn default_or_create_is_repeated_when_its_response_is_lost() {
    let (simulator, elastis) = start().await;
    simulator.fail("network.create", Fault::ResetAfter);
    let network = elastis.networks().default_or_create().await.unwrap();
    assert_eq!(simulator.count("network.create"), 2);
    assert_eq!(elastis.networks().list().await.unwrap()[0].uuid, network.uuid);
}

#[tokio::test(start_paused = true)]
async fn a_known_rejection_is_final_even_with_status_500() {
    let (simulator, elastis) = start().await;
    let networks = elastis.networks();
    let network = networks.create("front").await.unwrap().uuid;
    for (message, is_gone) in
        [("Default network cannot be deleted.", false), ("Network uuid is invalid.", true)]
    {
        let body = json!({
            "timestamp": 1_661_990_594_355_u64,
            "status": 500,
            "error": "Internal Server Error",
            "message": message,
            "path": format!("/network/{network}"),
        });
        let sent = simulator.count("network.delete");
        simulator.fail("network.delete", Fault::response(500, body.to_string()));
        let error = networks.delete(network).await.unwrap_err();
        assert_eq!(simulator.count("network.delete"), sent + 1, "{error}");
        assert_eq!((error.is_not_found(), error.is_conflict()), (is_gone, !is_gone), "{error}");
        assert!(!error.is_outcome_unknown() && !error.is_retryable(), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_response_to_a_deletion_may_be_about_anything() {
    let (simulator, elastis) = start().await;
    let id = elastis.networks().create("inner").await.unwrap().uuid;
    let task = r#"{"uuid": "145cc106-e067-419a-85fd-333ded30f169"}"#;
    simulator.fail("network.delete", Fault::response(200, task));
    elastis.networks().delete(id).await.unwrap();
}
