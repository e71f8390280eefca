//! Snapshots and backups of the boot disk of a VM.
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::context::{Answer, Context, Endpoint};
use crate::base::{Ids, Response};
use crate::elastis::state::disk::{Disk, Replica};
use crate::elastis::state::site::Site;
use crate::elastis::wire::caller::{Caller, may_use};
use crate::elastis::wire::errors;
use crate::elastis::wire::times::seconds;

const PATH: &str = "/v1/user-resource/vm/replica";
/// The interval of automatic backups.
const BACKUP_EVERY: TimeDelta = TimeDelta::days(1);
/// The number of automatic backups that are kept.
const BACKUPS_KEPT: usize = 7;

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::located("replica.delete", "DELETE", PATH, delete),
    Endpoint::located("replica.list", "GET", PATH, list),
    Endpoint::located("replica.create", "POST", PATH, create),
];

impl Site {
    /// Returns a replica by either of its two names, with its disk.
    pub(crate) fn replica(&self, name: &str, caller: Caller) -> Result<(&Disk, &Replica), Response> {
        let of = |disk: &Disk| disk.replicas.iter().position(|replica| replica.is(name));
        let own = self.disks.iter().filter(|disk| may_use(caller, disk.billing_account));
        own.filter(|disk| disk.deleted_at.is_none())
            .find_map(|disk| Some((disk, disk.replicas.get(of(disk)?)?)))
            .ok_or_else(|| errors::unknown_replica(name))
    }

    /// Creates the automatic backups that have become due, and deletes the oldest ones.
    pub(crate) fn back_up(&mut self, ids: &mut Ids, now: DateTime<Utc>) {
        for vm in self.vms.iter_mut().filter(|vm| vm.deleted_at.is_none()) {
            let Some(due) = vm.backup_since.map(|since| since + BACKUP_EVERY).filter(|due| *due <= now)
            else {
                continue;
            };
            let boot = self.disks.iter_mut().find(|disk| disk.primary && disk.is_attached_to(&vm.uuid));
            let Some(disk) = boot else { continue };
            // If the clock has jumped by a year, only the last 7 of 365 backups are needed.
            let missed = i32::try_from((now - due).num_days()).unwrap_or(i32::MAX);
            let skipped = (missed - 7).max(0);
            let mut at = due + BACKUP_EVERY * skipped;
            while at <= now {
                disk.replicate("backup", ids, at);
                vm.backup_since = Some(at);
                at += BACKUP_EVERY;
            }
            let backups = disk.replicas.iter().filter(|replica| replica.kind == "backup").count();
            let mut surplus = backups.saturating_sub(BACKUPS_KEPT);
            disk.replicas.retain(|replica| {
                let goes = replica.kind == "backup" && surplus > 0;
                surplus -= usize::from(goes);
                !goes
            });
        }
    }
}

fn create(context: &mut Context<'_>) -> Answer {
    let vm = context.vm_uuid()?;
    context.site.idle_vm(&vm, context.caller, context.clock)?;
    let disk = context.site.boot_disk(&vm)?;
    disk.replicate("snapshot", context.ids, context.now);
    let mut body = disk.storage();
    body["created_at"] = json!(seconds(disk.created_at));
    Ok(Response::json(200, &body))
}

fn list(context: &mut Context<'_>) -> Answer {
    let mut fields = context.fields();
    let vm = fields.need_uuid("uuid");
    let kind = fields.text("r_type").unwrap_or_else(|| "snapshot".to_owned());
    fields.finish()?;
    context.site.vm(&vm, context.caller)?;
    let disk = &*context.site.boot_disk(&vm)?;
    let rows = disk.replicas.iter().filter(|replica| replica.kind == kind);
    Ok(Response::json(200, &rows.map(|replica| replica.json(disk)).collect()))
}

fn delete(context: &mut Context<'_>) -> Answer {
    let name = context.fields().only(|fields| fields.need_text("replica_uuid"))?;
    let disk = context.site.replica(&name, context.caller)?.0.uuid.clone();
    context.site.disk(&disk, context.caller)?.replicas.retain(|replica| !replica.is(&name));
    Ok(Response::json(200, &json!({"success": true})))
}

