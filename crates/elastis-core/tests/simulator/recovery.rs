//! Tests of create requests whose response is lost in every way that the simulator can simulate.

use std::time::Duration;

use elastis_core::recovery::{Certainty, Created, Ensured};
use elastis_core::{Elastis, Error, NewToken, ReplicaKind, Vm};
use hostkit_simulator::{Boot, Disguise, Fault, Moment, Simulator};
use http_core::ExposeSecret;
use serde_json::json;

use super::{client, new_vm, start};

/// Returns named faults for the create request.
fn faults() -> Vec<(&'static str, Vec<Fault>)> {
    let slow = Duration::from_secs(1_000);
    let once = |fault: Fault| vec![fault];
    let busy = || Fault::retry_after(429, "1");
    vec![
        ("none", Vec::new()),
        ("reset before", once(Fault::ResetBefore)),
        ("reset after", once(Fault::ResetAfter)),
        ("processed later", once(Fault::ResetThenProcessed(Boot::AfterReads(2)))),
        ("500", once(Fault::status(500))),
        ("503", once(Fault::status(503))),
        ("504 after", once(Fault::HtmlAfter(504))),
        ("truncated", once(Fault::TruncatedBody)),
        ("stalled", once(Fault::StalledBody)),
        ("slow response", once(Fault::Latency(slow))),
        ("slow processing", once(Fault::SlowProcessing(slow))),
        ("page 200", once(Fault::Html(200))),
        ("page 502", once(Fault::Html(502))),
        ("challenge", once(Fault::Challenge)),
        ("{}", once(Fault::response(201, "{}"))),
        ("null", once(Fault::response(201, "null"))),
        ("64 MiB", once(Fault::OversizedBody(64 << 20))),
        ("warning", once(Fault::PhpWarning)),
        ("302", once(Fault::status(302))),
        ("409", once(Fault::status(409))),
        ("400", once(Fault::status(400))),
        ("429", once(busy())),
        ("429, then lost", vec![busy(), Fault::ResetAfter]),
        ("429 to the end", vec![busy(), busy(), busy(), busy()]),
    ]
}

/// Returns named faults for the reads that search for the VM.
fn looks() -> Vec<(&'static str, Vec<Fault>)> {
    vec![
        ("good", Vec::new()),
        ("reset", vec![Fault::ResetBefore; 3]),
        ("500", vec![Fault::status(500); 3]),
        ("page", vec![Fault::Html(200); 3]),
        ("truncated", vec![Fault::TruncatedBody; 3]),
        ("429", vec![Fault::retry_after(429, "1"); 3]),
        ("stalled", vec![Fault::StalledBody; 2]),
    ]
}

/// The actions of other clients of the same account.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Others {
    Nothing,
    /// An equal VM already exists.
    Older,
    /// An equal VM is created between `note` and the request, or right after the request.
    Twin(Moment),
    /// A different VM is created between `note` and the request.
    Different,
}

/// One run of the matrix.
struct Run {
    /// The ids of the VMs created by this request.
    made: Vec<String>,
    foreign: Vec<String>,
    result: Result<Created<Vm>, Error>,
}

fn uuid(response: &serde_json::Value) -> String {
    response["uuid"].as_str().unwrap().to_owned()
}

async fn run(simulator: &Simulator, fault: &[Fault], look: &[Fault], others: Others, marked: bool) -> Run {
    let elastis = client(simulator, &simulator.elastis().key);
    let new = json!({"name": "web-1", "os_name": "ubuntu", "os_version": "20.04", "disks": 20, "vcpu": 2, "ram": 2048,
        "username": "example", "password": "Password123", "billing_account_id": 6});
    let mut foreign = Vec::new();
    match others {
        Others::Nothing => {}
        Others::Older => foreign.push(uuid(&simulator.perform("vm.create", &new).1)),
        Others::Twin(moment) => simulator.inject(moment, "vm.create", "vm.create", &new),
        Others::Different => {
            let mut new = new;
            (new["name"], new["vcpu"]) = (json!("db-1"), json!(4));
            simulator.inject(Moment::Before, "vm.create", "vm.create", &new);
        }
    }
    let new = if marked { new_vm().marked() } else { new_vm() };
    let noted = elastis.vms().create(new).recover().note().await.unwrap();
    if !fault.is_empty() {
        simulator.fail("vm.create", fault.to_vec());
    }
    if !look.is_empty() {
        simulator.fail("vm.list", look.to_vec());
    }
    let result = noted.await;
    simulator.clear_faults();
    foreign.extend(simulator.injected().iter().map(|(_, response)| uuid(response)));
    // A slow provider may still process the request.
    tokio::time::sleep(Duration::from_secs(2_000)).await;
    let all = elastis.vms().list().await.unwrap().into_iter().map(|vm| vm.uuid.to_string());
    let made: Vec<_> = all.filter(|id| !foreign.contains(id)).collect();
    assert_eq!(simulator.books().created("vm"), (made.len() + foreign.len()) as u64);
    Run { made, foreign, result }
}

