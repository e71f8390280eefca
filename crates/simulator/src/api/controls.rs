//! The controls with their arguments and effects.
#![allow(clippy::unit_arg, reason = "most controls end by saying that a method without a result was called")]

use serde_json::{Value, json};

use super::control::{Control, ControlResult, PREFIX};
use super::openapi;
use super::values::{Arguments, need};
use crate::base::Route;
use crate::control::Simulator;
use crate::inferno::PhpHabits;
use crate::world::log::Received;
use crate::world::providers::routes;

const OPERATION: (&str, &str, bool, &str) =
    ("operation", "string", true, "vm.create, inferno-vps/order.create, elastis/* or *");
const SOME_OPERATION: (&str, &str, bool, &str) =
    ("operation", "string", false, "vm.create, inferno-vps/order.create, elastis/* or *; all unless given");

macro_rules! controls {
    ($($method:literal $path:literal $summary:literal [$($argument:expr),*] $run:expr;)*) => {
        /// All controls.
        pub(super) static CONTROLS: &[Control] = &[$(Control {
            method: $method, path: $path, summary: $summary, arguments: &[$($argument),*], run: $run,
        }),*];
    };
}

controls! {
    "GET" "" "Lists the controls and the credentials" [] |simulator, _| {
        Ok(json!({"controls": directory(), "credentials": credentials(simulator)}))
    };
    "GET" "/health" "Answers while the simulator runs" [] |_, _| Ok(json!({"status": "ok"}));
    "GET" "/openapi.json" "Describes the controls" [] |_, _| Ok(openapi::document(CONTROLS));
    "GET" "/credentials" "Lists every credential that a client may need" [] |simulator, _| Ok(credentials(simulator));
    "GET" "/routes" "Lists the operations that are served" [] |_, _| Ok(all_routes());

    "GET" "/requests" "Lists the latest requests, oldest first" [SOME_OPERATION] requests;
    "GET" "/requests/count" "Counts the requests" [SOME_OPERATION] |simulator, given| {
        let operation = given.text("operation")?.unwrap_or_else(|| "*".to_owned());
        Ok(json!({"count": simulator.count(&operation)}))
    };
    "DELETE" "/requests" "Forgets the requests" [] |simulator, _| done(simulator.clear_requests());

    "POST" "/faults" "Lets the next requests for an operation fail" [
        OPERATION,
        ("kind", "string", false, "the kind of one fault, with its time, status, retry_after, body, bytes or until"),
        ("faults", "array", false, "several faults for as many requests in turn: objects, or kinds"),
        ("times", "integer", false, "how often the fault, or the whole sequence, is repeated; 1 unless given"),
        ("standing", "boolean", false, "repeats it until it is removed"),
        ("time", "string", false, "latency, slow-processing: how long, such as 500ms or 40s"),
        ("status", "integer", false, "status, html: the HTTP status"),
        ("retry_after", "string", false, "status: the header Retry-After"),
        ("body", "string", false, "status: the body, a text or JSON"),
        ("bytes", "integer", false, "oversized-body: how large"),
        ("until", "string", false, "reset-then-processed: when, such as 40s or 3reads")
    ] add_faults;
    "GET" "/faults" "Lists the operations with planned faults that have not all occurred" [] |simulator, _| {
        Ok(json!({"unmet": simulator.unmet_faults()}))
    };
    "DELETE" "/faults" "Removes all faults, or the one with this id" [
        ("id", "integer", false, "what adding it returned")
    ] |simulator, given| done(match given.whole("id")? {
        Some(id) => simulator.plan(id).end(),
        None => simulator.clear_faults(),
    });
    "PUT" "/latency" "Delays every response" [("time", "string", true, "how long, such as 250ms")] |simulator, given| {
        done(simulator.set_latency(need("time", given.duration("time"))?))
    };

    "GET" "/boot" "Returns how long state changes take" [] |simulator, _| {
        Ok(json!({"boot": simulator.clock().boot().to_string()}))
    };
    "PUT" "/boot" "Sets how long state changes take" [
        ("boot", "string", true, "at-once, a time such as 40s, or a number of reads such as 3reads")
    ] |simulator, given| done(simulator.set_boot(need("boot", given.boot("boot"))?));
    "GET" "/clock" "Returns the providers' current time" [] |simulator, _| Ok(time(simulator));
    "POST" "/clock/advance" "Moves the clock forward" [
        ("time", "string", true, "how far, such as 90s, 5m, 2h or 30d")
    ] |simulator, given| {
        simulator.clock().advance(need("time", given.duration("time"))?);
        Ok(time(simulator))
    };
    "POST" "/clock/freeze" "Stops the clock" [] |simulator, _| {
        simulator.clock().freeze();
        Ok(time(simulator))
    };
    "POST" "/clock/run" "Starts the clock again" [] |simulator, _| {
        simulator.clock().run();
        Ok(time(simulator))
    };

    "POST" "/disguises" "Hides what an operation creates, or changes its fields, for a while or permanently" [
        OPERATION,
        ("hidden", "boolean", false, "hides it everywhere until then"),
        ("fields", "object", false, "the values that it shows until then, or permanently"),
        ("until", "string", false, "a time such as 40s, or a number of reads such as 3reads")
    ] |simulator, given| done(simulator.disguise(&given.operation()?, given.disguise()?));
    "DELETE" "/disguises" "Ends the disguises for what the operation creates from now on" [OPERATION] |simulator, given| {
        done(simulator.clear_disguises(&given.operation()?))
    };
    "POST" "/injections" "Performs an operation as another client before or after the next request for an operation" [
        OPERATION,
        ("moment", "string", true, "before or after"),
        ("foreign", "string", false, "the other client's operation; by default it repeats the same request"),
        ("arguments", "object", false, "its arguments, under the provider's names")
    ] |simulator, given| {
        let (moment, operation) = (given.moment()?, given.operation()?);
        match given.text("foreign")? {
            Some(foreign) => simulator.inject(moment, &operation, &foreign, &given.object("arguments")?.into()),
            None => simulator.twin(moment, &operation),
        }
        done(())
    };
    "GET" "/injections" "Lists the responses to injected operations" [] |simulator, _| {
        let response = |(status, body): (u16, Value)| json!({"status": status, "body": body});
        Ok(simulator.injected().into_iter().map(response).collect())
    };
    "POST" "/perform" "Performs an operation as another client of the same account" [
        OPERATION,
        ("arguments", "object", false, "its arguments, under the provider's names; location chooses a location")
    ] |simulator, given| {
        let (status, body) = simulator.perform(&given.operation()?, &given.object("arguments")?.into());
        Ok(json!({"status": status, "body": body}))
    };
    "GET" "/books" "Returns what was ever created, and what is billed now" [] books;

    "POST" "/payments/inferno" "Pays an order of Inferno" [("order_id", "integer", true, "the order")] |simulator, given| {
        found(simulator.inferno().pay_order(need("order_id", given.whole("order_id"))?), "no order with this id waits for payment")
    };
    "PUT" "/payments/inferno" "Sets Inferno's balance, and whether it pays new orders" [
        ("balance", "string", false, "in EUR, such as 100.00"),
        ("pays_from_balance", "boolean", false, "whether new orders are paid from it immediately")
    ] |simulator, given| {
        if let Some(balance) = given.amount("balance")? {
            simulator.inferno().set_balance(balance);
        }
        done(if let Some(pays) = given.flag("pays_from_balance")? {
            simulator.inferno().set_pays_from_balance(pays);
        })
    };
    "POST" "/payments/leaderssl" "Pays an order of LeaderSSL" [("order_id", "integer", true, "the order")] |simulator, given| {
        let order = need("order_id", given.whole("order_id"))?;
        found(simulator.leaderssl().pay_order(order), "no order with this id waits for payment")
    };
    "PUT" "/payments/leaderssl" "Sets whether LeaderSSL's orders wait for their payment" [
        ("awaits_payment", "boolean", true, "whether they do")
    ] |simulator, given| {
        let awaits = need("awaits_payment", given.flag("awaits_payment"))?;
        done(simulator.leaderssl().set_awaits_payment(awaits))
    };
    "POST" "/payments/elastis" "Adds credit to a billing account of elastis" [
        ("billing_account_id", "integer", true, "the account"),
        ("amount", "string", true, "in EUR, such as 25.00")
    ] |simulator, given| {
        let account = need("billing_account_id", given.whole("billing_account_id"))?;
        let amount = need("amount", given.amount("amount"))?;
        found(simulator.elastis().add_credit(account, amount), "no billing account has this id")
    };

    "PUT" "/clones" "Sets whether a cloned VM of elastis gets a public address" [
        ("with_address", "boolean", true, "whether it does")
    ] |simulator, given| {
        let with_address = need("with_address", given.flag("with_address"))?;
        done(simulator.elastis().set_clones_with_address(with_address))
    };
    "POST" "/sessions/expire" "Ends every session of LeaderSSL" [] |simulator, _| {
        done(simulator.leaderssl().expire_sessions())
    };
    "PUT" "/failures/leaderssl" "Sets the HTTP status of LeaderSSL's failures" [
        ("status", "integer", true, "200 at first")
    ] |simulator, given| {
        done(simulator.leaderssl().set_failure_status(need("status", given.status("status"))?))
    };
    "PUT" "/whitelist" "Sets whether Inferno refuses the client's address" [
        ("refused", "boolean", true, "whether it does")
    ] |simulator, given| {
        done(simulator.inferno().set_address_refused(need("refused", given.flag("refused"))?))
    };
    "POST" "/objects" "Uploads objects to a bucket" [
        ("bucket", "string", true, "its name"),
        ("objects", "integer", true, "how many"),
        ("bytes", "integer", true, "how large in all")
    ] |simulator, given| {
        let bucket = need("bucket", given.text("bucket"))?;
        let (objects, bytes) = (need("objects", given.whole("objects"))?, need("bytes", given.whole("bytes"))?);
        found(simulator.elastis().put_objects(&bucket, objects, bytes), "no bucket has this name")
    };
    "DELETE" "/objects" "Empties a bucket" [("bucket", "string", true, "its name")] |simulator, given| {
        let bucket = need("bucket", given.text("bucket"))?;
        found(simulator.elastis().empty_bucket(&bucket), "no bucket has this name")
    };
    "GET" "/php" "Lists the ways in which PHP may change Inferno's responses" [] |_, _| Ok(json!(PhpHabits::default()));
    "PUT" "/php" "Sets how PHP changes Inferno's responses" [
        ("habits", "object", true, "the settings that differ from what GET returns")
    ] |simulator, given| {
        let habits = serde_json::from_value(given.object("habits")?.into()).map_err(|error| error.to_string())?;
        done(simulator.inferno().set_habits(habits))
    };

    "POST" "/reset" "Restores the initial state" [] |simulator, _| done(simulator.reset());
    "POST" "/seed" "Restores the initial state with other ids" [("seed", "integer", true, "what ids are drawn from")] |simulator, given| {
        done(simulator.seed(need("seed", given.whole("seed"))?))
    };
}

