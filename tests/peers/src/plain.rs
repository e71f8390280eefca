//! Handwritten models: plain derives, with the same types for ids, addresses, times, money and secrets as those of the
//! clients. They decode only what the samples contain.

use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use rust_decimal::Decimal;
use secrecy::SecretString;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

/// The fields of a new VM that the benchmarks use.
#[derive(Serialize)]
pub struct NewVm {
    name: String,
    os_name: String,
    os_version: String,
    disks: u64,
    vcpu: u32,
    ram: u64,
    username: String,
    password: String,
    billing_account_id: u64,
    reserve_public_ip: bool,
}

pub fn new_vm() -> NewVm {
    NewVm {
        name: "web-1".into(),
        os_name: "ubuntu".into(),
        os_version: "22.04-lts".into(),
        disks: 20,
        vcpu: 2,
        ram: 2048,
        username: "example".into(),
        password: "Password123".into(),
        billing_account_id: 6,
        reserve_public_ip: false,
    }
}

/// Decodes a time without a time zone, as elastis writes it.
fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let Some(text) = Option::<&str>::deserialize(deserializer)? else { return Ok(None) };
    let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f");
    time.map(|time| Some(time.and_utc())).map_err(D::Error::custom)
}

/// Inferno writes numbers and addresses as text.
fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(deserializer: D) -> Result<T, D::Error> {
    <&str>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

/// Inferno writes empty text for what is absent.
fn parsed_option<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    match Option::<&str>::deserialize(deserializer)? {
        None | Some("") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(D::Error::custom),
    }
}

/// Inferno writes a boolean as the text `1` or `0`.
fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(Option::<&str>::deserialize(deserializer)?.map(|text| text == "1"))
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    Ok(Option::<i64>::deserialize(deserializer)?.and_then(|seconds| DateTime::from_timestamp(seconds, 0)))
}

