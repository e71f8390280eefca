//! The models written by hand: plain derives, with types for ids, addresses, times and money.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use chrono::{DateTime, NaiveDateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

/// elastis writes times without a zone.
fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let Some(text) = Option::<&str>::deserialize(deserializer)? else { return Ok(None) };
    let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f");
    time.map(|time| Some(time.and_utc())).map_err(serde::de::Error::custom)
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
        start_at: Option<String>,
        end_at: Option<String>,
        valid_to: Option<String>,
        status: String,
        username: String,
        os_type: String,
        token: String,
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
        free_time: Option<String>,
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
        id: String,
        ordernum: Option<String>,
        amount: Option<Decimal>,
        invoiceid: Option<String>,
        status: String,
        nextduedate: Option<String>,
        dedicatedip: Option<String>,
        productids: Option<String>,
    }

    struct Services {
        result: String,
        services: Vec<Service>,
    }

    struct Service {
        id: String,
        orderid: Option<String>,
        pid: Option<String>,
        name: Option<String>,
        status: Option<String>,
        amount: Option<Decimal>,
        nextduedate: Option<String>,
        dedicatedip: Option<IpAddr>,
    }

    struct VpsInfo {
        result: String,
        orderid: u64,
        #[serde(rename = "orderStatus")]
        order_status: Option<String>,
        #[serde(rename = "productStatus")]
        product_status: Option<String>,
        dedicatedip: Option<String>,
        vps_info: Option<Vps>,
    }

    struct Vps {
        result: String,
        message: Option<String>,
        main_id: Option<String>,
        vps_name: Option<String>,
        ip: Option<IpAddr>,
        real_state: Option<String>,
        vps_password: Option<String>,
        online: Option<String>,
    }
}
