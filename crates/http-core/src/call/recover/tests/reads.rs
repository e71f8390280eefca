//! Tests of how often a search reads the list, and how its error describes what it found.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::sleep;

use super::super::plan::{Plan, Sending};
use super::super::{Accepted, Certainty, Recover};
use super::{Client, Fate, LOST, OK, Thing, ids, plan};

/// When the provider has processed a create, and the response is still on its way.
const PROCESSED: Duration = Duration::from_millis(1);

fn reads(client: &Client) -> usize {
    client.world.reads.load(Ordering::Relaxed)
}

#[tokio::test(start_paused = true)]
async fn two_reads_must_agree_on_a_result_that_no_response_confirms() {
    for (confirmed, expected) in [(false, 2), (true, 1)] {
        let client = Client::default();
        let noted = client.create("web", Fate { ends: PROCESSED, ..LOST }).note().await.unwrap();
        let created = if confirmed {
            let send: Sending<Thing> = Box::new(|_| Box::pin(async { Ok(Accepted::unnamed(())) }));
            client.world.create(Some(0), "web", "", Duration::ZERO);
            let ticket = Some(noted.ticket().clone());
            Recover(Ok(Plan { ticket, ..plan(client.wanted("web", false), send) })).await
        } else {
            noted.await
        };
        assert_eq!((created.unwrap().certainty, reads(&client)), (Certainty::Likely, expected));
    }
}

#[tokio::test(start_paused = true)]
async fn a_row_that_disappears_between_two_reads_must_be_seen_twice_again() {
    let client = Client::default();
    let noted = client.create("web", Fate { ends: PROCESSED, ..LOST }).note().await.unwrap();
    let world = client.world.clone();
    let rename = async move {
        sleep(Duration::from_secs(1)).await;
        let id = world.created_by(0)[0].id;
        world.change(id, |thing| thing.name = "db".into());
        // After the second read, which follows the first one by 2 to 2.5 seconds, and before the third one.
        sleep(Duration::from_secs(3)).await;
        world.change(id, |thing| thing.name = "web".into());
    };
    let (created, ()) = tokio::join!(noted.into_future(), rename);
    assert_eq!((created.unwrap().certainty, reads(&client)), (Certainty::Likely, 4));
}

#[tokio::test(start_paused = true)]
async fn a_search_ends_when_two_reads_see_several_results() {
    for marked in [false, true] {
        let client = Client::default();
        let noted = client.create("web", Fate { marked, ends: 2 * PROCESSED, ..LOST }).note().await.unwrap();
        let world = client.world.clone();
        let copy = async move {
            sleep(PROCESSED).await;
            let text = world.created_by(0)[0].text.clone();
            world.create(None, "web", &text, Duration::ZERO);
        };
        let (result, ()) = tokio::join!(noted.into_future(), copy);
        let error = result.unwrap_err();
        assert_eq!(ids(&error).len(), 2, "{error}");
        let text = error.to_string();
        assert!(text.contains("2 new resources may be the result"), "{text}");
        assert_eq!(reads(&client), 2);
        assert!(!text.contains("could not be checked") && !text.contains("only a certain"), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_search_for_a_certain_result_continues_beside_a_likely_one() {
    let client = Client::default();
    let create = client.create("web", LOST).only_certain().search_for(Duration::from_secs(30));
    let error = create.await.unwrap_err();
    assert!(reads(&client) > 4 && error.to_string().contains("only a certain result is accepted"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_search_with_a_ticket_does_not_say_that_the_create_was_confirmed() {
    let client = Client::default();
    let noted = client.create("web", OK).note().await.unwrap();
    let error = client.find(noted.ticket()).search_for(Duration::from_secs(9)).await.unwrap_err();
    assert!(error.to_string().starts_with("the search found no result"), "{error}");
}