#[expect(clippy::unnecessary_wraps, reason = "the end of most controls, which have one signature")]
fn done((): ()) -> ControlResult {
    Ok(json!({"done": true}))
}

fn found(found: bool, otherwise: &str) -> ControlResult {
    if found { done(()) } else { Err(otherwise.to_owned()) }
}

fn time(simulator: &Simulator) -> Value {
    json!({"now": simulator.clock().now()})
}

fn credentials(simulator: &Simulator) -> Value {
    let (gpu, inferno, elastis) = (simulator.leaderssl(), simulator.inferno(), simulator.elastis());
    json!({
        "leaderssl-gpu": {"base_url": gpu.base_url, "login": gpu.login, "password": gpu.password},
        "inferno-vps": {
            "base_url": inferno.base_url, "cid": inferno.cid, "key": inferno.key, "email": inferno.email,
            "password": inferno.password,
        },
        "elastis": {
            "base_url": elastis.base_url, "key": elastis.key, "billing_accounts": elastis.billing_accounts,
        },
    })
}

fn all_routes() -> Value {
    let row = |(provider, route): (&str, Route)| {
        json!({
            "provider": provider, "operation": route.operation, "method": route.method, "path": route.path,
            "location_scoped": route.location_scoped,
        })
    };
    routes().into_iter().map(row).collect()
}

