//! Disks that are created, resized and deleted through their VM.
use serde_json::json;

use super::context::{Answer, Context, Endpoint};
use crate::base::Response;
use crate::elastis::state::disk::{Disk, LARGEST_GIB, Source, devices, part};
use crate::elastis::wire::errors;
use crate::elastis::wire::times::seconds;

const PATH: &str = "/v1/user-resource/vm/storage";

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::located("vm_disk.add", "POST", PATH, add),
    Endpoint::located("vm_disk.resize", "PATCH", PATH, resize),
    Endpoint::located("vm_disk.delete", "DELETE", PATH, delete),
];

const KEYS: [&str; 7] = ["name", "pool", "primary", "replica", "shared", "size", "type"];

fn show(disk: &Disk) -> Response {
    let mut body = part(disk, &KEYS);
    body["uuid"] = json!(disk.uuid);
    if let Some(at) = disk.updated_at {
        body["updated_at"] = json!(seconds(at));
    }
    Response::json(200, &body)
}

fn add(context: &mut Context<'_>) -> Answer {
    let mut fields = context.fields();
    let (vm, size) = (fields.need_uuid("uuid"), fields.need_within("size_gb", 1..=LARGEST_GIB));
    fields.finish()?;
    let payer = context.site.idle_vm(&vm, context.caller, context.clock)?.billing_account;
    let mut disk = Disk::new(context.ids, context.now, payer, size, Source::Empty);
    disk.attach(&vm, &devices(&context.site.disks, &vm))?;
    let response = show(&disk);
    context.site.disks.push(disk);
    Ok(response)
}

fn resize(context: &mut Context<'_>) -> Answer {
    let mut fields = context.fields();
    let (vm, uuid) = (fields.need_uuid("uuid"), fields.need_uuid("disk_uuid"));
    let size = fields.need_within("size_gb", 1..=LARGEST_GIB);
    fields.finish()?;
    context.site.idle_vm(&vm, context.caller, context.clock)?;
    let disk = context.site.disk_of(&vm, &uuid)?;
    if size < disk.size_gib {
        return Err(errors::error(400, "New disk size cannot be smaller than the present one."));
    }
    disk.size_gib = size;
    disk.updated_at = Some(context.now);
    Ok(show(disk))
}

fn delete(context: &mut Context<'_>) -> Answer {
    let (vm, uuid) = context.vm_and_disk()?;
    context.site.idle_vm(&vm, context.caller, context.clock)?;
    let disk = context.site.disk_of(&vm, &uuid)?;
    // Assumed: the boot disk cannot be deleted.
    if disk.primary {
        return Err(errors::error(400, "Primary disk cannot be deleted."));
    }
    disk.attached = None;
    disk.deleted_at = Some(context.now);
    Ok(Response::json(200, &json!({"success": true})))
}

#[cfg(test)]
mod tests {
    use crate::elastis::testing::Lab;
    use serde_json::json;

    const STORAGE: &str = "/v1/user-resource/vm/storage";

    #[test]
    fn a_disk_gets_the_next_device_name_and_only_grows() {
        let mut lab = Lab::new();
        let vm = lab.new_vm("billing_account_id=6");
        let disk = lab.ok("POST", STORAGE, &format!("uuid={vm}&size_gb=50"));
        let uuid = disk["uuid"].as_str().unwrap();
        let expected = json!({
            "created_at": "2026-01-01 00:00:00", "name": "vdb", "pool": "default2", "primary": false,
            "replica": [], "shared": false, "size": 50, "type": "block", "uuid": uuid,
        });
        assert_eq!(disk, expected);
        let mut resize = |size: u64| {
            let form = format!("uuid={vm}&disk_uuid={uuid}&size_gb={size}");
            lab.form("PATCH", STORAGE, &form)
        };
        assert_eq!(resize(60).1["size"], 60);
        assert_eq!(resize(59).0, 400);
        assert_eq!(resize(u64::MAX).0, 400);
        assert_eq!(lab.vm(&vm)["storage"][1]["size"], 60);
    }

    #[test]
    fn the_boot_disk_of_a_vm_grows_but_is_not_deleted() {
        let mut lab = Lab::new();
        let vm = lab.new_vm("billing_account_id=6");
        let boot = lab.vm(&vm)["storage"][0]["uuid"].as_str().unwrap().to_owned();
        let both = format!("uuid={vm}&storage_uuid={boot}");
        assert_eq!(lab.status("DELETE", STORAGE, &both), 400);
        assert_eq!(lab.status("POST", "/v1/user-resource/vm/storage/detach", &both), 400);
        let grown = lab.ok("PATCH", STORAGE, &format!("uuid={vm}&disk_uuid={boot}&size_gb=30"));
        assert_eq!((&grown["size"], &grown["primary"]), (&json!(30), &json!(true)));
    }

    #[test]
    fn a_deleted_disk_leaves_the_vm_and_stays_readable() {
        let mut lab = Lab::new();
        let vm = lab.new_vm("billing_account_id=6");
        let disk =
            lab.ok("POST", STORAGE, &format!("uuid={vm}&size_gb=1"))["uuid"].as_str().unwrap().to_owned();
        let both = format!("uuid={vm}&storage_uuid={disk}");
        assert_eq!(lab.ok("DELETE", STORAGE, &both), json!({"success": true}));
        assert_eq!(lab.form("DELETE", STORAGE, &both), (404, json!({"message": "Disk not found"})));
        assert_eq!(lab.vm(&vm)["storage"].as_array().unwrap().len(), 1);
        assert_eq!(lab.ok("GET", &format!("/v1/storage/disks/{disk}"), "")["status"], "Deleted");
    }
}
