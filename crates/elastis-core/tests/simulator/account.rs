use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use elastis_core::{Elastis, InLocation, NewToken, ProfileUpdate, TokenUpdate, VmUpdate};
use hostkit_simulator::Fault;
use http_core::client::Method;
use http_core::http::Response;
use http_core::{ErrorKind, ExposeSecret, RetryPolicy};

use super::{ACCOUNT, OTHER_ACCOUNT, client, last_body, new_vm, start, vm};

#[tokio::test]
async fn a_new_token_grants_access_until_it_is_deleted() {
    let (simulator, elastis) = start().await;
    let token = elastis.tokens().create(NewToken::new("job")).recover().await.unwrap().value;
    assert_eq!((token.description.as_deref(), token.restricted), (Some("job"), false));
    let secret = token.token.as_ref().unwrap().expose_secret();
    let shown = format!("{token:?} {}", serde_json::to_string(&token).unwrap());
    assert!(!shown.contains(secret), "{shown}");
    let job = client(&simulator, secret);
    job.vms().list().await.unwrap();
    elastis.tokens().delete(token.id).await.unwrap();
    assert!(job.vms().list().await.unwrap_err().is_unauthorized());
    assert_eq!(elastis.tokens().list().await.unwrap().len(), 1);
}

#[test]
fn a_created_token_must_be_in_the_response() {
    for body in ["", "null", "[]", " [ ] "] {
        let elastis = Elastis::new("key").unwrap();
        let create = elastis.tokens().create(NewToken::new("job"));
        let error = create.finish(Response::new(body.into())).unwrap_err();
        assert!(error.kind() == ErrorKind::Decode && error.is_outcome_unknown(), "{body:?}: {error}");
    }
}

#[tokio::test]
async fn a_restricted_token_has_access_only_to_its_accounts_resources() {
    let (simulator, elastis) = start().await;
    let foreign = elastis.vms().create(new_vm().with_billing_account(OTHER_ACCOUNT)).await.unwrap();
    let created =
        elastis.tokens().create(NewToken::new("job").restricted_to(ACCOUNT)).recover().await.unwrap();
    let job = client(&simulator, created.value.token.as_ref().unwrap().expose_secret());
    assert!(job.vms().list().await.unwrap().is_empty());
    let error = job.vms().stop(foreign.uuid).await.unwrap_err();
    assert!(error.is_forbidden() && !error.is_unauthorized(), "{error:?}");
    assert_eq!(error.code(), Some("consumer::resource_forbidden"));
    assert!(job.tokens().list().await.unwrap_err().is_forbidden());
    let mut own = new_vm();
    own.billing_account_id = None;
    assert_eq!(job.vms().create(own).await.unwrap().billing_account_id, Some(ACCOUNT));
}

#[tokio::test]
async fn every_update_of_a_token_sets_whether_it_is_restricted() {
    let (simulator, elastis) = start().await;
    let created =
        elastis.tokens().create(NewToken::new("job").restricted_to(ACCOUNT)).recover().await.unwrap();
    let id = created.value.id;
    let token = async || {
        let tokens = elastis.tokens().list().await.unwrap();
        tokens.into_iter().find(|token| token.id == id).unwrap()
    };
    elastis.tokens().update(id, TokenUpdate::restricted().with_description("kept")).await.unwrap();
    assert!(token().await.restricted);
    elastis.tokens().update(id, TokenUpdate::unrestricted()).await.unwrap();
    assert!(!last_body(&simulator).contains("restricted"), "the provider treats any value as true");
    let freed = token().await;
    assert_eq!((freed.restricted, freed.description.as_deref()), (false, Some("kept")));
    assert_eq!(freed.billing_account_id, Some(ACCOUNT));
}