fn requests(simulator: &Simulator, given: &Arguments) -> ControlResult {
    let operation = given.text("operation")?.unwrap_or_else(|| "*".to_owned());
    let is_asked_for =
        |request: &Received| crate::base::router::names(&operation, request.provider, request.operation);
    let row = |request: Received| {
        let headers: serde_json::Map<_, _> = request
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()))
            .collect();
        json!({
            "provider": request.provider,
            "operation": request.operation,
            "method": request.method.as_str(),
            "path": request.path,
            "query": request.query,
            "headers": headers,
            "body": String::from_utf8_lossy(&request.body),
            "processed": request.processed,
            "status": request.status,
            "altered": request.altered,
        })
    };
    Ok(simulator.requests().into_iter().filter(is_asked_for).map(row).collect())
}

fn add_faults(simulator: &Simulator, given: &Arguments) -> ControlResult {
    let (operation, faults) = (given.operation()?, given.faults()?);
    let (times, standing) = (given.whole("times")?, given.flag("standing")?.unwrap_or(false));
    let mut plan = simulator.fail(&operation, faults);
    if let Some(times) = times {
        plan = plan.times(times);
    }
    if standing {
        plan = plan.standing();
    }
    Ok(json!({"id": plan.id()}))
}

#[expect(clippy::unnecessary_wraps, reason = "all controls have one signature")]
fn books(simulator: &Simulator, _: &Arguments) -> ControlResult {
    let books = simulator.books();
    let billed = books.billed.iter().map(|billed| {
        json!({
            "provider": billed.provider, "kind": billed.kind, "id": billed.id, "name": billed.name,
            "since": billed.since,
        })
    });
    Ok(json!({"created": books.created, "billed": billed.collect::<Value>()}))
}

/// Returns every control with what it does.
pub(super) fn directory() -> Value {
    let line =
        |control: &Control| format!("{} {PREFIX}{}: {}", control.method, control.path, control.summary);
    CONTROLS.iter().map(line).collect()
}
