//! Tests of buckets.

use elastis_core::http_core::recovery::{Certainty, Ensured};
use elastis_storage::{Elastis, ElastisStorage, Error, NewBucket};
use hostkit_simulator::Fault;

use crate::{accounts, start};

#[tokio::test]
async fn a_bucket_is_created_read_updated_and_deleted() {
    let (simulator, elastis) = start().await;
    let [account, other] = accounts(&simulator);
    let buckets = elastis.buckets();
    assert!(buckets.list().await.unwrap().is_empty());
    let bucket = buckets.create(NewBucket::new("photos").with_billing_account(account)).await.unwrap();
    assert_eq!((bucket.size_bytes, bucket.num_objects, bucket.is_suspended), (Some(0), Some(0), false));

    assert!(simulator.elastis().put_objects("photos", 5, 3_189_211_059));
    let bucket = buckets.get("photos").await.unwrap();
    assert_eq!((bucket.size_bytes, bucket.num_objects), (Some(3_189_211_059), Some(5)));
    assert_eq!(buckets.update(bucket.name.clone(), other).await.unwrap().billing_account_id, Some(other));
    assert_eq!(buckets.list_paid_by(other).await.unwrap().len(), 1);
    assert!(buckets.list_paid_by(account).await.unwrap().is_empty());

    assert!(buckets.delete(bucket.name.clone()).await.unwrap_err().is_conflict(), "the bucket is not empty");
    assert!(simulator.elastis().empty_bucket("photos"));
    buckets.delete(bucket.name).await.unwrap();
    assert!(buckets.get("photos").optional().await.unwrap().is_none());
}

#[tokio::test]
async fn an_empty_name_is_an_error_and_not_sent() {
    let (simulator, elastis) = start().await;
    let buckets = elastis.buckets();
    let get = buckets.get("").await.unwrap_err();
    for error in [get, buckets.delete("").await.unwrap_err(), buckets.get("").optional().await.unwrap_err()] {
        assert!(error.is_invalid_argument() && !error.is_outcome_unknown(), "{error}");
    }
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn a_taken_name_is_a_conflict() {
    let (simulator, elastis) = start().await;
    let create = |name| {
        let bucket = NewBucket::new(name).with_billing_account(accounts(&simulator)[0]);
        elastis.buckets().create(bucket)
    };
    create("photos").await.unwrap();
    for taken in ["photos", "www"] {
        assert!(create(taken).await.unwrap_err().is_conflict(), "{taken}");
    }
}

#[tokio::test]
async fn an_invalid_name_is_not_sent_and_the_error_names_the_rule() {
    let (simulator, elastis) = start().await;
    for (name, rule) in [("My_Photos", "lower-case letters"), ("", "3 to 63"), ("10.0.0.1", "IP address")] {
        let error = elastis.buckets().create(NewBucket::new(name)).await.unwrap_err();
        assert!(error.is_invalid_argument() && error.to_string().contains(rule), "{error}");
    }
    assert_eq!(simulator.count("bucket.create"), 0);
}

#[tokio::test]
async fn a_bucket_without_a_billing_account_is_an_invalid_argument() {
    let (_simulator, elastis) = start().await;
    let error = elastis.buckets().create(NewBucket::new("photos")).await.unwrap_err();
    assert!(error.is_invalid_argument() && error.code() == Some("billing_account_id"), "{error:?}");
}

#[tokio::test]
async fn no_bucket_is_found_before_object_storage_is_set_up() {
    let (_simulator, elastis) = start().await;
    assert!(elastis.buckets().get("photos").await.unwrap_err().is_not_found());
}

#[tokio::test(start_paused = true)]
async fn a_create_whose_response_is_lost_is_sent_once() {
    let (simulator, elastis) = start().await;
    let buckets = elastis.buckets();
    simulator.fail("bucket.create", Fault::ResetAfter);
    let bucket = NewBucket::new("photos").with_billing_account(accounts(&simulator)[0]);
    let error = buckets.create(bucket).await.unwrap_err();
    assert!(error.is_outcome_unknown() && error.to_string().contains("buckets().get(name)"), "{error}");
    assert_eq!(simulator.count("bucket.create"), 1);
    buckets.get("photos").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_bucket_is_found_by_its_name_when_the_response_is_lost() {
    for fault in [Fault::ResetAfter, Fault::HtmlAfter(504), Fault::TruncatedBody] {
        let (simulator, elastis) = start().await;
        let buckets = elastis.buckets();
        let new = || NewBucket::new("photos").with_billing_account(accounts(&simulator)[0]);
        // A name is free again after its bucket was deleted.
        for round in 1..=2 {
            simulator.fail("bucket.create", fault.clone());
            let noted = buckets.create(new()).recover().note().await.unwrap();
            let ticket = noted.ticket().clone();
            assert_eq!(noted.await.unwrap().certainty, Certainty::Certain, "{fault:?}, round {round}");
            assert_eq!(buckets.find_created(&ticket).await.unwrap().value.name.as_str(), "photos");
            assert_eq!(simulator.count("bucket.create"), round, "{fault:?}");
            buckets.delete("photos").await.unwrap();
        }
        simulator.fail("bucket.create", Fault::ResetBefore);
        assert!(buckets.create(new()).recover().await.unwrap_err().is_outcome_unknown());
    }
}

#[tokio::test(start_paused = true)]
async fn a_bucket_whose_name_is_written_like_an_existing_number_or_uuid_is_found() {
    let uuid = "3d91aa31-16ec-4d44-8d09-1cf3ff1e7fb6";
    for (old, name) in [("0123", "123"), ("123", "0123"), (uuid, &uuid.replace('-', ""))] {
        let (simulator, elastis) = start().await;
        let buckets = elastis.buckets();
        let new = |name| NewBucket::new(name).with_billing_account(accounts(&simulator)[0]);
        buckets.create(new(old)).recover().await.unwrap();
        simulator.fail("bucket.create", Fault::ResetAfter);
        let created = buckets.create(new(name)).recover().await.unwrap();
        assert_eq!((created.value.name.as_str(), created.certainty), (name, Certainty::Certain));
        buckets.delete(name).await.unwrap();
        let ensured = buckets.ensure(new(name)).await.unwrap();
        assert!(matches!(&ensured, Ensured::Created(it) if it.value.name.as_str() == name), "{ensured:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_programs_that_ensure_a_bucket_concurrently_create_only_one() {
    let (simulator, elastis) = start().await;
    let [account, other] = accounts(&simulator);
    let new = || NewBucket::new("photos").with_billing_account(account);
    // Simulates two programs, each with a client of its own.
    let access = simulator.elastis();
    let second = Elastis::builder(access.key.as_str()).base_url(&access.base_url).no_proxy().build().unwrap();
    let (first, second) = tokio::join!(
        elastis.buckets().ensure(new()).into_future(),
        second.buckets().ensure(new()).into_future()
    );
    let failed = [&first, &second].into_iter().filter_map(|ended| ended.as_ref().err());
    assert!(failed.clone().count() <= 1 && failed.clone().all(Error::is_conflict), "{first:?} {second:?}");
    assert_eq!(simulator.books().created("bucket"), 1);
    match elastis.buckets().ensure(new().with_billing_account(other)).await.unwrap() {
        Ensured::Existed { differs, .. } => assert_eq!(differs, ["billing_account_id"]),
        created => panic!("{created:?}"),
    }
}
