//! The costs of the current month so far.
use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::ledger::{Billing, BillingCall, JsonAnswer};
use super::money::number;
use super::pricing::{hourly, is_licensed};
use super::state::resource::Resource;
use super::state::span::{Span, month_start};

/// A row of the usage list: a resource, and the time in this month during which its costs were constant.
struct Row<'a> {
    resource: &'a Resource,
    time: TimeDelta,
}

impl Row<'_> {
    /// Returns the time in hours, rounded down to hundredths so that the moments between two requests do not count.
    fn hours(&self) -> Decimal {
        Decimal::new(self.time.num_seconds() / 36, 2)
    }

    fn cost(&self) -> Decimal {
        hourly(self.resource) * self.hours()
    }

    fn json(&self, user_id: u64) -> Value {
        let resource = self.resource;
        let configuration = json!({
            "cpus": resource.vcpu,
            "disk_size_GB": resource.storage_gib,
            "os_name": resource.os_name,
            "ram_MB": resource.memory_mib,
            "vm_name": resource.json["name"].as_str().unwrap_or(&resource.description),
        });
        json!({
            "billing_account_id": resource.billing_account_id,
            "configurations": if resource.kind == "vm" { vec![configuration] } else { Vec::new() },
            "cost": number(self.cost()),
            "description": resource.description,
            "hours": number(self.hours()),
            "owner_uuid": resource.owner_uuid,
            "price": number(hourly(resource)),
            "price_unit": "h",
            "uptime_types": uptime_types(resource),
            "user_id": user_id,
        })
    }
}

impl Billing {
    /// Starts to record the current costs of each resource. Every billing call does so. Call this method after every
    /// other change too, so that the change is billed from that moment.
    pub(crate) fn meter(&mut self, resources: &[Resource], now: DateTime<Utc>) {
        let month = month_start(now);
        self.spans.retain(|span| span.until.is_none_or(|until| until > month));
        for span in self.spans.iter_mut().filter(|span| span.until.is_none()) {
            if !resources.iter().any(|resource| span.costs_like(resource)) {
                span.until = Some(now);
            }
        }
        for resource in resources {
            let mut seen = self.spans.iter().filter(|span| span.is_of(resource)).peekable();
            let from = if seen.peek().is_some() { now } else { resource.since };
            if seen.all(|span| span.until.is_some()) {
                self.spans.push(Span { resource: resource.clone(), from, until: None });
            }
        }
    }

    /// Lists the costs of the current month. Assumed: the list covers all locations.
    pub(super) fn list_usage(&self, call: &BillingCall<'_>) -> JsonAnswer {
        let account = self.visible(call.whole("billing_account_id")?, call.caller)?.id;
        let rows = self.rows(call.now, |payer| payer == account);
        Ok(rows.iter().map(|row| row.json(call.caller.user_id)).collect())
    }

    /// Returns the costs of an account's resources in the current month.
    pub(super) fn cost_of_month(&self, account: u64, now: DateTime<Utc>) -> Decimal {
        self.rows(now, |payer| payer == account).iter().map(Row::cost).sum()
    }

    fn rows(&self, now: DateTime<Utc>, pays: impl Fn(u64) -> bool) -> Vec<Row<'_>> {
        let mut rows: Vec<Row<'_>> = Vec::new();
        for span in self.spans.iter().filter(|span| pays(span.resource.billing_account_id)) {
            let time = span.in_month(now);
            match rows.iter_mut().find(|row| span.costs_like(row.resource)) {
                Some(row) => row.time += time,
                None if span.until.is_some() && time.is_zero() => {}
                None => rows.push(Row { resource: &span.resource, time }),
            }
        }
        rows
    }
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
    fn costs_grow_with_the_clock_at_the_listed_price() {
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
    fn a_stopped_vm_keeps_the_costs_of_its_running_time() {
        let mut simulated = Simulated::with([vm("web")]);
        simulated.ok("usage.list", "billing_account_id=6");
        simulated.now += TimeDelta::hours(10);
        let stopped = Resource { running: false, ..vm("web") };
        simulated.resources = vec![stopped];
        simulated.billing.meter(&simulated.resources, simulated.now);
        simulated.now += TimeDelta::hours(5);
        let usage = simulated.ok("usage.list", "billing_account_id=6");
        let of = |field: &str| [usage[0][field].clone(), usage[1][field].clone()];
        assert_eq!(of("cost"), [0.19, 0.01].map(Value::from));
        assert_eq!(of("hours"), [10.0, 5.0].map(Value::from));
        assert_eq!(of("uptime_types")[1], json!(["MAIN_STORAGE"]));

        simulated.resources = vec![vm("web")];
        simulated.billing.meter(&simulated.resources, simulated.now);
        simulated.now += TimeDelta::hours(1);
        let usage = simulated.ok("usage.list", "billing_account_id=6");
        assert_eq!(usage.as_array().unwrap().len(), 2, "its hours are added to the earlier ones");
        assert_eq!(usage[0]["hours"], json!(11.0));
    }

    #[test]
    fn a_deleted_vm_is_billed_until_its_deletion() {
        let mut simulated = Simulated::with([vm("web")]);
        simulated.ok("usage.list", "billing_account_id=6");
        simulated.now += TimeDelta::hours(3);
        simulated.resources.clear();
        simulated.ok("pricing.policy", "");
        simulated.now += TimeDelta::hours(7);
        assert_eq!(simulated.ok("usage.list", "billing_account_id=6")[0]["hours"], json!(3.0));
        simulated.now += TimeDelta::days(40);
        assert_eq!(
            simulated.ok("usage.list", "billing_account_id=6"),
            json!([]),
            "it does not appear in the next month"
        );
    }

    #[test]
    fn a_moved_vm_is_billed_to_each_account_for_its_time() {
        let mut simulated = Simulated::with([vm("web")]);
        simulated.ok("usage.list", "billing_account_id=6");
        simulated.now += TimeDelta::hours(2);
        simulated.resources[0].billing_account_id = 129_072;
        simulated.ok("usage.list", "billing_account_id=6");
        simulated.now += TimeDelta::hours(1);
        let hours = |simulated: &mut Simulated, id: u64| {
            simulated.ok("usage.list", &format!("billing_account_id={id}"))[0]["hours"].clone()
        };
        assert_eq!([hours(&mut simulated, 6), hours(&mut simulated, 129_072)], [2.0, 1.0].map(Value::from));
    }

    #[test]
    fn hours_of_an_earlier_month_do_not_count() {
        let mut simulated = Simulated::with([vm("web")]);
        simulated.now = month_start(simulated.now + TimeDelta::days(40)) + TimeDelta::minutes(90);
        assert_eq!(simulated.ok("usage.list", "billing_account_id=6")[0]["hours"], json!(1.5));
    }

    #[test]
    fn usage_covers_the_requested_account_if_the_token_allows_it() {
        let mut simulated = Simulated::with([vm("web"), Resource { billing_account_id: 129_072, ..disk() }]);
        for account in [6, 129_072] {
            let usage = simulated.ok("usage.list", &format!("billing_account_id={account}"));
            let owners: Vec<_> =
                usage.as_array().unwrap().iter().map(|row| &row["billing_account_id"]).collect();
            assert_eq!(owners, [account]);
        }
        assert_eq!(simulated.call("usage.list", "").status, 400);
        simulated.caller.restricted_to = Some(6);
        assert_eq!(simulated.call("usage.list", "billing_account_id=129072").status, 403);
    }
}
