//! Tests of the resources that an account pays for, and of their usage.

use std::time::Duration;

use elastis_billing::{
    BillingResource, Decimal, Elastis, ElastisBilling, ResourceRef, ResourceType, Unit, VmId,
};
use elastis_core::{Login, NewVm, Os, VmSize};

use crate::{FIRST, FOREIGN, NOBODYS, SECOND, simulated};

const SIZE: VmSize = VmSize::new(2, 2048);

/// Creates a VM with 2 CPUs, 2 GiB of memory and a disk of 20 GiB. The first account pays for it.
pub(crate) async fn create_vm(elastis: &Elastis) -> VmId {
    let (os, login) = (Os::new("ubuntu", "20.04"), Login::new("example", "Password123"));
    let vm = NewVm::from_image("web-1", os, 20, SIZE, login).with_billing_account(FIRST);
    elastis.vms().create(vm).await.unwrap().uuid
}

fn uuids(resources: &[BillingResource]) -> Vec<VmId> {
    resources.iter().map(|resource| VmId::new(resource.uuid.unwrap())).collect()
}

#[tokio::test]
async fn a_vm_is_assigned_to_another_account() {
    let (_simulator, elastis) = simulated().await;
    let vm = create_vm(&elastis).await;
    let resources = elastis.billing_resources();
    let before = resources.list(FIRST).await.unwrap();
    assert_eq!(uuids(&before), [vm]);
    assert_eq!(before[0].billing_account_id, Some(FIRST));
    assert_eq!((before[0].name.as_deref(), before[0].status.as_deref()), (Some("web-1"), Some("running")));
    assert_eq!(before[0].to_vm().unwrap().storage[0].size, Some(20));
    resources.assign(vm, SECOND).await.unwrap();
    assert!(resources.list(FIRST).await.unwrap().is_empty());
    assert_eq!(uuids(&resources.list(SECOND).await.unwrap()), [vm]);
}

#[tokio::test]
async fn each_location_has_its_own_resources() {
    let (_simulator, elastis) = simulated().await;
    let there = elastis.at("bus02");
    let vm = create_vm(&there).await;
    assert!(elastis.billing_resources().list(FIRST).await.unwrap().is_empty());
    assert_eq!(uuids(&there.billing_resources().list(FIRST).await.unwrap()), [vm]);
    assert!(elastis.billing_resources().assign(vm, SECOND).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn assigning_needs_an_existing_resource_and_the_users_own_account() {
    let (_simulator, elastis) = simulated().await;
    let vm = create_vm(&elastis).await;
    let resources = elastis.billing_resources();
    assert!(resources.assign(vm, NOBODYS).await.unwrap_err().is_invalid_argument());
    assert!(resources.assign(vm, FOREIGN).await.unwrap_err().is_forbidden());
    let disk = ResourceRef::new(ResourceType::from("disk"), vm);
    assert!(resources.assign(disk, SECOND).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn resources_are_listed_by_type() {
    let (_simulator, elastis) = simulated().await;
    create_vm(&elastis).await;
    let resources = elastis.billing_resources();
    assert_eq!(resources.list_of(FIRST, ResourceType::Vm).await.unwrap().len(), 1);
    assert!(resources.list_of(FIRST, ResourceType::from("disk")).await.unwrap().is_empty());
    let refused = resources.list_of(FIRST, ResourceType::from("planet")).await.unwrap_err();
    assert!(refused.is_invalid_argument(), "{refused}");
}

#[tokio::test]
async fn usage_cost_is_hours_times_the_price_in_the_policy() {
    let (simulator, elastis) = simulated().await;
    let vm = create_vm(&elastis).await;
    simulator.clock().advance(Duration::from_secs(10 * 3600));
    let used = elastis.usage().list(FIRST).await.unwrap();
    let usage = used.iter().find(|usage| usage.owner_uuid == Some(vm.to_string())).unwrap();
    let policy = elastis.pricing().policy().await.unwrap();
    assert_eq!(usage.price, policy.hourly_cost(SIZE, 20));
    assert_eq!((usage.hours, usage.price_unit.as_ref()), (Some(Decimal::from(10)), Some(&Unit::Hour)));
    assert_eq!(usage.cost, Some(usage.hours.unwrap() * usage.price.unwrap()));
    assert_eq!((usage.configurations[0].cpus, usage.configurations[0].memory_mib), (Some(2), Some(2048)));
    let totals = elastis.billing_accounts().get(FIRST).await.unwrap().running_totals.unwrap();
    let sum = used.iter().filter_map(|usage| usage.cost).sum::<Decimal>();
    assert_eq!(totals.subtotal, Some(sum.round_dp(2)));
}

#[tokio::test]
async fn an_account_that_pays_for_a_vm_cannot_be_deleted() {
    let (_simulator, elastis) = simulated().await;
    let vm = create_vm(&elastis).await;
    elastis.billing_resources().assign(vm, SECOND).await.unwrap();
    let refused = elastis.billing_accounts().delete(SECOND).await.unwrap_err();
    assert!(refused.is_conflict() && refused.message().contains("active resources"), "{refused}");
}