#[tokio::test]
async fn a_wrong_key_is_unauthorized_and_an_empty_one_is_never_sent() {
    let (simulator, _) = start().await;
    let error = client(&simulator, "guess").user().get().await.unwrap_err();
    assert!(error.is_unauthorized() && error.status().unwrap() == 403, "{error:?}");
    assert_eq!(elastis_core::Elastis::new("").unwrap_err().kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn a_profile_update_keeps_other_fields_and_the_plus_of_a_phone_number() {
    let (_simulator, elastis) = start().await;
    let update = ProfileUpdate::new().with_phone_number("+98 765").with_first_name("Ann & Co");
    elastis.user().update_profile(update).await.unwrap();
    let profile = elastis.user().get().await.unwrap().profile_data.unwrap();
    assert_eq!(profile.phone_number.as_deref(), Some("+98 765"));
    assert_eq!(
        (profile.first_name.as_deref(), profile.last_name.as_deref()),
        (Some("Ann & Co"), Some("Iaas"))
    );
}

#[tokio::test]
async fn an_empty_update_and_an_empty_value_are_errors_and_not_sent() {
    let (simulator, elastis) = start().await;
    let vm = vm(&elastis).await;
    simulator.clear_requests();
    let nothing = elastis.user().update_profile(ProfileUpdate::new()).await.unwrap_err();
    let empty = elastis.user().update_profile(ProfileUpdate::new().with_last_name("")).await.unwrap_err();
    let same = elastis.vms().update(vm.uuid, VmUpdate::new()).await.unwrap_err();
    for error in [nothing, empty, same] {
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error:?}");
    }
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn an_unknown_location_is_an_unknown_url_and_not_a_missing_vm() {
    let (_simulator, elastis) = start().await;
    let vm = vm(&elastis).await;
    let nowhere = elastis.at("xyz09").vms();
    for error in [nowhere.list().await.unwrap_err(), nowhere.get(vm.uuid).optional().await.unwrap_err()] {
        assert!(error.is_unknown_url() && !error.is_not_found(), "{error:?}");
    }
    let elsewhere = elastis.at("bus02").vms().get(vm.uuid);
    assert!(elsewhere.await.unwrap_err().is_not_found());
    assert_eq!(elastis.at("cyc01").vms().get(vm.uuid).await.unwrap().uuid, vm.uuid);
}

#[tokio::test]
async fn an_error_response_contains_the_id_of_its_request() {
    let (_simulator, elastis) = start().await;
    let error = elastis.request(Method::Put, "/v1/user-resource/vm/list").empty().await.unwrap_err();
    assert!(error.is_unknown_url() && error.request_id().is_some(), "{error:?}");
}

#[tokio::test]
async fn in_all_locations_returns_a_result_for_each_location() {
    let (simulator, elastis) = start().await;
    let there = elastis.at("bus02").vms().create(new_vm()).await.unwrap();
    let found = elastis.in_all_locations(|e| e.vms().list()).await.unwrap();
    let slugs: Vec<&str> = found.iter().map(InLocation::slug).collect();
    assert_eq!(slugs, ["cyc01", "bus02"]);
    assert!(found[0].result.as_ref().unwrap().is_empty());
    assert_eq!(found[1].result.as_ref().unwrap()[0].uuid, there.uuid);

    let rows = r#"[{"slug": null, "display_name": "x"}, {"slug": "bus02"}, {"display_name": "y"}]"#;
    simulator.fail("location.list", Fault::response(200, rows));
    let found = elastis.in_all_locations(|e| e.vms().list()).await.unwrap();
    let slugs: Vec<&str> = found.iter().map(InLocation::slug).collect();
    assert_eq!(slugs, ["bus02", "unknown", "unknown"]);
    assert_eq!(found[0].result.as_ref().unwrap()[0].uuid, there.uuid);
    let error = found[1].result.as_ref().unwrap_err();
    assert!(error.kind() == ErrorKind::Decode && error.to_string().contains("row 0"), "{error}");

    simulator.fail("vm.list", Fault::Html(502));
    let found = elastis.in_all_locations(|e| e.vms().list().retry(RetryPolicy::never())).await.unwrap();
    assert_eq!(found.iter().filter(|found| found.result.is_err()).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_location_that_is_listed_twice_is_called_once() {
    let (simulator, elastis) = start().await;
    let rows = r#"[{"slug": "bus02"}, {"slug": "cyc01"}, {"slug": "bus02", "is_default": true}]"#;
    simulator.fail("location.list", Fault::response(200, rows));
    let found = elastis.in_all_locations(|there| there.vms().create(new_vm())).await.unwrap();
    assert_eq!(found.iter().map(InLocation::slug).collect::<Vec<_>>(), ["bus02", "cyc01"]);
    assert!(found.iter().all(|found| found.result.is_ok()));
    assert_eq!(simulator.count("vm.create"), 2);
}

#[tokio::test(start_paused = true)]
async fn concurrent_locations_are_limited_and_results_keep_their_order() {
    let (simulator, elastis) = start().await;
    let slugs = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    let rows = slugs.map(|slug| format!(r#"{{"slug": "{slug}"}}"#)).join(",");
    simulator.fail("location.list", Fault::response(200, format!("[{rows}]")));
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let peak = most.clone();
    let found = elastis.in_all_locations_with(4, move |there| {
        let (running, most) = (running.clone(), most.clone());
        let slug = there.location().unwrap().as_str().to_owned();
        async move {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            // The call in the first location takes longest.
            let delay = Duration::from_secs(u64::from(b'z' - slug.as_bytes()[0]));
            tokio::time::sleep(delay).await;
            running.fetch_sub(1, Ordering::SeqCst);
            Ok(slug)
        }
    });
    let found = found.await.unwrap();
    assert_eq!(found.into_iter().map(|found| found.result.unwrap()).collect::<Vec<_>>(), slugs);
    assert_eq!(peak.load(Ordering::SeqCst), 4);
}

#[tokio::test(start_paused = true)]
async fn twenty_locations_take_only_as_long_as_the_slowest() {
    let (simulator, elastis) = start().await;
    let rows = (0..20).map(|n| format!(r#"{{"slug": "l{n}"}}"#)).collect::<Vec<_>>().join(",");
    simulator.fail("location.list", Fault::response(200, format!("[{rows}]")));
    let started = tokio::time::Instant::now();
    let ask = elastis.in_all_locations(|_: &Elastis| async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok(())
    });
    assert_eq!(ask.await.unwrap().len(), 20);
    assert!(started.elapsed() < Duration::from_millis(100), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_panic_in_one_location_keeps_the_results_of_the_others() {
    let (_simulator, elastis) = start().await;
    let there = |elastis: &Elastis| {
        assert_ne!(elastis.location().unwrap().as_str(), "cyc01", "a bug in the caller");
        elastis.vms().list()
    };
    let found = elastis.in_all_locations(there).await.unwrap();
    let slugs: Vec<&str> = found.iter().map(InLocation::slug).collect();
    assert_eq!(slugs, ["cyc01", "bus02"]);
    let error = found[0].result.as_ref().unwrap_err();
    assert!(error.message().contains("panicked") && !error.is_outcome_unknown(), "{error:?}");
    assert!(found[1].result.as_ref().unwrap().is_empty());
}

#[tokio::test]
async fn a_panic_after_a_change_leaves_the_outcome_of_its_location_unknown() {
    let (_simulator, elastis) = start().await;
    let there = |elastis: &Elastis| {
        let panics = elastis.location().unwrap().as_str() == "cyc01";
        let id = "7dc1a8f2-0b14-4d08-a3f3-6f4c8f0cbd64".parse().unwrap();
        let call = if panics { elastis.vms().stop(id).map(drop) } else { elastis.vms().list().map(drop) };
        async move {
            let result = call.await;
            assert!(!panics, "a bug in the caller");
            result
        }
    };
    let found = elastis.in_all_locations(there).await.unwrap();
    let error = found[0].result.as_ref().unwrap_err();
    assert!(error.is_outcome_unknown() && error.may_have_been_sent(), "{error:?}");
    found[1].result.as_ref().unwrap();
}

#[tokio::test]
async fn pools_and_images_are_listed() {
    let (_simulator, elastis) = start().await;
    let pools = elastis.host_pools().list().await.unwrap();
    assert_eq!(pools.iter().filter(|pool| pool.is_default_designated).count(), 1);
    let all = elastis.images().list().await.unwrap();
    let plain = elastis.images().list_plain_os().await.unwrap();
    let apps = elastis.images().list_app_catalog().await.unwrap();
    assert_eq!(all.len(), plain.len() + apps.len());
    let centos = apps.iter().find(|image| image.os_name == "centos").unwrap();
    assert!(centos.published().count() < centos.versions.len(), "some are no longer offered");
}

#[cfg(feature = "blocking")]
#[tokio::test(flavor = "multi_thread")]
async fn all_locations_are_called_without_a_runtime() {
    let (_simulator, elastis) = start().await;
    let ask = move || elastis.in_all_locations(|e| e.vms().list()).send_blocking();
    let thread = tokio::task::spawn_blocking(|| std::thread::spawn(ask).join().unwrap());
    assert_eq!(thread.await.unwrap().unwrap().len(), 2);
}
