//! The search for the result of a create, over real sockets: what is read, and which rows count.

use std::time::Duration;

use http_core::client::{Accepted, Builder, Fit, Marker, Operation, Seek, Transport};
use http_core::recovery::{Certainty, Create, Ensure, Ensured, Recover, Ticket};
use http_core::{Call, ListCall};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::server::{Act, Server};
use crate::{CANARY, CREATE, LIST, READ, Things, builder};

const OTHERS: Operation = Operation::get("thing.others", "/v1/others");
const NAMED: Operation = CREATE.returns_id("id");
const COPY: Operation = Operation::post("thing.copy", "/v1/copies");

#[derive(Serialize, Deserialize)]
pub(crate) struct Wanted<const RESPONSE_NAMES_ROW: bool = true, const REUSES_IDS: bool = false> {
    name: String,
    is_copy: bool,
    marker: Option<Marker>,
}

impl<const RESPONSE_NAMES_ROW: bool, const REUSES_IDS: bool> Seek for Wanted<RESPONSE_NAMES_ROW, REUSES_IDS> {
    const RESPONSE_NAMES_ROW: bool = RESPONSE_NAMES_ROW;
    const REUSES_IDS: bool = REUSES_IDS;
    type Handle = Transport;
    type Row = Value;
    type Found = Value;

    fn operation(&self) -> Operation {
        if self.is_copy { COPY } else { CREATE }
    }

    fn list(&self, things: &Transport) -> ListCall<Value> {
        things.call(&LIST).list()
    }

    fn id(row: &Value) -> String {
        row["id"].to_string()
    }

    fn fit(&self, row: &Value) -> Fit {
        Fit::new().name(&self.name, row["name"].as_str()).unless(row["is_deleted"] == true)
    }

    fn others(&self, things: &Transport) -> Option<Call<Vec<String>>> {
        Some(things.call(&OTHERS).json())
    }

    fn fetch(&self, things: &Transport, id: &str) -> Call<Value> {
        things.call(&READ).path("id", id).json()
    }

    fn marker(&self) -> Option<&Marker> {
        self.marker.as_ref()
    }

    fn found_id(found: &Value) -> String {
        found["id"].to_string()
    }
}

fn with_marker<const RESPONSE_NAMES_ROW: bool, const REUSES_IDS: bool>(
    client: &Transport,
    marker: Option<Marker>,
) -> Create<Value> {
    let wanted = Wanted::<RESPONSE_NAMES_ROW, REUSES_IDS> { name: "web".into(), is_copy: false, marker };
    Create::new(client.call(&NAMED).json(), client.clone(), wanted, Accepted::Now)
}

pub(crate) fn new<const RESPONSE_NAMES_ROW: bool>(client: &Transport) -> Create<Value> {
    with_marker::<RESPONSE_NAMES_ROW, false>(client, None)
}

pub(crate) fn create(client: &Transport) -> Recover<Value> {
    new::<true>(client).recover()
}

fn find(client: &Transport, ticket: &Ticket) -> Recover<Value> {
    Recover::find::<Wanted>(client.clone(), ticket)
}

pub(crate) const ROW: &str = r#"{"id": 7, "name": "web"}"#;

pub(crate) fn rows() -> Act {
    Act::ok(&format!("[{ROW}]"))
}

async fn client(acts: impl IntoIterator<Item = Act>) -> (Server, Transport) {
    let server = Server::start(acts).await;
    let client = builder(&server.url()).build().unwrap();
    (server, client)
}

fn count(server: &Server, start: &str) -> usize {
    server.received().iter().filter(|request| request.starts_with(start)).count()
}