macro_rules! plain {
    ($(struct $name:ident { $($(#[$attribute:meta])* $field:ident: $kind:ty,)* })*) => {
        $(
            #[derive(Deserialize)]
            #[allow(dead_code, reason = "decoded, never read")]
            pub struct $name { $($(#[$attribute])* pub $field: $kind,)* }
        )*
    };
}

plain! {
    struct Vm {
        uuid: Uuid,
        name: String,
        status: String,
        vcpu: Option<u32>,
        memory: Option<u64>,
        storage: Vec<Storage>,
        backup: bool,
        os_name: String,
        os_version: String,
        hostname: Option<String>,
        description: Option<String>,
        username: Option<String>,
        private_ipv4: Option<Ipv4Addr>,
        public_ipv4: Option<Ipv4Addr>,
        public_ipv6: Option<Ipv6Addr>,
        mac: Option<String>,
        billing_account: Option<u64>,
        user_id: Option<u64>,
        designated_pool_uuid: Option<Uuid>,
        designated_pool_name: Option<String>,
        hypervisor_id: Option<String>,
        license_type: Option<String>,
        tags: Option<Vec<String>>,
        id: Option<u64>,
        #[serde(default, deserialize_with = "time")]
        created_at: Option<DateTime<Utc>>,
        #[serde(default, deserialize_with = "time")]
        updated_at: Option<DateTime<Utc>>,
    }

    struct Storage {
        uuid: Uuid,
        name: String,
        size: u64,
        primary: bool,
        shared: Option<bool>,
        replica: Vec<Replica>,
        pool: Option<String>,
        r#type: Option<String>,
        id: Option<u64>,
        user_id: Option<u64>,
        #[serde(default, deserialize_with = "time")]
        created_at: Option<DateTime<Utc>>,
        #[serde(default, deserialize_with = "time")]
        updated_at: Option<DateTime<Utc>>,
    }

    struct Replica {
        uuid: Uuid,
        r#type: Option<String>,
        size: Option<u64>,
        master_uuid: Option<Uuid>,
        #[serde(default, deserialize_with = "time")]
        created_at: Option<DateTime<Utc>>,
    }

    struct FloatingIp {
        id: Option<u64>,
        address: IpAddr,
        uuid: Option<String>,
        user_id: Option<u64>,
        billing_account_id: Option<u64>,
        r#type: Option<String>,
        network_id: Option<String>,
        name: Option<String>,
        enabled: Option<bool>,
        is_deleted: bool,
        is_virtual: Option<bool>,
        is_ipv6: Option<bool>,
        #[serde(default, deserialize_with = "time")]
        created_at: Option<DateTime<Utc>>,
        #[serde(default, deserialize_with = "time")]
        updated_at: Option<DateTime<Utc>>,
        #[serde(default, deserialize_with = "time")]
        unassigned_at: Option<DateTime<Utc>>,
        assigned_to: Option<String>,
        assigned_to_resource_type: Option<String>,
        assigned_to_private_ip: Option<IpAddr>,
    }

    struct Server {
        id: u64,
        ip: String,
        name: String,
        config: String,
        start_at: Option<DateTime<Utc>>,
        end_at: Option<DateTime<Utc>>,
        valid_to: Option<DateTime<Utc>>,
        status: String,
        username: Option<String>,
        os_type: Option<String>,
        token: Option<SecretString>,
        resume_available: bool,
        suspend_available: bool,
        uptime: u64,
        nomenclature_id: Option<u64>,
        nomenclature_ids: Option<Vec<u64>>,
        period_count: Option<u32>,
        code: Option<String>,
        os: Option<String>,
        server_alias: Option<String>,
        description: Option<String>,
        free_time: Option<DateTime<Utc>>,
        remaining: Option<serde_json::Value>,
        progress: Option<serde_json::Value>,
        boot_status: Option<serde_json::Value>,
    }

    struct Invoice {
        id: u64,
        padded_id: Option<String>,
        name: Option<String>,
        billing_account_id: u64,
        account_snapshot: Option<String>,
        status: u8,
        #[serde(default, deserialize_with = "seconds")]
        created: Option<DateTime<Utc>>,
        #[serde(default, deserialize_with = "seconds")]
        due_date: Option<DateTime<Utc>>,
        #[serde(default, deserialize_with = "seconds")]
        period_start: Option<DateTime<Utc>>,
        #[serde(default, deserialize_with = "seconds")]
        period_end: Option<DateTime<Utc>>,
        records_list: Vec<InvoiceRecord>,
        totals: InvoiceTotals,
        #[serde(with = "rust_decimal::serde::float_option")]
        discount_percentage: Option<Decimal>,
        #[serde(with = "rust_decimal::serde::float_option")]
        vat_percentage: Option<Decimal>,
        transaction_list: Vec<serde_json::Value>,
    }

    struct InvoiceRecord {
        id: u64,
        invoice_id: Option<u64>,
        name: String,
        descr: Option<String>,
        location_slug: Option<String>,
        #[serde(with = "rust_decimal::serde::float")]
        qty: Decimal,
        qty_unit: Option<String>,
        #[serde(with = "rust_decimal::serde::float")]
        item_price: Decimal,
        #[serde(with = "rust_decimal::serde::float")]
        amount: Decimal,
        #[serde(default, deserialize_with = "seconds")]
        created: Option<DateTime<Utc>>,
    }

    struct InvoiceTotals {
        #[serde(with = "rust_decimal::serde::float")]
        subtotal: Decimal,
        #[serde(with = "rust_decimal::serde::float")]
        discount_amount: Decimal,
        #[serde(with = "rust_decimal::serde::float")]
        credit: Decimal,
        #[serde(with = "rust_decimal::serde::float")]
        vat_tax: Decimal,
        #[serde(with = "rust_decimal::serde::float")]
        total: Decimal,
    }

    struct Orders {
        orders: std::collections::BTreeMap<String, Order>,
    }

    struct Order {
        #[serde(deserialize_with = "parsed")]
        id: u64,
        ordernum: Option<String>,
        amount: Option<Decimal>,
        #[serde(default, deserialize_with = "parsed_option")]
        invoiceid: Option<u64>,
        status: String,
        nextduedate: Option<NaiveDate>,
        #[serde(rename = "payStatus")]
        pay_status: Option<String>,
        #[serde(rename = "unpaidInvoices", default, deserialize_with = "parsed_option")]
        unpaid_invoices: Option<u64>,
        #[serde(default, deserialize_with = "parsed_option")]
        dedicatedip: Option<IpAddr>,
        productids: Option<String>,
    }

    struct Services {
        result: String,
        services: Vec<RawService>,
    }

    struct Service {
        #[serde(deserialize_with = "parsed")]
        id: u64,
        #[serde(default, deserialize_with = "parsed_option")]
        orderid: Option<u64>,
        #[serde(default, deserialize_with = "parsed_option")]
        pid: Option<u64>,
        name: Option<String>,
        status: Option<String>,
        amount: Option<Decimal>,
        billingcycle: Option<String>,
        regdate: Option<NaiveDate>,
        nextduedate: Option<NaiveDate>,
        #[serde(default, deserialize_with = "parsed_option")]
        dedicatedip: Option<IpAddr>,
        ostpl: Option<String>,
        sshkey_ids: Option<String>,
    }

    struct VpsInfo {
        result: String,
        orderid: u64,
        #[serde(rename = "orderStatus")]
        order_status: Option<String>,
        #[serde(rename = "productStatus")]
        product_status: Option<String>,
        #[serde(default, deserialize_with = "parsed_option")]
        dedicatedip: Option<IpAddr>,
        vps_info: Option<Vps>,
    }

    struct Vps {
        result: String,
        message: Option<String>,
        #[serde(default, deserialize_with = "parsed_option")]
        main_id: Option<u64>,
        vps_name: Option<String>,
        #[serde(default, deserialize_with = "parsed_option")]
        ip: Option<IpAddr>,
        real_state: Option<String>,
        vps_password: Option<SecretString>,
        #[serde(default, deserialize_with = "flag")]
        online: Option<bool>,
    }
}

/// A service and the JSON that it was read from, which users read for what the provider does not document.
#[allow(dead_code, reason = "decoded, never read")]
pub struct RawService {
    service: Service,
    raw: Box<RawValue>,
}

impl<'de> Deserialize<'de> for RawService {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        let service = serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
        Ok(Self { service, raw: raw.to_owned() })
    }
}
