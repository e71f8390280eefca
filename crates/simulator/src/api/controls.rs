//! All controls, with their arguments and effects.
#![allow(clippy::unit_arg, reason = "most controls pass the unit result of a method to `done`")]

use serde_json::{Value, json};

use super::control::{Control, ControlResult, PREFIX};
use super::openapi;
use super::values::{Arguments, need};
use crate::base::Route;
use crate::control::Simulator;
use crate::inferno::PhpQuirks;
use crate::world::log::Received;
use crate::world::providers::routes;

const OPERATION: (&str, &str, bool, &str) =
    ("operation", "string", true, "e.g. vm.create, inferno-vps/order.create, elastis/* or *");
const SOME_OPERATION: (&str, &str, bool, &str) = (
    "operation",
    "string",
    false,
    "e.g. vm.create, inferno-vps/order.create, elastis/* or *; all by default",
);

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
    "GET" "/health" "Shows that the simulator is running" [] |_, _| Ok(json!({"status": "ok"}));
    "GET" "/openapi.json" "Returns the OpenAPI document of the control API" [] |_, _| Ok(openapi::document(CONTROLS));
    "GET" "/credentials" "Lists every credential that a client may need" [] |simulator, _| Ok(credentials(simulator));
    "GET" "/routes" "Lists the simulated operations" [] |_, _| Ok(all_routes());

    "GET" "/requests" "Lists the latest requests, oldest first" [SOME_OPERATION] requests;
    "GET" "/requests/count" "Counts the received requests" [SOME_OPERATION] |simulator, given| {
        let operation = given.text("operation")?.unwrap_or_else(|| "*".to_owned());
        Ok(json!({"count": simulator.count(&operation)}))
    };
    "DELETE" "/requests" "Clears the log of received requests" [] |simulator, _| done(simulator.clear_requests());

    "POST" "/faults" "Makes the next requests for an operation fail" [
        OPERATION,
        ("kind", "string", false, "the kind of fault, if there is only one"),
        ("faults", "array", false, "a list of faults, one per request, instead of kind; each is a kind or an object"),
        ("times", "integer", false, "how many times the fault, or the whole sequence, occurs; 1 by default"),
        ("standing", "boolean", false, "repeats the fault until it is removed"),
        ("time", "string", false, "for latency and slow-processing: how long, such as 500ms or 40s"),
        ("status", "integer", false, "for status and html: the HTTP status"),
        ("retry_after", "string", false, "for status: the Retry-After header"),
        ("body", "string", false, "for status and body-after: the body, a string or JSON"),
        ("bytes", "integer", false, "for oversized-body: the size in bytes"),
        ("until", "string", false, "for reset-then-processed: when to process the request, such as 40s or 3reads")
    ] add_faults;
    "GET" "/faults" "Lists the operations whose planned faults have not all occurred" [] |simulator, _| {
        Ok(json!({"unmet": simulator.unmet_faults()}))
    };
    "DELETE" "/faults" "Removes the fault with the given id, or all faults" [
        ("id", "integer", false, "the id that POST /faults returned; all faults by default")
    ] |simulator, given| done(match given.whole("id")? {
        Some(id) => simulator.plan(id).end(),
        None => simulator.clear_faults(),
    });
    "PUT" "/latency" "Delays every response" [("time", "string", true, "the delay, such as 250ms")] |simulator, given| {
        done(simulator.set_latency(need("time", given.duration("time"))?))
    };

    "GET" "/boot" "Returns how long state changes take" [] |simulator, _| {
        Ok(json!({"boot": simulator.clock().boot().to_string()}))
    };
    "PUT" "/boot" "Sets how long state changes take" [
        ("boot", "string", true, "immediately, a time such as 40s, or a number of reads such as 3reads")
    ] |simulator, given| done(simulator.set_boot(need("boot", given.boot("boot"))?));
    "GET" "/clock" "Returns the providers' current time" [] |simulator, _| Ok(time(simulator));
    "POST" "/clock/advance" "Moves the clock forward" [
        ("time", "string", true, "by how much, such as 90s, 5m, 2h or 30d")
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

    "POST" "/disguises" "Hides new resources for a while, or changes their fields temporarily or permanently" [
        OPERATION,
        ("hidden", "boolean", false, "hides the resource for as long as 'until' specifies"),
        ("fields", "object", false, "the values to show instead, permanently if 'until' is missing"),
        ("until", "string", false, "how long: a time such as 40s, or a number of reads such as 3reads")
    ] |simulator, given| done(simulator.disguise(&given.operation()?, given.disguise()?));
    "DELETE" "/disguises" "Stops disguising new resources of an operation" [OPERATION] |simulator, given| {
        done(simulator.clear_disguises(&given.operation()?))
    };
    "POST" "/injections" "Performs an operation as another client, before or after the next request for 'operation'" [
        OPERATION,
        ("moment", "string", true, "when to perform it: before or after the request"),
        ("foreign", "string", false, "the other client's operation; by default, the same request again"),
        ("arguments", "object", false, "its arguments, named as in the provider's API")
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
        ("arguments", "object", false, "its arguments, named as in the provider's API; location selects a location")
    ] |simulator, given| {
        let (status, body) = simulator.perform(&given.operation()?, &given.object("arguments")?.into());
        Ok(json!({"status": status, "body": body}))
    };
    "GET" "/books" "Counts the resources ever created, and lists everything that is billed now" [] books;

    "POST" "/payments/inferno" "Pays an Inferno order" [("order_id", "integer", true, "the order's id")] |simulator, given| {
        found(simulator.inferno().pay_order(need("order_id", given.whole("order_id"))?), "no order with this id is awaiting payment")
    };
    "PUT" "/payments/inferno" "Sets Inferno's balance, and whether new orders are paid from the balance" [
        ("balance", "string", false, "in EUR, such as 100.00"),
        ("pays_from_balance", "boolean", false, "whether new orders are paid from the balance immediately")
    ] |simulator, given| {
        if let Some(balance) = given.amount("balance")? {
            simulator.inferno().set_balance(balance);
        }
        done(if let Some(pays) = given.flag("pays_from_balance")? {
            simulator.inferno().set_pays_from_balance(pays);
        })
    };
    "POST" "/payments/leaderssl" "Pays a LeaderSSL order" [("order_id", "integer", true, "the order's id")] |simulator, given| {
        let order = need("order_id", given.whole("order_id"))?;
        found(simulator.leaderssl().pay_order(order), "no order with this id is awaiting payment")
    };
    "PUT" "/payments/leaderssl" "Sets whether new LeaderSSL orders wait for payment" [
        ("awaits_payment", "boolean", true, "whether new orders wait")
    ] |simulator, given| {
        let awaits = need("awaits_payment", given.flag("awaits_payment"))?;
        done(simulator.leaderssl().set_awaits_payment(awaits))
    };
    "POST" "/payments/elastis" "Adds credit to an elastis billing account" [
        ("billing_account_id", "integer", true, "the account's id"),
        ("amount", "string", true, "in EUR, such as 25.00")
    ] |simulator, given| {
        let account = need("billing_account_id", given.whole("billing_account_id"))?;
        let amount = need("amount", given.amount("amount"))?;
        found(simulator.elastis().add_credit(account, amount), "no billing account has this id")
    };

    "PUT" "/clones" "Sets whether a cloned elastis VM gets a public address" [
        ("with_address", "boolean", true, "whether a clone gets an address")
    ] |simulator, given| {
        let with_address = need("with_address", given.flag("with_address"))?;
        done(simulator.elastis().set_clones_with_address(with_address))
    };
    "POST" "/sessions/expire" "Ends every LeaderSSL session" [] |simulator, _| {
        done(simulator.leaderssl().expire_sessions())
    };
    "PUT" "/failures/leaderssl" "Sets the HTTP status of LeaderSSL's failure responses" [
        ("status", "integer", true, "the status, 200 initially")
    ] |simulator, given| {
        done(simulator.leaderssl().set_failure_status(need("status", given.status("status"))?))
    };
    "PUT" "/whitelist" "Sets whether Inferno rejects all calls because of the client's address" [
        ("refused", "boolean", true, "whether calls are rejected")
    ] |simulator, given| {
        done(simulator.inferno().set_address_refused(need("refused", given.flag("refused"))?))
    };
    "POST" "/objects" "Uploads objects to a bucket" [
        ("bucket", "string", true, "the bucket's name"),
        ("objects", "integer", true, "the number of objects"),
        ("bytes", "integer", true, "their total size in bytes")
    ] |simulator, given| {
        let bucket = need("bucket", given.text("bucket"))?;
        let (objects, bytes) = (need("objects", given.whole("objects"))?, need("bytes", given.whole("bytes"))?);
        found(simulator.elastis().put_objects(&bucket, objects, bytes), "no bucket has this name")
    };
    "DELETE" "/objects" "Empties a bucket" [("bucket", "string", true, "the bucket's name")] |simulator, given| {
        let bucket = need("bucket", given.text("bucket"))?;
        found(simulator.elastis().empty_bucket(&bucket), "no bucket has this name")
    };
    "GET" "/php" "Returns the default PHP settings" [] |_, _| Ok(json!(PhpQuirks::default()));
    "PUT" "/php" "Sets which changes PHP makes to Inferno's responses" [
        ("quirks", "object", true, "the settings that differ from the defaults")
    ] |simulator, given| {
        let quirks = serde_json::from_value(given.object("quirks")?.into()).map_err(|error| error.to_string())?;
        done(simulator.inferno().set_quirks(quirks))
    };

    "POST" "/reset" "Restores the initial state" [] |simulator, _| done(simulator.reset());
    "POST" "/seed" "Restores the initial state with other ids" [("seed", "integer", true, "the seed for new ids")] |simulator, given| {
        done(simulator.seed(need("seed", given.whole("seed"))?))
    };
}

#[expect(clippy::unnecessary_wraps, reason = "most controls end with this call, and all share one signature")]
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

#[expect(clippy::unnecessary_wraps, reason = "all controls share one signature")]
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

/// Returns the method, path and summary of every control.
pub(super) fn directory() -> Value {
    let line =
        |control: &Control| format!("{} {PREFIX}{}: {}", control.method, control.path, control.summary);
    CONTROLS.iter().map(line).collect()
}
