//! Tests of tickets and markers.

use std::time::{Duration, SystemTime};

use tokio::time::sleep;

use super::super::{Certainty, Recover};
use super::{CREATE, Client, Fate, LOST, OK, Thing};
use crate::error::Error;

#[tokio::test(start_paused = true)]
async fn a_ticket_that_does_not_belong_to_the_client_is_recognized_before_anything_is_sent() {
    let client = Client::default();
    let noted = client.create("web", OK).note().await.unwrap();
    let find = |account| Client { account, ..client.clone() }.find(noted.ticket());
    find(0).check_same_client().unwrap();
    find(1).check().unwrap();
    let error = find(1).check_same_client().unwrap_err();
    assert!(error.is_invalid_argument() && error.to_string().contains("other credentials"), "{error}");
    let elsewhere = Recover::<Thing>(Err(Error::invalid_argument("another location")));
    for checked in [elsewhere.check(), elsewhere.check_same_client()] {
        assert_eq!(checked.unwrap_err().message(), "another location");
    }
}

/// A provider may issue the id of a deleted resource again.
#[tokio::test(start_paused = true)]
async fn an_id_claimed_before_the_create_was_noted_may_be_the_certain_result() {
    let client = Client::default();
    for id in ["0", "1"] {
        assert!(client.ledger.take(CREATE.name(), id, "another create", SystemTime::UNIX_EPOCH));
    }
    let created = client.create("web", Fate { marked: true, ..LOST }).await.unwrap();
    assert_eq!((created.value.by, created.certainty), (Some(0), Certainty::Certain));
}

#[tokio::test(start_paused = true)]
async fn rows_without_the_marker_are_no_copies() {
    let client = Client::default();
    client.world.create(None, "db", "", Duration::ZERO);
    let noted = client.create("web", Fate { marked: true, ..LOST }).note().await.unwrap();
    let world = client.world.clone();
    let rename = async move {
        sleep(Duration::from_millis(1)).await;
        world.change(world.created_by(0)[0].id, |thing| thing.name = "WEB".into());
    };
    let (result, ()) = tokio::join!(noted.into_future(), rename);
    let created = result.unwrap();
    assert_eq!((created.value.by, created.certainty), (Some(0), Certainty::Certain));
}
