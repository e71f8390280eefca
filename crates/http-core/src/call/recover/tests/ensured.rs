//! Tests of calls that return the resource with a name, or create it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::super::{Certainty, Ensured};
use super::{Client, Fate, LOST, OK, World, ids};

#[tokio::test(start_paused = true)]
async fn ensure_returns_the_resource_with_the_name_or_creates_it() {
    let client = Client::default();
    let ensure = |fate: Fate| client.ensure("web", fate);
    let Ensured::Created(created) = ensure(LOST).await.unwrap() else { panic!("there was none") };
    assert_eq!(created.certainty, Certainty::Likely);
    client.world.change(1, |thing| thing.size = Some(2));
    let Ensured::Existed { value, differs } = ensure(OK).await.unwrap() else { panic!("there was one") };
    assert_eq!((value.id, differs), (1, vec!["size"]));
    client.world.create(None, "web", "", Duration::ZERO);
    let error = ensure(OK).await.unwrap_err();
    assert!(error.is_conflict() && error.candidates().len() == 2, "{error}");
}

#[tokio::test(start_paused = true)]
async fn only_two_resources_that_fit_are_a_conflict() {
    let hidden = Duration::from_secs(90);
    for (others, candidates) in [(0, 0), (2, 2)] {
        let client = Client::default();
        let ensure = client.ensure("web", Fate { hidden, ..LOST }).into_future();
        let world = client.world.clone();
        let other_program = async move {
            sleep(Duration::from_millis(1)).await;
            for _ in 0..others {
                world.create(None, "web", "", Duration::ZERO);
            }
        };
        let (result, ()) = tokio::join!(ensure, other_program);
        let error = result.unwrap_err();
        assert!(error.is_outcome_unknown() && ids(&error).len() == candidates, "{error}");
        assert_eq!(error.is_conflict(), candidates == 2, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn ensure_buys_nothing_if_the_name_exists_in_another_letter_case() {
    for existing in [&["web"][..], &["WEB"], &["web", "WEB"], &[" wEb "]] {
        let client = Client::default();
        for name in existing {
            client.world.create(None, name, "", Duration::ZERO);
        }
        let error = client.ensure("Web", OK).await.unwrap_err();
        assert!(error.is_conflict() && !error.is_outcome_unknown(), "{error}");
        assert_eq!(ids(&error).len(), existing.len(), "{error}");
        assert!(client.world.created_by(0).is_empty(), "{existing:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_programs_that_ensure_one_name_get_one_resource_or_a_conflict() {
    // The provider lists the other program's resource either immediately or after a delay.
    for hidden in [Duration::ZERO, Duration::from_millis(200)] {
        for second_starts in [0, 5, 50, 150, 250, 400] {
            let world = Arc::new(World::default());
            let ensure = |call: usize, delay: u64| {
                let client = Client { world: world.clone(), ..Client::default() };
                let fate = Fate { call, processed: Some(Duration::from_millis(20)), hidden, ..OK };
                async move {
                    sleep(Duration::from_millis(delay)).await;
                    client.ensure("web", fate).await
                }
            };
            let (one, two) = tokio::join!(ensure(0, 0), ensure(1, second_starts));
            let created = world.things.lock().unwrap().len();
            match (one, two) {
                (Ok(one), Ok(two)) if created == 1 => assert_eq!(one.into_value().id, two.into_value().id),
                // Neither program saw the other's resource.
                (Ok(one), Ok(two)) => {
                    assert!(!hidden.is_zero() && one.into_value().id != two.into_value().id);
                }
                (Err(error), _) | (_, Err(error)) => assert_eq!(error.candidates().len(), 2, "{error}"),
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn tasks_of_one_client_that_ensure_one_name_create_it_once() {
    let slow = Fate { processed: Some(Duration::from_millis(20)), ..OK };
    for (second, marked) in
        [("web", [false, false]), ("web", [true, true]), ("web", [false, true]), (" web", [false; 2])]
    {
        let client = Client::default();
        let ensure =
            |name, call| client.ensure(name, Fate { call, marked: marked[call], ..slow }).into_future();
        let (one, two) = tokio::join!(ensure("web", 0), ensure(second, 1));
        assert_eq!(one.unwrap().into_value().id, two.unwrap().into_value().id, "{second:?} {marked:?}");
        assert_eq!(client.world.things.lock().unwrap().len(), 1, "{second:?} {marked:?}");
    }
    let client = Client::default();
    let (one, two) =
        tokio::join!(client.ensure("web", slow).into_future(), client.ensure("WEB", slow).into_future());
    assert!(one.is_ok() && two.unwrap_err().is_conflict(), "a provider may change the letter case");
    assert_eq!(client.world.things.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_ensure_waits_for_an_identical_create() {
    let client = Client::default();
    let slow = Fate { processed: Some(Duration::from_millis(20)), ..LOST };
    let create = client.create("web", slow).into_future();
    let (created, ensured) =
        tokio::join!(create, client.ensure("web", Fate { call: 1, ..slow }).into_future());
    assert_eq!(created.unwrap().value.id, ensured.unwrap().into_value().id);
}
