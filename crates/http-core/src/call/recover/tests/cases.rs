//! Tests of single create requests.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::StatusCode;
use tokio::time::{Instant, sleep};

use super::super::plan::{Plan, Sending};
use super::super::{Accepted, Certainty, Recover};
use super::{Client, Fate, LOST, OK, Thing, ids, lost, plan};
use crate::error::response::{ErrorResponse, ErrorResponseKind};
use crate::error::{Error, ErrorKind};
use crate::wire::response::BoxFuture;

#[tokio::test(start_paused = true)]
async fn a_response_confirms_a_create_without_a_read() {
    let client = Client::default();
    let created = client.create("web", OK).await.unwrap();
    assert_eq!((created.value.id, created.certainty), (1, Certainty::Confirmed));
    assert_eq!(client.world.reads.load(Ordering::Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn a_lost_create_is_likely_without_a_marker_and_certain_with_one() {
    for (marked, certainty) in [(false, Certainty::Likely), (true, Certainty::Certain)] {
        let client = Client::default();
        client.world.create(None, "web", "", Duration::ZERO);
        let created = client.create("web", Fate { marked, ..LOST }).await.unwrap();
        assert_eq!((created.value.by, created.certainty), (Some(0), certainty));
    }
}

#[tokio::test(start_paused = true)]
async fn a_resource_that_appears_late_or_is_processed_late_is_found() {
    let late = Duration::from_secs(40);
    for fate in [Fate { hidden: late, ..LOST }, Fate { processed: Some(late), ..LOST }] {
        assert_eq!(Client::default().create("web", fate).await.unwrap().value.by, Some(0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_result_that_was_not_seen_may_exist_and_its_ticket_finds_it() {
    let client = Client::default();
    let error = client.create("web", Fate { hidden: Duration::from_secs(90), ..LOST }).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Unrecovered && error.is_outcome_unknown() && ids(&error).is_empty());
    let text = error.to_string();
    assert!(
        text.starts_with("connection reset; the search found no result") && text.contains("may still appear"),
        "{text}"
    );
    assert!(std::error::Error::source(&error).unwrap().to_string().starts_with("connection reset"));
    assert_eq!(error.attempts(), 3, "the attempts of the create");
    sleep(Duration::from_secs(60)).await;
    assert_eq!(client.find(error.ticket().unwrap()).await.unwrap().value.by, Some(0));
}

#[tokio::test(start_paused = true)]
async fn two_candidates_are_both_reported_and_none_is_accepted() {
    let client = Client::default();
    let noted = client.create("web", LOST).note().await.unwrap();
    client.world.create(None, "web", "", Duration::ZERO);
    let error = noted.await.unwrap_err();
    assert_eq!(ids(&error), ["1", "2"]);
    assert!(error.to_string().contains("2 new resources may be the result: 1, 2"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn one_of_two_candidates_is_the_result_if_the_next_read_excludes_the_other() {
    let client = Client::default();
    let noted = client.create("web", LOST).note().await.unwrap();
    let other = client.world.create(None, "web", "", Duration::ZERO).id;
    let world = client.world.clone();
    let rename = async move {
        sleep(Duration::from_secs(1)).await;
        world.change(other, |thing| thing.size = Some(2));
    };
    let (result, ()) = tokio::join!(noted.into_future(), rename);
    let found = result.map(|created| (created.value.by, created.certainty)).unwrap();
    assert_eq!(found, (Some(0), Certainty::Likely));
}

#[tokio::test(start_paused = true)]
async fn an_id_of_a_row_that_echoes_a_secret_is_not_shown() {
    let client = Client { secret: "1, 2", ..Client::default() };
    let noted = client.create("web", LOST).note().await.unwrap();
    client.world.create(None, "web", "", Duration::ZERO);
    let error = noted.await.unwrap_err();
    assert!(error.to_string().contains("2 new resources may be the result: …"), "{error}");
    let error = client.ensure("web", OK).await.unwrap_err();
    assert!(error.is_conflict() && !error.to_string().contains("1, 2"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_likely_result_is_rejected_if_only_certain_ones_are_accepted() {
    let error = Client::default().create("web", LOST).only_certain().await.unwrap_err();
    assert_eq!(ids(&error), ["1"]);
    assert!(
        error.to_string().contains("only 1 is new and matches the request, but another program"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_resource_that_appears_at_the_very_end_is_a_candidate() {
    let client = Client::default();
    let fate = Fate { hidden: Duration::from_millis(29_500), ..LOST };
    let error = client.create("web", fate).search_for(Duration::from_secs(30)).await.unwrap_err();
    assert_eq!(ids(&error), ["1"]);
}

#[tokio::test(start_paused = true)]
async fn a_renamed_resource_is_reported_and_not_accepted() {
    let client = Client::default();
    let noted = client.create("web", LOST).note().await.unwrap();
    let world = client.world.clone();
    let rename = async move {
        sleep(Duration::from_millis(1)).await;
        world.change(1, |thing| thing.name = "web(1)".into());
    };
    let (result, ()) = tokio::join!(noted.into_future(), rename);
    let error = result.unwrap_err();
    assert_eq!(error.candidates()[0].to_string(), "1 (differs in name)");
    let closest = "no new resource matches the request; the closest are 1 (differs in name)";
    assert!(error.to_string().contains(closest), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_marked_resource_is_found_in_another_letter_case_unless_it_may_be_a_copy() {
    for (name, unreadable, copies, is_found) in [
        ("WEB", 0, false, true),
        (" Web\n", 0, false, true),
        ("WEB", 1, false, false),
        ("WEB", 0, true, false),
        (" web ", 1, true, true),
        ("web(1)", 0, false, false),
        ("", 0, false, false),
    ] {
        let client = Client { unreadable, ..Client::default() };
        let fate = Fate { marked: true, ..LOST };
        let noted = client.create("web", fate).search_for(Duration::from_secs(9)).note().await.unwrap();
        let world = client.world.clone();
        let rename = async move {
            sleep(Duration::from_millis(1)).await;
            world.change(1, |thing| thing.name = name.into());
            let text = world.created_by(0)[0].text.clone();
            if copies {
                world.create(None, "copy", &text, Duration::ZERO);
            }
        };
        let (result, ()) = tokio::join!(noted.into_future(), rename);
        let found = result.map(|created| (created.value.by, created.certainty)).ok();
        assert_eq!(found, is_found.then_some((Some(0), Certainty::Certain)), "{name} {unreadable} {copies}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_resource_that_is_being_built_is_found_and_read_once_it_can_be() {
    let client = Client::default();
    let noted = client.create("web", Fate { marked: true, ..LOST }).note().await.unwrap();
    let (world, ready) = (client.world.clone(), Instant::now() + Duration::from_secs(20));
    let build = async move {
        sleep(Duration::from_millis(1)).await;
        world.change(1, |thing| (thing.size, thing.built) = (None, ready));
    };
    let (result, ()) = tokio::join!(noted.into_future(), build);
    assert_eq!(result.unwrap().value.by, Some(0));

    let client = Client::default();
    let noted = client.create("web", LOST).search_for(Duration::from_secs(9)).note().await.unwrap();
    let (world, ready) = (client.world.clone(), Instant::now() + Duration::from_secs(20));
    let build = async move {
        sleep(Duration::from_millis(1)).await;
        world.change(1, |thing| thing.built = ready);
    };
    let (result, ()) = tokio::join!(noted.into_future(), build);
    let error = result.unwrap_err();
    assert_eq!((error.created_id(), ids(&error)), (Some("1"), vec!["1"]));
    assert!(error.to_string().contains("1 was created, but cannot be read: no size"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_id_from_an_invalid_response_is_certain() {
    // The response may write the id in another way than the list.
    for zeros in ["", "00"] {
        let client = Client::default();
        let (wanted, world) = (client.wanted("web", false), client.world.clone());
        client.world.create(None, "web", "", Duration::from_millis(1));
        let send = move |_| -> BoxFuture<'static, Result<Accepted<Thing>, Error>> {
            let id = format!("{zeros}{}", world.create(Some(0), "web", "", Duration::ZERO).id);
            Box::pin(async { Err(lost().with_created_id(Some(id))) })
        };
        let created = Recover(Ok(plan(wanted, Box::new(send)))).await.unwrap();
        assert_eq!((created.value.by, created.certainty), (Some(0), Certainty::Certain));
    }
}

#[tokio::test(start_paused = true)]
async fn no_other_row_is_the_result_if_an_invalid_response_names_a_new_id() {
    for hidden in [0, 20, 90].map(Duration::from_secs) {
        let client = Client::default();
        let (wanted, world) = (client.wanted("web", false), client.world.clone());
        let send = move |_| -> BoxFuture<'static, Result<Accepted<Thing>, Error>> {
            world.create(None, "web", "", Duration::ZERO);
            let id = world.create(Some(0), "web", "", hidden).id.to_string();
            Box::pin(async { Err(lost().with_created_id(Some(id))) })
        };
        let created = Recover(Ok(plan(wanted, Box::new(send)))).await;
        let created = match created {
            Err(error) if hidden.as_secs() == 90 => {
                assert_eq!((error.created_id(), ids(&error)), (Some("2"), vec!["1"]));
                let text =
                    "connection reset; the response names the new resource, but the list did not show it";
                assert!(error.to_string().starts_with(text), "{error}");
                assert!(error.to_string().contains("the closest are 1"), "{error}");
                let ticket = serde_json::to_string(error.ticket().unwrap()).unwrap();
                let ticket = serde_json::from_str(&ticket).unwrap();
                let error = client.find(&ticket).search_for(Duration::from_secs(9)).await.unwrap_err();
                assert_eq!(error.created_id(), Some("2"));
                client.find(&ticket).search_for(hidden).await
            }
            created => created,
        };
        let created = created.unwrap();
        assert_eq!((created.value.by, created.certainty), (Some(0), Certainty::Certain), "{hidden:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_id_in_an_invalid_response_is_no_proof_if_the_resource_is_deleted_or_lacks_the_marker() {
    for (marked, is_deleted) in [(true, false), (false, true)] {
        let client = Client::default();
        let (wanted, world) = (client.wanted("web", marked), client.world.clone());
        let marker = wanted.marker.as_ref().map(ToString::to_string).unwrap_or_default();
        let send = move |_| -> BoxFuture<'static, Result<Accepted<Thing>, Error>> {
            let other = world.create(None, "web", "", Duration::ZERO).id;
            world.change(other, |thing| thing.is_deleted = is_deleted);
            world.create(Some(0), "web", &marker, Duration::from_secs(20));
            Box::pin(async move { Err(lost().with_created_id(Some(other.to_string()))) })
        };
        let created = Recover(Ok(plan(wanted, Box::new(send)))).await;
        // Without a marker, the response leaves it unclear which resource is the result.
        let by = created.map(|created| created.value.by).map_err(|error| ids(&error).len());
        assert_eq!(by, if marked { Ok(Some(0)) } else { Err(1) });
    }
}

#[tokio::test(start_paused = true)]
async fn a_response_that_shows_an_existing_resource_confirms_nothing() {
    let client = Client::default();
    let (wanted, world) = (client.wanted("web", false), client.world.clone());
    let old = client.world.create(None, "web", "", Duration::ZERO);
    let send = move |_| -> BoxFuture<'static, Result<Accepted<Thing>, Error>> {
        world.create(Some(0), "web", "", Duration::from_secs(20));
        Box::pin(async { Ok(Accepted::Now(old)) })
    };
    let created = Recover(Ok(plan(wanted, Box::new(send)))).await.unwrap();
    assert_eq!((created.value.by, created.certainty), (Some(0), Certainty::Likely));
}

#[tokio::test(start_paused = true)]
async fn an_existing_resource_in_a_response_is_not_reported_as_created() {
    let client = Client::default();
    let old = client.world.create(None, "web", "", Duration::ZERO);
    let send = move |_| -> BoxFuture<'static, Result<Accepted<Thing>, Error>> {
        Box::pin(async { Ok(Accepted::Now(old)) })
    };
    let error = Recover(Ok(plan(client.wanted("web", false), Box::new(send)))).await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap().downcast_ref::<Error>().unwrap();
    assert!(source.message().contains("shows another resource"), "{source}");
    assert_eq!((error.created_id(), source.created_id()), (None, None));
}

#[tokio::test(start_paused = true)]
async fn an_id_that_is_used_again_is_found_unless_it_may_be_that_of_an_earlier_create() {
    let minute = Duration::from_secs(60);
    for (reuses_ids, appears_within, is_found) in
        [(true, Duration::ZERO, true), (true, minute, false), (false, Duration::ZERO, false)]
    {
        let client = Client { reuses_ids, appears_within: Some(appears_within), ..Client::default() };
        let earlier = client.create("web", OK).await.unwrap().value.id;
        client.world.change(earlier, |thing| thing.is_deleted = true);
        let (wanted, world) = (client.wanted("web", false), client.world.clone());
        let send = move |_| -> BoxFuture<'static, Result<Accepted<Thing>, Error>> {
            world.change(earlier, |thing| thing.is_deleted = false);
            Box::pin(async { Err(lost()) })
        };
        let created = Recover(Ok(plan(wanted, Box::new(send)))).search_for(minute).await;
        assert_eq!(created.is_ok(), is_found, "{reuses_ids} {appears_within:?}: {created:?}");
    }
}

/// The list may show a resource so late that a create that is sent after its own does not see that it existed.
#[tokio::test(start_paused = true)]
async fn the_result_of_an_earlier_create_is_never_that_of_a_later_one_if_ids_are_not_used_again() {
    let client = Client { appears_within: Some(Duration::ZERO), ..Client::default() };
    client.create("web", Fate { hidden: Duration::from_secs(5), ..OK }).await.unwrap();
    let later = client.create("web", Fate { processed: None, ..LOST }).search_for(Duration::from_secs(60));
    let error = later.await.unwrap_err();
    assert!(ids(&error).is_empty(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_resource_that_was_not_deleted_is_never_the_result_even_if_ids_are_used_again() {
    let client = Client { reuses_ids: true, ..Client::default() };
    client.world.create(None, "web", "", Duration::ZERO);
    let error = client.create("web", Fate { processed: None, ..LOST }).await.unwrap_err();
    assert!(ids(&error).is_empty(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_id_that_existed_before_is_never_the_result() {
    let client = Client::default();
    let (wanted, world) = (client.wanted("web", false), client.world.clone());
    let old = client.world.create(None, "web", "", Duration::ZERO).id.to_string();
    let send = move |_| -> BoxFuture<'static, Result<Accepted<Thing>, Error>> {
        world.create(Some(0), "web", "", Duration::ZERO);
        Box::pin(async { Err(lost().with_created_id(Some(old))) })
    };
    let created = Recover(Ok(plan(wanted, Box::new(send)))).await.unwrap();
    assert_eq!((created.value.by, created.certainty), (Some(0), Certainty::Likely));
}

#[tokio::test(start_paused = true)]
async fn error_responses_and_unsent_requests_are_returned_unchanged() {
    let rejected = Error::from_response(ErrorResponse::new(StatusCode::CONFLICT, "no quota"), 409);
    for error in [rejected, Error::new(ErrorKind::Connect, "no route")] {
        let (client, text) = (Client::default(), error.to_string());
        let send =
            move |_| -> BoxFuture<'static, Result<Accepted<Thing>, Error>> { Box::pin(async { Err(error) }) };
        let got = Recover(Ok(plan(client.wanted("web", false), Box::new(send)))).await.unwrap_err();
        assert_eq!((got.to_string(), got.ticket()), (text, None));
        assert_eq!(client.world.reads.load(Ordering::Relaxed), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn only_permanent_failures_of_reads_end_the_search() {
    let temporary = |number: usize| (number % 3 != 2).then(|| Error::new(ErrorKind::Decode, "a web page"));
    let client = Client { fault: Some(temporary), ..Client::default() };
    assert_eq!(client.create("web", LOST).await.unwrap().value.by, Some(0));

    let page = |number: usize| {
        let page = ErrorResponse::unrecognized(StatusCode::BAD_REQUEST, "a web page");
        (number < 3).then(|| Error::from_response(page, 400))
    };
    let client = Client { fault: Some(page), ..Client::default() };
    assert_eq!(client.create("web", LOST).await.unwrap().value.by, Some(0));

    let rejected: [fn(usize) -> Option<Error>; 3] = [
        |_| Some(Error::from_response(ErrorResponse::new(StatusCode::UNAUTHORIZED, "not for you"), 401)),
        |_| Some(Error::from_response(ErrorResponse::new(StatusCode::FORBIDDEN, "not for you"), 403)),
        |_| {
            let error = ErrorResponse::new(StatusCode::NOT_FOUND, "not for you");
            Some(Error::from_response(error.with_kind(ErrorResponseKind::UnknownUrl), 404))
        },
    ];
    for rejected in rejected {
        let client = Client { fault: Some(rejected), ..Client::default() };
        let error = client.create("web", LOST).await.unwrap_err();
        assert!(error.to_string().contains("the search for the result failed: not for you"), "{error}");
        assert_eq!(client.world.reads.load(Ordering::Relaxed), 2, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_search_waits_as_long_as_the_provider_asks() {
    let limited = |number: usize| {
        let response = ErrorResponse::new(StatusCode::TOO_MANY_REQUESTS, "slow down");
        let asked = Some(Duration::from_secs(40));
        (number < 1).then(|| Error::from_response(response, 429).with_retry_after(asked))
    };
    let (client, start) = (Client { fault: Some(limited), ..Client::default() }, Instant::now());
    client.create("web", LOST).await.unwrap();
    assert!((40..45).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_row_without_an_id_prevents_a_create_and_a_likely_result() {
    let client = Client { unreadable: 1, ..Client::default() };
    let error = client.create("web", LOST).await.unwrap_err();
    assert!(!error.may_have_been_sent() && client.world.created_by(0).is_empty(), "{error}");

    let noted = Client::default().create("web", LOST).note().await.unwrap();
    let ticket = noted.ticket().clone();
    client.world.create(Some(0), "web", "", Duration::ZERO);
    let error = client.find(&ticket).await.unwrap_err();
    assert_eq!(ids(&error), ["1"]);
    assert!(error.to_string().contains("1 row in the list could not be checked"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_row_with_a_blank_id_is_not_the_result_until_it_has_an_id() {
    for (marked, was_there) in [(false, false), (true, false), (false, true)] {
        let client = Client::default();
        if was_there {
            client.world.create(None, "web", "", Duration::ZERO);
            client.world.change(1, |thing| thing.is_unnamed = true);
        }
        let noted = client.create("web", Fate { marked, ..LOST }).note().await.unwrap();
        let (world, id) = (client.world.clone(), 1 + usize::from(was_there));
        let name = async move {
            sleep(Duration::from_millis(1)).await;
            world.change(id, |thing| thing.is_unnamed = !was_there);
            sleep(Duration::from_secs(20)).await;
            world.change(id, |thing| thing.is_unnamed = false);
        };
        let (result, ()) = tokio::join!(noted.into_future(), name);
        assert_eq!(result.unwrap().value.id, id, "{marked} {was_there}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_row_with_a_blank_id_prevents_a_likely_result() {
    let client = Client::default();
    let noted = client.create("web", LOST).search_for(Duration::from_secs(9)).note().await.unwrap();
    // Created by another program; the row with the blank id is the result.
    client.world.create(None, "web", "", Duration::ZERO);
    let world = client.world.clone();
    let blank = async move {
        sleep(Duration::from_millis(1)).await;
        world.change(2, |thing| thing.is_unnamed = true);
    };
    let (result, ()) = tokio::join!(noted.into_future(), blank);
    let error = result.unwrap_err();
    assert!(error.to_string().contains("1 row in the list could not be checked"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_outcome_of_a_confirmed_create_that_is_not_found_is_unknown() {
    let client = Client::default();
    let send: Sending<Thing> = Box::new(|_| Box::pin(async { Ok(Accepted::unnamed(())) }));
    let error = Recover(Ok(plan(client.wanted("web", false), send))).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Unrecovered && error.is_outcome_unknown(), "{error:?}");
    assert!(error.to_string().starts_with("the provider confirmed the create, but the search"), "{error}");
    client.world.create(None, "web", "", Duration::ZERO);
    assert_eq!(client.find(error.ticket().unwrap()).await.unwrap().value.id, 1);
}

#[tokio::test(start_paused = true)]
async fn a_confirmed_create_accepts_no_likely_row_if_another_is_invalid() {
    for unreadable in [0, 1] {
        let world = Client::default();
        let noted = world.create("web", OK).note().await.unwrap();
        let mut wanted = world.wanted("web", false);
        Arc::get_mut(&mut wanted).unwrap().client.unreadable = unreadable;
        let send: Sending<Thing> = Box::new(|_| Box::pin(async { Ok(Accepted::unnamed(())) }));
        let plan = Plan { ticket: Some(noted.ticket().clone()), ..plan(wanted, send) };
        // Created by another program; the invalid row is the result.
        world.world.create(None, "web", "", Duration::ZERO);
        let created = Recover(Ok(plan)).await;
        assert_eq!(created.is_ok(), unreadable == 0, "{created:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn with_other_credentials_only_a_certain_result_is_accepted() {
    for marked in [false, true] {
        let client = Client::default();
        let noted = client.create("web", Fate { marked, ..LOST }).note().await.unwrap();
        let ticket = noted.ticket().clone();
        noted.await.unwrap();
        let other = Client { account: 1, ledger: Arc::default(), ..client };
        assert_eq!(other.find(&ticket).await.is_ok(), marked);
    }
}

#[tokio::test(start_paused = true)]
async fn the_ticket_finds_the_result_of_a_dropped_future() {
    for millis in [0, 1, 50, 100, 5000] {
        let client = Client::default();
        let fate =
            Fate { processed: Some(Duration::from_millis(50)), ends: Duration::from_millis(100), ..LOST };
        let noted = client.create("web", fate).note().await.unwrap();
        let ticket = noted.ticket().clone();
        let dropped = tokio::time::timeout(Duration::from_millis(millis), noted.into_future()).await;
        drop(dropped);
        assert_eq!(client.find(&ticket).await.unwrap().value.by, Some(0), "{millis}");
        assert_eq!(client.find(&ticket).await.unwrap().value.by, Some(0), "{millis}, again");
        assert_eq!(client.world.created_by(0).len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn equal_creates_of_one_client_never_return_the_same_resource() {
    let client = Client::default();
    let creates = (0..8).map(|call| {
        let fate = Fate { call, lost: call % 2 == 0, ..OK };
        tokio::spawn(client.create("web", fate).into_future())
    });
    for (call, create) in creates.collect::<Vec<_>>().into_iter().enumerate() {
        assert_eq!(create.await.unwrap().unwrap().value.by, Some(call));
    }
}

#[tokio::test(start_paused = true)]
async fn the_total_timeout_reserves_a_quarter_for_the_search() {
    let client = Client::default();
    let (wanted, world) = (client.wanted("web", false), client.world.clone());
    let send = move |limit: Option<Duration>| -> BoxFuture<'static, Result<Accepted<Thing>, Error>> {
        Box::pin(async move {
            world.create(Some(0), "web", "", Duration::ZERO);
            sleep(limit.unwrap()).await;
            Err(lost())
        })
    };
    let started = Instant::now();
    let created = Recover(Ok(plan(wanted, Box::new(send)))).timeout(Duration::from_secs(40)).await.unwrap();
    assert_eq!(created.certainty, Certainty::Likely);
    assert!((30..40).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_earlier_of_both_limits_ends_a_search() {
    let limits = [(10, 1_200, 10), (1_200, 40, 40)];
    for (search_for, timeout, expected) in limits {
        let client = Client::default();
        let started = Instant::now();
        let create = client.create("web", Fate { processed: None, ..LOST });
        let create = create.search_for(Duration::from_secs(search_for)).timeout(Duration::from_secs(timeout));
        let error = create.await.unwrap_err();
        let rest = Duration::from_secs(expected).checked_sub(started.elapsed());
        assert!(rest.is_some_and(|rest| rest < Duration::from_millis(500)), "{rest:?}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_total_timeout_includes_the_time_before_a_noted_create_is_sent() {
    let client = Client::default();
    let note = || client.create("web", LOST).timeout(Duration::from_secs(60)).note().into_future();
    let noted = note().await.unwrap();
    sleep(Duration::from_secs(45)).await;
    let error = noted.await.unwrap_err();
    assert!(error.is_timeout() && !error.may_have_been_sent(), "{error}");
    let noted = note().await.unwrap();
    sleep(Duration::from_secs(44)).await;
    assert_eq!(noted.await.unwrap().value.by, Some(0));
    assert_eq!(client.world.created_by(0).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_search_reads_every_2_to_15_seconds_until_shortly_before_its_end() {
    let client = Client::default();
    let search = client.create("web", Fate { processed: None, ..LOST }).search_for(Duration::from_secs(600));
    let mut search = std::pin::pin!(search.into_future());
    let (mut reads, mut last, started) = (0, Instant::now(), Instant::now());
    while started.elapsed() < Duration::from_secs(580) {
        let _ = tokio::time::timeout(Duration::from_millis(10), search.as_mut()).await;
        let now = client.world.reads.load(Ordering::Relaxed);
        if now > reads {
            let delay = last.elapsed().as_secs_f64();
            assert!(reads == 0 || (1.98..15.02).contains(&delay), "{delay} s before read {now}");
            (reads, last) = (now, Instant::now());
        }
    }
    assert!(reads > 40, "{reads}");
}
