//! Builds requests and decodes responses without a socket: the cost that a call adds to that of the HTTP client.

use std::hint::black_box;

use bytes::Bytes;
use elastis_billing::ElastisBilling;
use elastis_core::{Elastis, Login, NewVm, Os, VmSize};
use elastis_network::ElastisNetwork;
use http_core::ListCall;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::{Outcome, Peer, plain};

const fn peer(group: &'static str, name: &'static str, times: u32, run: fn(u32) -> Outcome) -> Peer {
    Peer { group, name, times, run }
}

/// Enough rows to make the fixed cost of a response negligible.
const ROWS: usize = 1000;

pub const PEERS: [Peer; 26] = [
    peer("prepare get", "http", 1000, |times| each(times, || Ok(drop(black_box(plain_get()?))))),
    peer("prepare get", "hostkit", 1000, |times| {
        let elastis = elastis()?;
        each(times, || Ok(drop(black_box(elastis.vms().get(ID.parse()?).prepare()?))))
    }),
    peer("prepare create", "http", 1000, |times| each(times, || Ok(drop(black_box(plain_create()?))))),
    peer("prepare create", "hostkit", 1000, |times| {
        let elastis = elastis()?;
        each(times, || Ok(drop(black_box(elastis.vms().create(new_vm()).prepare()?))))
    }),
    peer("finish get", "serde", 1000, |times| {
        let body = Bytes::from(vm_json());
        each(times, || Ok(drop(black_box(serde_json::from_slice::<plain::Vm>(&body)?))))
    }),
    peer("finish get", "hostkit", 1000, |times| {
        let (elastis, body) = (elastis()?, Bytes::from(vm_json()));
        let id = ID.parse()?;
        each(times, || Ok(drop(black_box(elastis.vms().get(id).finish(response(&body))?))))
    }),
    peer("list VMs", "serde", 5, |times| serde::<Vec<plain::Vm>>(times, &vms()?)),
    peer("list VMs", "hostkit", 5, |times| {
        let elastis = elastis()?;
        list(times, &vms()?, || elastis.vms().list())
    }),
    peer("list VMs", "hostkit tolerant", 5, |times| {
        let (body, elastis) = (vms()?, elastis()?);
        each(times, || Ok(drop(black_box(elastis.vms().list().tolerant().finish(response(&body))?))))
    }),
    peer("list VMs, last row bad", "hostkit, all good", 2, |times| {
        let (body, elastis) = (vms()?, elastis()?);
        each(times, || Ok(drop(black_box(elastis.vms().list().finish(response(&body))?))))
    }),
    peer("list VMs, last row bad", "hostkit", 2, |times| {
        let body = String::from_utf8(vms()?.to_vec())?;
        let (rows, _) = body.rsplit_once('}').ok_or("no rows")?;
        let (body, elastis) = (Bytes::from(format!("{rows}}},{{\"uuid\": 1}}]")), elastis()?);
        each(times, || Ok(drop(black_box(elastis.vms().list().finish(response(&body)).err().ok_or("no error")?))))
    }),
    peer("list servers", "serde", 5, |times| serde::<Vec<plain::Server>>(times, &servers()?)),
    peer("list servers", "hostkit", 5, |times| {
        let token = http_core::SecretString::from("token");
        let client = leaderssl_gpu::Client::token_builder(leaderssl_gpu::UserId::new(1), token).build()?;
        list(times, &servers()?, || client.servers().list())
    }),
    peer("list addresses", "serde", 5, |times| serde::<Vec<plain::FloatingIp>>(times, &addresses()?)),
    peer("list addresses", "hostkit", 5, |times| {
        let elastis = elastis()?;
        list(times, &addresses()?, || elastis.floating_ips().list())
    }),
    peer("list invoices", "serde", 2, |times| serde::<Vec<plain::Invoice>>(times, &invoices()?)),
    peer("list invoices", "hostkit", 2, |times| {
        let elastis = elastis()?;
        list(times, &invoices()?, || elastis.invoices().list(6.into()))
    }),
    peer("Inferno orders", "serde", 5, |times| serde::<plain::Orders>(times, &orders()?)),
    peer("Inferno orders", "hostkit", 5, |times| {
        let inferno = inferno()?;
        list(times, &orders()?, || inferno.orders().list())
    }),
    peer("Inferno services", "serde", 5, |times| serde::<plain::Services>(times, &services()?)),
    peer("Inferno services", "hostkit", 5, |times| {
        let inferno = inferno()?;
        list(times, &services()?, || inferno.services().list())
    }),
    peer("Inferno getinfo", "serde", 1000, |times| {
        serde::<plain::VpsInfo>(times, &in_order(INFO)?)
    }),
    peer("Inferno getinfo", "hostkit", 1000, |times| {
        let (inferno, body) = (inferno()?, in_order(INFO)?);
        each(times, || Ok(drop(black_box(inferno.vps().get(47012.into()).finish(response(&body))?))))
    }),
    peer("call value", "hostkit get", 1000, |times| {
        let (elastis, id) = (elastis()?, ID.parse()?);
        each(times, || Ok(drop(black_box(elastis.vms().get(id)))))
    }),
    peer("call value", "hostkit create", 1000, |times| {
        let elastis = elastis()?;
        each(times, || Ok(drop(black_box(elastis.vms().create(new_vm())))))
    }),
    peer("call value", "new VM alone", 1000, |times| each(times, || Ok(drop(black_box(new_vm()))))),
];