#[cfg(test)]
mod tests {
    use crate::elastis::testing::Lab;
    use serde_json::{Value, json};

    const REPLICA: &str = "/v1/user-resource/vm/replica";

    fn names(lab: &mut Lab, query: &str) -> Vec<String> {
        let list = lab.ok("GET", &format!("{REPLICA}?{query}"), "");
        list.as_array().unwrap().iter().map(|row| row["uuid"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_replica_has_a_unique_name_from_its_disk_and_time() {
        let mut lab = Lab::new();
        let vm = lab.new_vm("billing_account_id=6");
        let disk = lab.ok("POST", REPLICA, &format!("uuid={vm}"));
        let uuid = disk["uuid"].as_str().unwrap();
        lab.ok("POST", REPLICA, &format!("uuid={vm}"));
        let expected = [format!("{uuid}2026-01-01-00-00-00"), format!("{uuid}2026-01-01-00-00-01")];
        assert_eq!(names(&mut lab, &format!("uuid={vm}")), expected);
        assert_eq!(disk["replica"][0]["master_uuid"], uuid);
        let snapshots = &lab.ok("GET", &format!("/v1/storage/disks/{uuid}"), "")["snapshots"];
        assert_eq!((snapshots.as_array().unwrap().len(), &snapshots[0]["sizeGb"]), (2, &json!(20)));
    }

    #[test]
    fn a_vm_is_rebuilt_only_from_its_own_replica_and_is_then_stopped() {
        let mut lab = Lab::new();
        let (vm, other) = (lab.new_vm("billing_account_id=6"), lab.new_vm("billing_account_id=6"));
        lab.ok("POST", REPLICA, &format!("uuid={vm}"));
        let name = names(&mut lab, &format!("uuid={vm}")).remove(0);
        let path = "/v1/user-resource/vm/rebuild";
        let rebuilt = lab.ok("POST", path, &format!("uuid={vm}&replica_uuid={name}"));
        assert_eq!(rebuilt["status"], "stopped");
        let (status, body) = lab.form("POST", path, &format!("uuid={other}&replica_uuid={name}"));
        assert_eq!(
            (status, body["errors"]["Error"].as_str()),
            (400, Some(&*format!("No such replica exists: {name}")))
        );
    }

    #[test]
    fn a_deleted_replica_disappears() {
        let mut lab = Lab::new();
        let vm = lab.new_vm("billing_account_id=6");
        lab.ok("POST", REPLICA, &format!("uuid={vm}"));
        let name = names(&mut lab, &format!("uuid={vm}")).remove(0);
        assert_eq!(lab.ok("DELETE", REPLICA, &format!("replica_uuid={name}")), json!({"success": true}));
        assert_eq!(lab.status("DELETE", REPLICA, &format!("replica_uuid={name}")), 400);
        assert_eq!(lab.vm(&vm)["storage"][0]["replica"], Value::Array(Vec::new()));
    }

    #[test]
    fn automatic_backups_are_daily_and_the_last_seven_are_kept() {
        let mut lab = Lab::new();
        let vm = lab.new_vm("billing_account_id=6");
        let toggle = |lab: &mut Lab| {
            lab.ok("POST", "/v1/user-resource/vm/backup", &format!("uuid={vm}"))["backup"].clone()
        };
        let backups = |lab: &mut Lab| names(lab, &format!("uuid={vm}&r_type=backup"));
        assert_eq!(toggle(&mut lab), true);
        lab.ok("POST", REPLICA, &format!("uuid={vm}"));
        lab.pass(3 * 86_400 - 1);
        assert_eq!(backups(&mut lab).len(), 2);
        lab.pass(1 + 365 * 86_400);
        let kept = backups(&mut lab);
        assert_eq!(kept.len(), 7);
        assert!(kept[6].ends_with("2027-01-04-00-00-00"), "{kept:?}");
        assert_eq!(names(&mut lab, &format!("uuid={vm}")).len(), 1, "a snapshot is not a backup");
        assert_eq!(toggle(&mut lab), false);
        lab.pass(2 * 86_400);
        assert_eq!(backups(&mut lab), kept);
    }
}
