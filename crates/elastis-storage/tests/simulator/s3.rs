//! Tests of addresses and keys for S3 clients.

use elastis_storage::http_core::http::Response;
use elastis_storage::http_core::{ErrorKind, ExposeSecret};
use elastis_storage::recovery::Certainty;
use elastis_storage::{ElastisStorage, NewBucket};
use hostkit_simulator::{Fault, Moment};

use crate::{accounts, start};

#[tokio::test]
async fn the_first_bucket_sets_up_object_storage() {
    let (simulator, elastis) = start().await;
    assert_eq!(elastis.s3().endpoint().await.unwrap().address(), None);
    assert!(elastis.s3().keys().list().await.unwrap_err().is_not_found());
    assert!(elastis.s3().keys().generate().await.unwrap_err().is_not_found());
    let bucket = NewBucket::new("photos").with_billing_account(accounts(&simulator)[0]);
    elastis.buckets().create(bucket).await.unwrap();
    assert!(elastis.s3().endpoint().await.unwrap().address().is_some());
    assert_eq!(elastis.s3().keys().list().await.unwrap().len(), 1);
}

#[test]
fn a_created_key_pair_must_be_in_the_response() {
    for body in ["", "null", "[]", r#"[["declined"]]"#, r#"["declined"]"#] {
        let keys = elastis_core::Elastis::new("key").unwrap().s3().keys();
        let error = keys.create().finish(Response::new(body.into())).unwrap_err();
        assert!(error.kind() == ErrorKind::Decode && error.is_outcome_unknown(), "{body:?}: {error}");
    }
}

#[tokio::test]
async fn credentials_sets_up_object_storage_and_stays_the_same() {
    let (_simulator, elastis) = start().await;
    let first = elastis.s3().credentials().await.unwrap();
    assert!(first.endpoint.starts_with("https://"), "{}", first.endpoint);
    let again = elastis.s3().credentials().await.unwrap();
    assert_eq!(first.access_key, again.access_key);
    assert_eq!(first.secret_key.expose_secret(), again.secret_key.expose_secret());
}

#[tokio::test]
async fn the_error_of_credentials_names_what_is_missing() {
    let (simulator, elastis) = start().await;
    let s3 = elastis.s3();
    let mut errors = Vec::new();
    simulator.fail("s3.endpoint", Fault::response(200, r#"{"url": "/"}"#));
    errors.push((s3.credentials().await.unwrap_err(), "create a bucket"));
    simulator.fail("s3_user.get", Fault::response(404, r#"{"message": "Storage account not found."}"#));
    errors.push((s3.credentials().await.unwrap_err(), "create a bucket"));
    for key in s3.keys().list().await.unwrap() {
        s3.keys().delete(key.access_key).await.unwrap();
    }
    errors.push((s3.credentials().await.unwrap_err(), "s3().keys().generate()"));
    for (error, advice) in errors {
        assert!(error.is_not_found() && error.to_string().contains(advice), "{error}");
    }
}

#[tokio::test]
async fn a_key_is_replaced_by_a_new_one() {
    let (_simulator, elastis) = start().await;
    let keys = elastis.s3().keys();
    let old = elastis.s3().user().await.unwrap().s3_credentials.remove(0);
    let new = keys.generate().await.unwrap().value;
    assert_ne!(old.access_key, new.access_key);
    assert_eq!(keys.create().await.unwrap().len(), 3);
    keys.delete(old.access_key.clone()).await.unwrap();
    let left = keys.list().await.unwrap();
    assert_eq!(left.len(), 2);
    assert!(left.iter().any(|key| key.access_key == new.access_key));
    assert!(keys.delete(old.access_key).await.unwrap_err().is_not_found());
}

#[tokio::test(start_paused = true)]
async fn a_key_of_another_program_is_a_candidate_but_is_not_returned() {
    let (simulator, elastis) = start().await;
    elastis.s3().user().await.unwrap();
    simulator.twin(Moment::Before, "s3_key.create");
    let error = elastis.s3().keys().generate().await.unwrap_err();
    assert_eq!(error.candidates().len(), 2, "{error}");
    assert!(error.may_have_been_sent());
}

#[tokio::test(start_paused = true)]
async fn a_key_whose_response_is_lost_is_found_and_created_once() {
    let (simulator, elastis) = start().await;
    let keys = elastis.s3().keys();
    let old = elastis.s3().user().await.unwrap().s3_credentials.remove(0);
    simulator.fail("s3_key.create", Fault::ResetAfter);
    let created = keys.generate().await.unwrap();
    assert_eq!(created.certainty, Certainty::Likely);
    assert_ne!(created.value.access_key, old.access_key);
    assert_eq!((simulator.count("s3_key.create"), keys.list().await.unwrap().len()), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn concurrent_create_requests_of_one_client_return_different_keys() {
    let (_simulator, elastis) = start().await;
    elastis.s3().user().await.unwrap();
    let keys = elastis.s3().keys();
    let (one, two) = tokio::join!(keys.generate().into_future(), keys.generate().into_future());
    assert_ne!(one.unwrap().value.access_key, two.unwrap().value.access_key);
}

#[tokio::test]
async fn no_secret_key_appears_in_debug_output_or_serialized_models() {
    let (simulator, elastis) = start().await;
    let s3 = elastis.s3();
    let user = s3.user().await.unwrap();
    let credentials = s3.credentials().await.unwrap();
    let keys = s3.keys().create().await.unwrap();
    let key = s3.keys().generate().await.unwrap().value;
    let words = format!(
        "{s3:?} {user:?} {credentials:?} {keys:?} {key:?} {}",
        serde_json::to_string(&(&user, &keys, &key)).unwrap()
    );
    let every = s3.keys().list().await.unwrap();
    assert_eq!(every.len(), 3);
    for key in every {
        assert!(words.contains(key.access_key.as_str()));
        assert!(!words.contains(key.secret_key.as_ref().unwrap().expose_secret()), "a secret key is shown");
    }
    assert!(simulator.requests().iter().all(|request| request.query.is_empty()));
}
