//! What the running month costs so far.

use chrono::Datelike;
use chrono::{DateTime, TimeZone, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::money::number;
use super::pricing::{hourly, is_licensed};
use super::{Answer, Billing, Call, Resource};

impl Billing {
    pub(super) fn list_usage(&self, call: &Call<'_>) -> Answer {
        let only = match call.arguments().optional("billing_account_id") {
            Some(_) => Some(call.whole("billing_account_id")?),
            None => None,
        };
        if let Some(id) = only {
            self.visible(id, call.caller)?;
        }
        let wanted = |resource: &&Resource| match only {
            Some(id) => resource.billing_account_id == id,
            None => self.visible(resource.billing_account_id, call.caller).is_ok(),
        };
        let rows = call.resources.iter().filter(wanted);
        Ok(rows.map(|resource| row(resource, call.caller.user_id, call.now)).collect())
    }
}

/// What an account's resources have cost in this month.
pub(super) fn cost_of_month(resources: &[Resource], account: u64, now: DateTime<Utc>) -> Decimal {
    let own = resources.iter().filter(|resource| resource.billing_account_id == account);
    own.map(|resource| hourly(resource) * hours(resource, now)).sum()
}

/// The first instant of the month.
pub(super) fn month_start(now: DateTime<Utc>) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(now.year(), now.month(), 1, 0, 0, 0).single().unwrap_or(now)
}

/// The hours of this month, in full hundredths, so that the moments between a reply and the next
/// question do not show.
fn hours(resource: &Resource, now: DateTime<Utc>) -> Decimal {
    let seconds = (now - resource.since.max(month_start(now))).num_seconds().max(0);
    Decimal::new(seconds / 36, 2)
}

fn row(resource: &Resource, user_id: u64, now: DateTime<Utc>) -> Value {
    let (price, hours) = (hourly(resource), hours(resource, now));
    let configuration = json!({
        "cpus": resource.vcpu,
        "disk_size_GB": resource.storage_gib,
        "os_name": resource.os_name,
        "ram_MB": resource.ram_mib,
        "vm_name": resource.json["name"].as_str().unwrap_or(&resource.description),
    });
    json!({
        "billing_account_id": resource.billing_account_id,
        "configurations": if resource.kind == "vm" { vec![configuration] } else { Vec::new() },
        "cost": number(price * hours),
        "description": resource.description,
        "hours": number(hours),
        "owner_uuid": resource.uuid,
        "price": number(price),
        "price_unit": "h",
        "uptime_types": uptime_types(resource),
        "user_id": user_id,
    })
}

fn uptime_types(resource: &Resource) -> Vec<&'static str> {
    match resource.kind {
        "vm" if resource.running && is_licensed(resource) => {
            vec!["VM_COMPUTE", "VM_RUNNING", "MAIN_STORAGE", "LICENSE"]
        }
        "vm" if resource.running => vec!["VM_COMPUTE", "VM_RUNNING", "MAIN_STORAGE"],
        "vm" | "disk" => vec!["MAIN_STORAGE"],
        "bucket" => vec!["OBJECT_STORAGE"],
        "ip" => vec!["FLOATING_IP"],
        _ => vec!["LOAD_BALANCER"],
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::testing::{Simulated, disk, vm};
    use super::*;

    #[test]
    fn costs_grow_with_the_clock_at_the_price_of_the_policy() {
        let mut simulated = Simulated::with([vm("web")]);
        assert_eq!(simulated.ok("usage.list", "billing_account_id=6")[0]["cost"], 0);
        simulated.now += TimeDelta::hours(3);
        let usage = simulated.ok("usage.list", "billing_account_id=6");
        assert_eq!(
            usage[0],
            json!({
                "billing_account_id": 6,
                "configurations": [
                    {"cpus": 2, "disk_size_GB": 20, "os_name": "ubuntu", "ram_MB": 2048, "vm_name": "web"},
                ],
                "cost": 0.057,
                "description": "web, 2 CPUs, 2 GB RAM, 20 GB disk",
                "hours": 3.0,
                "owner_uuid": vm("web").uuid,
                "price": 0.019,
                "price_unit": "h",
                "uptime_types": ["VM_COMPUTE", "VM_RUNNING", "MAIN_STORAGE"],
                "user_id": 8,
            })
        );
    }

    #[test]
    fn hours_of_an_earlier_month_do_not_count() {
        let mut simulated = Simulated::with([vm("web")]);
        simulated.now = month_start(simulated.now + TimeDelta::days(40)) + TimeDelta::minutes(90);
        assert_eq!(simulated.ok("usage.list", "")[0]["hours"], json!(1.5));
    }

    #[test]
    fn usage_is_limited_to_the_account_asked_for_and_to_those_the_token_may_see() {
        let mut simulated = Simulated::with([vm("web"), Resource { billing_account_id: 129_072, ..disk() }]);
        let mut owners = |query: &str| {
            let usage = simulated.ok("usage.list", query);
            usage.as_array().unwrap().iter().map(|row| row["billing_account_id"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(owners(""), [6, 129_072]);
        assert_eq!(owners("billing_account_id=129072"), [129_072]);
        simulated.caller.restricted_to = Some(6);
        assert_eq!(simulated.ok("usage.list", "").as_array().unwrap().len(), 1);
        assert_eq!(simulated.call("usage.list", "billing_account_id=129072").status, 403);
    }
}