#[tokio::test(start_paused = true)]
async fn a_list_without_rows_counts_as_empty_only_if_a_second_read_has_none_either() {
    let no_list = ["", " ", "{}", "[", "nul", "false", "0", r#""""#, "<html></html>"];
    let refused = no_list
        .map(|body| vec![body])
        .into_iter()
        .chain(["null", "[]"].into_iter().flat_map(|first| no_list.map(|body| vec![first, body])));
    for bodies in refused {
        let (server, client) = client(bodies.iter().map(|body| Act::ok(body))).await;
        let error = create(&client).await.unwrap_err();
        assert!(!error.may_have_been_sent() && error.to_string().contains("was not sent"), "{error}");
        assert_eq!((server.received().len(), count(&server, "POST")), (bodies.len(), 0), "{bodies:?}");
    }
    for (bodies, before) in [
        (["null", "null"], 0),
        (["null", "[]"], 0),
        (["[]", "null"], 0),
        (["[]", "[ ]"], 0),
        (["\nnull ", r#"[{"id": 1}]"#], 1),
        (["[]", r#"[{"id": 1}]"#], 1),
    ] {
        let (server, client) = client(bodies.map(Act::ok).into_iter().chain([Act::ok(ROW)])).await;
        let started = tokio::time::Instant::now();
        let noted = create(&client).note().await.unwrap();
        assert!(started.elapsed() >= Duration::from_secs(2), "the reads are not one after the other");
        let ticket = serde_json::to_value(noted.ticket()).unwrap();
        assert_eq!(ticket["before"].as_array().map(Vec::len), Some(before), "{ticket}");
        assert_eq!(noted.await.unwrap().certainty, Certainty::Confirmed);
        assert_eq!(count(&server, "POST"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_row_that_fits_is_not_the_result_while_the_ids_of_others_are_unknown() {
    for (others, is_found, message) in [
        (Act::ok("[]"), true, ""),
        (Act::ok(r#"["8"]"#), true, ""),
        (Act::ok(r#"["7"]"#), false, "the search found no result"),
        (Act::response(500, "", "no"), false, "1 row in the list could not be checked"),
        (Act::ok("null"), false, "1 row in the list could not be checked"),
    ] {
        let mut acts = vec![Act::ok("[]"), Act::ok("[]"), Act::CloseAfterReading];
        // Two reads that agree, and the resource itself.
        acts.extend([rows(), others.clone(), rows(), others.clone(), Act::ok(ROW)]);
        if !is_found {
            acts.pop();
            acts.extend([rows(), others.clone()].into_iter().cycle().take(20));
        }
        let (_server, client) = client(acts).await;
        match create(&client).search_for(Duration::from_secs(9)).await {
            Ok(created) => assert!(is_found && created.certainty == Certainty::Likely, "{others:?}"),
            Err(error) => {
                assert!(!is_found && error.to_string().contains(message), "{others:?}: {error}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_resource_that_is_listed_twice_counts_once() {
    let other = r#"{"id": 7, "name": "other"}"#;
    for (first, second) in [(ROW, ROW), (ROW, other), (other, ROW)] {
        let twice = Act::ok(&format!("[{first}, {second}]"));
        let read = [twice.clone(), Act::ok("[]")];
        let search = [read.clone(), read].concat().into_iter().chain([Act::ok(ROW)]);
        let noted = [Act::ok("[]"), Act::ok("[]"), Act::CloseAfterReading];
        let (_server, lost) = client(noted.into_iter().chain(search)).await;
        assert_eq!(create(&lost).await.unwrap().certainty, Certainty::Likely, "{first} {second}");
        let (_server, client) = client([twice, Act::ok(ROW)]).await;
        let ensured = Ensure::new(Some("web"), new::<true>(&client)).await.unwrap();
        assert!(matches!(ensured, Ensured::Existed { differs, .. } if differs.is_empty()));
    }
}

/// Records a create, and returns its ticket without sending the create.
async fn ticket(client: &Transport) -> Ticket {
    create(client).note().await.unwrap().ticket().clone()
}

#[tokio::test(start_paused = true)]
async fn a_ticket_of_another_account_accepts_only_a_certain_result() {
    for (key, is_found) in [(CANARY, true), ("other", false)] {
        let search =
            [rows(), Act::ok("[]"), rows(), Act::ok("[]"), if is_found { Act::ok(ROW) } else { rows() }];
        let (server, own) = client([Act::ok("[]"), Act::ok("[]")].into_iter().chain(search)).await;
        let ticket = ticket(&own).await;
        let other = Builder::new(server.url(), "test", Ok(Things { key }), |transport| transport);
        let other = other.no_proxy().build().unwrap();
        let found = find(&other, &ticket).search_for(Duration::from_secs(4)).await;
        assert_eq!(found.map(|found| found.certainty).ok(), is_found.then_some(Certainty::Likely), "{key}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_ticket_finds_only_results_of_its_own_operation() {
    let (_server, client) = client([Act::ok("[]"), Act::ok("[]")]).await;
    let ticket = ticket(&client).await;
    let mut other = serde_json::to_value(&ticket).unwrap();
    other["wanted"]["is_copy"] = true.into();
    let other: Ticket = serde_json::from_value(other).unwrap();
    let error = find(&client, &other).await.unwrap_err();
    assert!(error.is_invalid_argument() && error.to_string().contains("thing.create"), "{error}");
    let error = find(&client, &ticket).search_for(Duration::from_millis(1)).await.unwrap_err();
    assert!(!error.is_invalid_argument(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn two_searches_of_one_client_do_not_return_the_same_row() {
    let search = [rows(), Act::ok("[]"), rows(), Act::ok("[]"), Act::ok(ROW)];
    let (_server, client) = client(vec![Act::ok("[]"); 4].into_iter().chain(search).chain([rows()])).await;
    let (first, second) = (ticket(&client).await, ticket(&client).await);
    find(&client, &first).search_for(Duration::from_secs(9)).await.unwrap();
    let error = find(&client, &second).search_for(Duration::from_secs(9)).await.unwrap_err();
    assert!(error.candidates().is_empty(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_id_in_a_lost_response_identifies_a_row_only_if_it_is_the_id_of_a_row() {
    let lost =
        Act::Write(b"HTTP/1.1 201 Created\r\ncontent-length: 99\r\n\r\n{\"id\": 7, \"name\": ".to_vec());
    let read = [rows(), Act::ok("[]")];
    let acts = |reads| {
        let noted = [Act::ok("[]"), Act::ok("[]"), lost.clone()];
        noted.into_iter().chain(vec![read.clone(); reads].concat()).chain([Act::ok(ROW)])
    };
    let (_server, named) = client(acts(1)).await;
    assert_eq!(new::<true>(&named).recover().await.unwrap().certainty, Certainty::Certain);
    let (_server, unnamed) = client(acts(2)).await;
    assert_eq!(new::<false>(&unnamed).recover().await.unwrap().certainty, Certainty::Likely);
}

#[tokio::test(start_paused = true)]
async fn a_response_that_shows_an_existing_row_confirms_a_create_only_if_its_id_is_not_that_of_a_row() {
    let acts = || {
        let reads = [rows(), Act::ok("[]")].into_iter().cycle().take(20);
        [rows(), Act::ok(ROW)].into_iter().chain(reads)
    };
    let (_server, named) = client(acts()).await;
    let error = new::<true>(&named).recover().search_for(Duration::from_secs(9)).await.unwrap_err();
    assert!(error.is_outcome_unknown() && error.candidates().is_empty(), "{error}");
    let (_server, unnamed) = client(acts()).await;
    assert_eq!(new::<false>(&unnamed).recover().await.unwrap().certainty, Certainty::Confirmed);
}

#[tokio::test(start_paused = true)]
async fn the_id_of_a_deleted_row_may_be_that_of_the_result_only_if_ids_are_used_again() {
    let acts = || {
        let deleted = Act::ok(r#"[{"id": 7, "name": "web", "is_deleted": true}]"#);
        let reads = [rows(), Act::ok("[]"), rows(), Act::ok("[]"), Act::ok(ROW)];
        [deleted, Act::CloseAfterReading].into_iter().chain(reads)
    };
    let (_server, reusing) = client(acts()).await;
    let created = with_marker::<true, true>(&reusing, None).recover().await.unwrap();
    assert_eq!(created.certainty, Certainty::Likely);
    let (_server, other) = client(acts()).await;
    let error = create(&other).search_for(Duration::from_secs(9)).await.unwrap_err();
    assert!(error.candidates().is_empty(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_response_without_the_text_that_contains_the_marker_confirms_a_create() {
    let (server, client) = client([Act::ok(ROW)]).await;
    let created = with_marker::<true, false>(&client, Some(Marker::random())).recover().await.unwrap();
    assert_eq!((created.certainty, server.received().len()), (Certainty::Confirmed, 1));
}

#[tokio::test(start_paused = true)]
async fn rows_that_echo_a_secret_do_not_show_it_in_the_error_of_a_search() {
    let rows = Act::ok(&format!(r#"[{{"id": "{CANARY}", "name": "web"}}, {{"id": "8", "name": "web"}}]"#));
    let noted = [Act::ok("[]"), Act::ok("[]"), Act::CloseAfterReading];
    let reads = [rows, Act::ok("[]")].into_iter().cycle().take(8);
    let (_server, client) = client(noted.into_iter().chain(reads)).await;
    let error = create(&client).search_for(Duration::from_secs(9)).await.unwrap_err();
    assert_eq!(error.candidates().len(), 2, "{error}");
    assert!(!error.to_string().contains(CANARY), "{error}");
}