const ID: &str = "fc880f74-cf03-4a7a-93da-74c506157023";
const INFO: &str = include_str!("../../../fixtures/inferno-vps/vps.info.online.json");

fn each(times: u32, mut work: impl FnMut() -> Outcome) -> Outcome {
    (0..times).try_for_each(|_| work())
}

/// Decodes a body with a plain derive.
fn serde<T: DeserializeOwned>(times: u32, body: &Bytes) -> Outcome {
    each(times, || Ok(drop(black_box(serde_json::from_slice::<T>(body)?))))
}

/// Decodes a list with the `finish` method of a call.
fn list<T: DeserializeOwned + 'static>(times: u32, body: &Bytes, call: impl Fn() -> ListCall<T>) -> Outcome {
    each(times, || Ok(drop(black_box(call().finish(response(body))?))))
}

fn response(body: &Bytes) -> http::Response<Bytes> {
    http::Response::new(body.clone())
}

fn elastis() -> Outcome<Elastis> {
    Ok(Elastis::new("the API key")?)
}

fn inferno() -> Outcome<inferno_vps::Client> {
    Ok(inferno_vps::Client::new(inferno_vps::ClientId::new(1), "the API key")?)
}

pub fn new_vm() -> NewVm {
    let login = Login::new("example", "Password123");
    NewVm::from_image("web-1", Os::new("ubuntu", "22.04-lts"), 20, VmSize::new(2, 2048), login)
        .with_billing_account(6.into())
}

/// Builds the request by hand.
fn plain_get() -> Outcome<http::Request<Bytes>> {
    let uri = format!("https://api.elastis.id/v1/user-resource/vm?uuid={}", black_box(ID));
    let request =
        http::Request::get(uri).header("apikey", "the API key").header("user-agent", "plain/1.0");
    Ok(request.body(Bytes::new())?)
}

fn plain_create() -> Outcome<http::Request<Bytes>> {
    let form = serde_urlencoded::to_string(plain::new_vm())?;
    let request = http::Request::post("https://api.elastis.id/v1/user-resource/vm")
        .header("apikey", "the API key")
        .header("user-agent", "plain/1.0")
        .header("content-type", "application/x-www-form-urlencoded");
    Ok(request.body(Bytes::from(form))?)
}

/// Returns the documented response of a fixture.
fn fixture(text: &str) -> Outcome<Value> {
    Ok(serde_json::from_str::<Value>(text)?["response"]["json"].take())
}

/// Returns the documented response of a fixture with its members in the order in which the provider sends them.
fn in_order(text: &str) -> Outcome<Bytes> {
    #[derive(Deserialize)]
    struct Fixture<'a> {
        #[serde(borrow)]
        response: Response<'a>,
    }

    #[derive(Deserialize)]
    struct Response<'a> {
        #[serde(borrow)]
        json: &'a RawValue,
    }

    let json = serde_json::from_str::<Fixture>(text)?.response.json.get();
    // A fixture has one member on each line.
    Ok(json.lines().map(|line| line.trim().replacen("\": ", "\":", 1)).collect::<String>().into())
}

pub fn vm_json() -> String {
    fixture(include_str!("../../../fixtures/elastis-core/vm.create.json")).unwrap_or_default().to_string()
}

/// Returns the rows of a documented list, repeated until there are `ROWS` of them.
fn repeated(rows: &[Value]) -> Bytes {
    let rows: Vec<String> = rows.iter().cycle().take(ROWS).map(Value::to_string).collect();
    Bytes::from(format!("[{}]", rows.join(",")))
}

fn list_of(text: &str) -> Outcome<Bytes> {
    Ok(repeated(fixture(text)?.as_array().ok_or("no list")?))
}

fn vms() -> Outcome<Bytes> {
    list_of(include_str!("../../../fixtures/elastis-core/vm.list.json"))
}

fn servers() -> Outcome<Bytes> {
    list_of(include_str!("../../../fixtures/leaderssl-gpu/server.list.json"))
}

fn addresses() -> Outcome<Bytes> {
    list_of(include_str!("../../../fixtures/elastis-network/floating_ip.list.json"))
}

fn invoices() -> Outcome<Bytes> {
    list_of(include_str!("../../../fixtures/elastis-billing/invoice.list.json"))
}

fn orders() -> Outcome<Bytes> {
    let documented = fixture(include_str!("../../../fixtures/inferno-vps/order.list.json"))?;
    let row = documented["orders"]["47200"].to_string();
    let rows: Vec<String> =
        (0..ROWS).map(|id| format!("\"{id}\":{}", row.replace("47200", &id.to_string()))).collect();
    Ok(Bytes::from(format!("{{\"orders\":{{{}}}}}", rows.join(","))))
}

fn services() -> Outcome<Bytes> {
    let documented = fixture(include_str!("../../../fixtures/inferno-vps/service.list.json"))?;
    let rows = repeated(documented["services"].as_array().ok_or("no list")?);
    Ok(Bytes::from([b"{\"result\":\"success\",\"services\":", &rows[..], b"}"].concat()))
}