/// The number of runs of a matrix, by outcome.
#[derive(Debug, Default)]
struct Count {
    runs: u32,
    confirmed: u32,
    certain: u32,
    likely: u32,
    foreign: u32,
    candidates: u32,
    not_seen: u32,
    refused: u32,
}

impl Count {
    fn judge(&mut self, case: &str, run: &Run, marked: bool) {
        let Run { made, foreign, result } = run;
        self.runs += 1;
        assert!(made.len() <= 1, "{case}: processed twice");
        match result {
            Ok(Created { value, certainty, .. }) => {
                let id = value.uuid.to_string();
                match certainty {
                    Certainty::Confirmed => self.confirmed += 1,
                    Certainty::Certain => self.certain += 1,
                    _ if foreign.contains(&id) => {
                        // Without a marker, a twin that appears first or alone cannot be distinguished from the VM of
                        // this create.
                        let late =
                            ["processed later", "slow processing"].iter().any(|late| case.starts_with(late));
                        assert!(!marked && (made.is_empty() || late), "{case}: the VM of another client");
                        self.foreign += 1;
                        return;
                    }
                    _ => self.likely += 1,
                }
                assert_eq!(made, &[id], "{case}");
            }
            Err(error) if error.is_outcome_unknown() => {
                let is_named = |id: &String| error.candidates().iter().any(|candidate| candidate.id == *id);
                if made.iter().any(is_named) || (made.is_empty() && !error.candidates().is_empty()) {
                    self.candidates += 1;
                } else {
                    assert!(made.is_empty(), "{case}: {error}");
                    self.not_seen += 1;
                }
                assert!(error.ticket().is_some(), "{case}");
            }
            Err(error) => {
                assert!(made.is_empty(), "{case}: created, but {error}");
                self.refused += 1;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_create_fault_combined_with_every_search_fault() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let mut count = Count::default();
    for (fault, create) in faults() {
        for (look, looks) in looks() {
            for marked in [false, true] {
                simulator.seed(u64::from(count.runs));
                let run = run(&simulator, &create, &looks, Others::Nothing, marked).await;
                let case = format!("{fault}, search {look}, marked {marked}");
                assert!(run.made.is_empty() || run.result.is_ok(), "{case}: {:?}", run.result);
                count.judge(&case, &run, marked);
            }
        }
    }
    println!("{count:?}");
    assert_eq!((count.runs, count.foreign, count.candidates), (336, 0, 0), "{count:?}");
}

#[tokio::test(start_paused = true)]
async fn every_create_fault_alongside_other_clients() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let mut count = Count::default();
    let twins = [Moment::Before, Moment::After].map(Others::Twin);
    for (fault, create) in faults() {
        for others in [Others::Older, Others::Different, twins[0], twins[1]] {
            for marked in [false, true] {
                simulator.seed(u64::from(count.runs));
                let run = run(&simulator, &create, &[], others, marked).await;
                let case = format!("{fault}, {others:?}, marked {marked}");
                if marked || !matches!(others, Others::Twin(_)) {
                    assert!(run.made.is_empty() || run.result.is_ok(), "{case}: {:?}", run.result);
                }
                count.judge(&case, &run, marked);
            }
        }
    }
    println!("{count:?}");
    assert_eq!(count.runs, 192, "{count:?}");
}

#[tokio::test(start_paused = true)]
async fn a_vm_that_appears_late_or_without_values_is_found() {
    let null = json!({"vcpu": null, "memory": null, "storage": [{}]}).as_object().unwrap().clone();
    let disguises = [Disguise::Hidden(Boot::AfterReads(4)), Disguise::Fields(null, Boot::AfterReads(4))];
    for disguise in disguises {
        for (marked, fault) in
            [(true, Fault::ResetAfter), (false, Fault::ResetAfter), (false, Fault::Nothing)]
        {
            let (simulator, elastis) = start().await;
            simulator.disguise("vm.create", disguise.clone());
            simulator.fail("vm.create", fault);
            let new = if marked { new_vm().marked() } else { new_vm() };
            let created = elastis.vms().create(new).recover().await.unwrap();
            assert_eq!((created.value.name.as_str(), simulator.count("vm.create")), ("web-1", 1));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_id_in_an_undecodable_response_is_in_the_error_and_is_certain() {
    let (simulator, elastis) = start().await;
    simulator.fail("vm.create", Fault::PhpWarning);
    let error = elastis.vms().create(new_vm()).await.unwrap_err();
    let id = elastis.vms().list().await.unwrap()[0].uuid.to_string();
    assert_eq!(error.created_id(), Some(id.as_str()), "{error}");
    assert!(error.is_outcome_unknown() && error.to_string().contains(&format!("created id {id}")), "{error}");

    simulator.fail("vm.create", Fault::PhpWarning);
    simulator.twin(Moment::After, "vm.create");
    let created = elastis.vms().create(new_vm()).recover().await.unwrap();
    assert_eq!(created.certainty, Certainty::Certain);
    assert_ne!(created.value.uuid.to_string(), uuid(&simulator.injected()[0].1));
}

#[tokio::test(start_paused = true)]
async fn a_renamed_vm_is_only_a_candidate_because_it_may_be_a_clone() {
    for marked in [false, true] {
        let (simulator, elastis) = start().await;
        let name = json!({"name": "web-1(1)"}).as_object().unwrap().clone();
        simulator.disguise("vm.create", Disguise::Replaced(name));
        simulator.fail("vm.create", Fault::ResetAfter);
        let new = if marked { new_vm().marked() } else { new_vm() };
        let error = elastis.vms().create(new).recover().await.unwrap_err();
        assert_eq!(error.candidates()[0].differs, ["name"], "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_clone_of_a_marked_vm_is_found_and_is_not_its_original() {
    let (simulator, elastis) = start().await;
    let noted = elastis.vms().create(new_vm().marked()).recover().note().await.unwrap();
    let ticket = noted.ticket().clone();
    let original = noted.await.unwrap().value.uuid;
    elastis.vms().stop(original).await.unwrap();
    simulator.fail("vm.clone", Fault::ResetAfter);
    let copy = elastis.vms().clone_vm(original, "copy").recover().await.unwrap();
    assert_eq!((copy.value.name.as_str(), copy.certainty), ("copy", Certainty::Likely));
    assert_eq!(elastis.vms().find_created(&ticket).await.unwrap().value.uuid, original);
    elastis.vms().delete(original).await.unwrap();
    let error = elastis.vms().find_created(&ticket).await.unwrap_err();
    assert_eq!(error.candidates()[0].id, copy.value.uuid.to_string(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn ensure_finds_names_with_and_without_markers() {
    let (simulator, elastis) = start().await;
    let vm = elastis.vms().create(new_vm().marked()).recover().await.unwrap().value.uuid;
    for new in [new_vm(), new_vm().marked()] {
        assert_eq!(elastis.vms().ensure(new).await.unwrap().into_value().uuid, vm);
    }
    let new = || NewToken::new("backup job");
    let token = elastis.tokens().ensure(new().marked()).await.unwrap().into_value().id;
    for new in [new(), new().marked()] {
        assert_eq!(elastis.tokens().ensure(new).await.unwrap().into_value().id, token);
    }
    let sent = simulator.requests().len();
    for new in [NewToken::without_description(), NewToken::new(" ").marked()] {
        assert!(elastis.tokens().ensure(new).await.unwrap_err().is_invalid_argument());
    }
    assert_eq!(simulator.requests().len(), sent, "nothing was sent");
    assert_eq!((simulator.count("vm.create"), simulator.count("token.create")), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_response_without_a_list_does_not_prove_that_nothing_exists() {
    let (simulator, elastis) = start().await;
    elastis.vms().create(new_vm()).await.unwrap();
    for body in ["", " ", "false", r#""""#, "{}", "[", "nul"] {
        for answers in [vec![body], vec!["null", body]] {
            simulator.clear_requests();
            let answers: Vec<_> = answers.into_iter().map(|body| Fault::response(200, body)).collect();
            let plan = simulator.fail("vm.list", answers).standing();
            let ensured = elastis.vms().ensure(new_vm()).await.unwrap_err();
            let recovered = elastis.vms().create(new_vm()).recover().await.unwrap_err();
            for error in [ensured, recovered] {
                assert!(!error.may_have_been_sent() && error.to_string().contains("was not sent"), "{error}");
            }
            assert_eq!(simulator.count("vm.create"), 0, "{body:?}");
            plan.end();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_without_resources_whose_list_is_null_gets_its_first_one() {
    let null = || Fault::response(200, "null");
    let (simulator, elastis) = start().await;
    simulator.fail("vm.list", [null(), null()]);
    let ensured = elastis.vms().ensure(new_vm()).await.unwrap();
    assert!(matches!(ensured, Ensured::Created(_)), "{ensured:?}");
    simulator.fail("vm.list", null());
    let again = elastis.vms().ensure(new_vm()).await.unwrap();
    assert!(matches!(again, Ensured::Existed { .. }), "a second read finds the VM: {again:?}");
    assert_eq!(simulator.count("vm.create"), 1);
}

#[tokio::test(start_paused = true)]
async fn another_process_finds_the_vm_of_a_dropped_future_by_its_ticket() {
    for millis in [0, 100, 300, 600, 900, 2_000] {
        let (simulator, elastis) = start().await;
        simulator.fail("vm.create", Fault::SlowProcessing(Duration::from_millis(500)));
        let noted = elastis.vms().create(new_vm()).recover().note().await.unwrap();
        let stored = serde_json::to_string(noted.ticket()).unwrap();
        assert!(!stored.contains("Password123") && !stored.contains(&*simulator.elastis().key), "{stored}");
        assert_eq!(simulator.count("vm.create"), 0, "nothing is sent before the ticket exists");
        let dropped = tokio::time::timeout(Duration::from_millis(millis), noted.into_future()).await;
        drop(dropped);
        let next_process = client(&simulator, &simulator.elastis().key);
        let ticket = serde_json::from_str(&stored).unwrap();
        let found = next_process.vms().find_created(&ticket).await;
        let sent = simulator.count("vm.create");
        assert_eq!(found.is_ok(), sent == 1, "{millis} ms: {found:?}");
        assert_eq!(simulator.books().created("vm"), sent as u64);
    }
}

#[tokio::test(start_paused = true)]
async fn a_ticket_fails_in_another_location_and_with_another_key_needs_a_marker() {
    let (simulator, elastis) = start().await;
    let ticket = async |new| {
        let noted = elastis.vms().create(new).recover().note().await.unwrap();
        let ticket = noted.ticket().clone();
        noted.await.unwrap();
        ticket
    };
    let (plain, marked) = (ticket(new_vm()).await, ticket(new_vm().marked()).await);
    let error = elastis.at("bus02").vms().find_created(&plain).await.unwrap_err();
    assert!(
        error.is_invalid_argument() && error.to_string().contains("same provider and location"),
        "{error}"
    );
    let created = elastis.tokens().create(NewToken::new("other")).await.unwrap();
    let other = created.tokens.last().unwrap().token.clone().unwrap();
    let other = Elastis::builder(other).base_url(&simulator.elastis().base_url).no_proxy().build().unwrap();
    assert!(other.vms().find_created(&marked).await.is_ok());
    let error = other.vms().find_created(&plain).await.unwrap_err();
    assert!(error.to_string().contains("only a certain result is accepted"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn tokens_that_two_programs_create_at_the_same_time_are_not_confused() {
    for fault in [Fault::Nothing, Fault::ResetAfter, Fault::TruncatedBody, Fault::HtmlAfter(403)] {
        for later in [0, 1, 2_500] {
            let (simulator, one) = start().await;
            let two = client(&simulator, &simulator.elastis().key);
            simulator.fail("token.create", vec![fault.clone(); 2]);
            let create = |elastis: &Elastis, name| {
                elastis.tokens().create(NewToken::new(name).marked()).recover().into_future()
            };
            let (first, second) = tokio::join!(create(&one, "first"), async {
                tokio::time::sleep(Duration::from_millis(later)).await;
                create(&two, "second").await
            });
            let case = format!("{fault:?}, {later} ms later");
            for (created, name) in [(first, "first"), (second, "second")] {
                let token = created.unwrap_or_else(|error| panic!("{case}: {error}")).value;
                assert!(token.description.is_some_and(|text| text.starts_with(name)), "{case}");
                let key = token.token.unwrap();
                client(&simulator, key.expose_secret()).vms().list().await.unwrap();
            }
            assert_eq!(simulator.count("token.create"), 2, "{case}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_reads_an_empty_list_twice_before_it_unless_it_is_marked() {
    for (marked, looks) in [(false, 2), (true, 0)] {
        let (simulator, elastis) = start().await;
        let new = if marked { new_vm().marked() } else { new_vm() };
        let created = elastis.vms().create(new).recover().await.unwrap();
        assert_eq!(created.certainty, Certainty::Confirmed);
        assert_eq!(
            (simulator.count("vm.list"), simulator.count("vm.create"), simulator.count("*")),
            (looks, 1, looks + 1)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_copy_is_found_by_its_name() {
    let (simulator, elastis) = start().await;
    let vm = super::vm(&elastis).await;
    simulator.fail("vm.clone", Fault::ResetAfter);
    let noted = elastis.vms().clone_vm(vm.uuid, "copy").recover().note().await.unwrap();
    let ticket = noted.ticket().clone();
    let copy = noted.await.unwrap();
    assert_eq!((copy.value.name.as_str(), copy.certainty), ("copy", Certainty::Likely));
    assert_eq!(elastis.vms().find_created(&ticket).await.unwrap().value.uuid, copy.value.uuid);
}

#[tokio::test(start_paused = true)]
async fn additions_to_a_vm_are_found_when_the_response_is_lost() {
    for fault in [Fault::ResetAfter, Fault::HtmlAfter(504), Fault::TruncatedBody, Fault::Nothing] {
        let (simulator, elastis) = start().await;
        let vm = super::vm(&elastis).await.uuid;
        for name in ["vm_disk.add", "replica.create", "vm.reserve_public_ip"] {
            simulator.fail(name, fault.clone());
        }
        let noted = elastis.vm_disks().add(vm, 50).recover().note().await.unwrap();
        let ticket = noted.ticket().clone();
        let disk = noted.await.unwrap().value;
        assert_eq!((disk.size, disk.primary), (Some(50), false), "{fault:?}");
        assert_eq!(elastis.vm_disks().find_created(&ticket).await.unwrap().value.uuid, disk.uuid);
        let snapshot = elastis.replicas().create(vm).recover().await.unwrap().value;
        let snapshots = elastis.replicas().list(vm, ReplicaKind::Snapshot).await.unwrap();
        assert_eq!(snapshots.iter().map(|row| &row.uuid).collect::<Vec<_>>(), [&snapshot.uuid]);
        let noted = elastis.vms().reserve_public_ip(vm).recover().note().await.unwrap();
        let ticket = noted.ticket().clone();
        let reserved = noted.await.unwrap();
        assert_eq!(reserved.certainty, Certainty::Certain, "{fault:?}");
        assert_eq!(elastis.vms().find_reserved_ip(&ticket).await.unwrap().value, reserved.value);
        for name in ["vm_disk.add", "replica.create", "vm.reserve_public_ip"] {
            assert_eq!(simulator.count(name), 1, "{name}, {fault:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_addition_that_did_not_happen_is_not_found() {
    let (simulator, elastis) = start().await;
    let vm = super::vm(&elastis).await.uuid;
    // An equal disk that was added earlier must not be returned.
    elastis.vm_disks().add(vm, 50).await.unwrap();
    simulator.fail("vm_disk.add", Fault::ResetBefore);
    simulator.fail("vm.reserve_public_ip", Fault::ResetBefore);
    let error = elastis.vm_disks().add(vm, 50).recover().await.unwrap_err();
    assert!(error.is_outcome_unknown() && error.candidates().is_empty(), "{error}");
    let error = elastis.vms().reserve_public_ip(vm).recover().await.unwrap_err();
    assert!(error.is_outcome_unknown() && error.ticket().is_some(), "{error}");
}
