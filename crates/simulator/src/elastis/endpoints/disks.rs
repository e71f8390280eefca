//! Block storage: attached and unattached disks.
use serde_json::json;

use super::context::{Answer, Context, Endpoint};
use crate::base::Response;
use crate::elastis::state::disk::{Disk, LARGEST_GIB, Source, devices, part};
use crate::elastis::state::image;
use crate::elastis::wire::caller::{may_use, reachable};
use crate::elastis::wire::errors;

const LIST: &str = "/v1/storage/disks";
const ONE: &str = "/v1/storage/disks/{disk_uuid}";
const ATTACH: &str = "/v1/user-resource/vm/storage/attach";
const DETACH: &str = "/v1/user-resource/vm/storage/detach";

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::located("disk.create", "POST", LIST, create),
    Endpoint::located("disk.get", "GET", ONE, get),
    Endpoint::located("disk.list", "GET", LIST, list),
    Endpoint::located("disk.update", "PATCH", ONE, update),
    Endpoint::located("disk.delete", "DELETE", ONE, delete),
    Endpoint::located("disk.attach", "POST", ATTACH, attach),
    Endpoint::located("disk.detach", "POST", DETACH, detach),
];

/// The size of the smallest base image in GiB.
pub(crate) const IMAGE_GIB: u64 = 20;

fn create(context: &mut Context<'_>) -> Answer {
    let mut fields = context.form();
    let payer = context.payer(&mut fields);
    let size = fields.whole("size_gb");
    let named = fields.text("source_image");
    let source = match fields.text("source_image_type").as_deref().unwrap_or("EMPTY") {
        "EMPTY" if named.is_some() => {
            fields.refuse("source_image_type", "An empty disk has no source image");
            Source::Empty
        }
        "EMPTY" => Source::Empty,
        "OS_BASE" => Source::OsBase(fields.need("source_image", named)),
        "DISK" => Source::Disk(fields.need_uuid("source_image")),
        "SNAPSHOT" => Source::Snapshot(fields.need("source_image", named)),
        _ => {
            fields.refuse("source_image_type", "Value is not one of EMPTY, OS_BASE, DISK, SNAPSHOT");
            Source::Empty
        }
    };
    let known = match &source {
        Source::Empty => Ok(None),
        Source::OsBase(image) => Ok(image::base(image).map(|_| IMAGE_GIB)),
        Source::Disk(uuid) => context.site.disk(uuid, context.caller).map(|disk| Some(disk.size_gib)),
        Source::Snapshot(name) => {
            context.site.replica(name, context.caller).map(|(_, replica)| Some(replica.size_gib))
        }
    };
    if matches!(&source, Source::OsBase(image) if !image.is_empty() && matches!(known, Ok(None))) {
        fields.refuse("source_image", "Value is not one of those allowed");
    } else if let Ok(least) = known {
        fields.within("size_gb", size, least.unwrap_or(1)..=LARGEST_GIB);
        fields.need("size_gb", size.or(least));
    }
    fields.finish()?;
    let size = size.or(known?).unwrap_or_default();
    context.may_charge(payer)?;
    let disk = Disk::new(context.ids, context.now, payer, size, source);
    let body = disk.json();
    context.site.disks.push(disk);
    Ok(Response::json(201, &body))
}

fn get(context: &mut Context<'_>) -> Answer {
    let uuid = context.path_uuid("disk_uuid")?;
    let found = context.site.disks.iter().find(|disk| disk.uuid == uuid);
    let found = reachable(found, context.caller, |disk| disk.billing_account, errors::unknown_disk);
    Ok(Response::json(200, &found?.with_snapshots()))
}

fn list(context: &mut Context<'_>) -> Answer {
    let disks = context.site.disks.iter().filter(|disk| disk.deleted_at.is_none());
    let own = disks.filter(|disk| may_use(context.caller, disk.billing_account));
    Ok(Response::json(200, &own.map(Disk::with_snapshots).collect()))
}

/// Returns the disk that the path names.
fn disk<'a>(context: &'a mut Context<'_>) -> Result<&'a mut Disk, Response> {
    let uuid = context.path_uuid("disk_uuid")?;
    context.site.disk(&uuid, context.caller)
}

fn update(context: &mut Context<'_>) -> Answer {
    let payer = context.form().only(|fields| fields.need_whole("billing_account_id"))?;
    disk(context)?;
    context.may_charge(payer)?;
    let now = context.now;
    let disk = disk(context)?;
    disk.billing_account = payer;
    disk.updated_at = Some(now);
    Ok(Response::json(200, &disk.json()))
}

fn delete(context: &mut Context<'_>) -> Answer {
    let now = context.now;
    let disk = disk(context)?;
    // Assumed: the provider's page names no condition, so an attached disk can be deleted.
    disk.attached = None;
    disk.deleted_at = Some(now);
    disk.replicas.clear();
    Ok(Response::empty(204))
}

fn attach(context: &mut Context<'_>) -> Answer {
    let (vm, uuid) = context.vm_and_disk()?;
    context.site.idle_vm(&vm, context.caller, context.clock)?;
    let taken = devices(&context.site.disks, &vm);
    let disk = context.site.disk(&uuid, context.caller)?;
    if disk.attached.is_some() {
        return Err(errors::error(400, "Disk is already attached to a virtual machine."));
    }
    disk.attach(&vm, &taken)?;
    let keys = ["name", "primary", "replica", "size", "user_id", "uuid"];
    Ok(Response::json(200, &part(disk, &keys)))
}

fn detach(context: &mut Context<'_>) -> Answer {
    let (vm, uuid) = context.vm_and_disk()?;
    context.site.idle_vm(&vm, context.caller, context.clock)?;
    let disk = context.site.disk_of(&vm, &uuid)?;
    // Assumed: the boot disk cannot be detached.
    if disk.primary {
        return Err(errors::error(400, "Primary disk cannot be detached."));
    }
    disk.attached = None;
    Ok(Response::json(200, &json!({"success": true})))
}

#[cfg(test)]
mod tests {
    use crate::elastis::testing::Lab;
    use serde_json::{Value, json};

    const DISKS: &str = "/v1/storage/disks";

    fn create(lab: &mut Lab, form: &str) -> Value {
        lab.ok("POST", DISKS, &format!("billing_account_id=6&{form}"))
    }

    #[test]
    fn a_disk_without_a_source_is_empty() {
        let mut lab = Lab::new();
        let disk = create(&mut lab, "size_gb=50");
        let expected = json!({
            "uuid": disk["uuid"], "status": "Active", "user_id": 8, "billing_account_id": 6, "size_gb": 50,
            "source_image_type": "EMPTY", "created_at": "2026-01-01T00:00:00.000+0000",
            "updated_at": "2026-01-01T00:00:00.000+0000",
        });
        assert_eq!(disk, expected);
        let copy = create(
            &mut lab,
            &format!("source_image_type=DISK&source_image={}", disk["uuid"].as_str().unwrap()),
        );
        assert_eq!((&copy["size_gb"], &copy["source_image"]), (&json!(50), &disk["uuid"]));
        let system = create(&mut lab, "source_image_type=OS_BASE&source_image=ubuntu_20.04");
        assert_eq!((&system["size_gb"], &system["source_image"]), (&json!(20), &json!("ubuntu_20.04")));
        assert_eq!(lab.ok("GET", DISKS, "").as_array().unwrap().len(), 3);
    }

    #[test]
    fn a_disk_is_copied_from_a_snapshot_under_either_of_its_names() {
        let mut lab = Lab::new();
        let vm = lab.new_vm("billing_account_id=6");
        let boot = lab.ok("POST", "/v1/user-resource/vm/replica", &format!("uuid={vm}"));
        let disk = lab.ok("GET", &format!("{DISKS}/{}", boot["uuid"].as_str().unwrap()), "");
        for name in [&boot["replica"][0]["uuid"], &disk["snapshots"][0]["uuid"]] {
            let form = format!("source_image_type=SNAPSHOT&source_image={}", name.as_str().unwrap());
            assert_eq!(create(&mut lab, &form)["size_gb"], 20);
        }
    }

    #[test]
    fn invalid_disk_parameters_are_rejected() {
        let mut lab = Lab::new();
        let source = create(&mut lab, "size_gb=50")["uuid"].as_str().unwrap().to_owned();
        let unknown = "aaaaaaaa-0000-bbbb-1111-cccccccccccc";
        for (form, status, names) in [
            ("source_image_type=EMPTY", 400, &["size_gb"][..]),
            ("size_gb=0", 400, &["size_gb"]),
            ("source_image_type=OS_BASE", 400, &["size_gb", "source_image"]),
            ("source_image_type=OS_BASE&source_image=plan9_4", 400, &["source_image"]),
            ("source_image_type=TAPE&size_gb=1", 400, &["source_image_type"]),
            (&format!("source_image_type=DISK&size_gb=49&source_image={source}"), 400, &["size_gb"]),
            (&format!("source_image_type=DISK&source_image={unknown}"), 404, &[]),
        ] {
            let (got, body) = lab.form("POST", DISKS, &format!("billing_account_id=6&{form}"));
            let errors = body["errors"].as_object();
            let refused: Vec<_> = errors.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
            assert_eq!((got, &refused[..]), (status, names), "{form}: {body}");
        }
        let (_, body) = lab.json("POST", DISKS, &json!({"size_gb": 5, "billing_account_id": 6}));
        assert_eq!(body["errors"].as_object().unwrap().len(), 2, "disk endpoints accept only forms");
    }

    #[test]
    fn a_disk_is_attached_to_one_vm_at_a_time_and_deleted_when_free() {
        let mut lab = Lab::new();
        let (vm, other) = (lab.new_vm("billing_account_id=6"), lab.new_vm("billing_account_id=6"));
        let disk = create(&mut lab, "size_gb=15")["uuid"].as_str().unwrap().to_owned();
        let (attach, detach) = ("/v1/user-resource/vm/storage/attach", "/v1/user-resource/vm/storage/detach");
        let attached = lab.ok("POST", attach, &format!("uuid={vm}&storage_uuid={disk}"));
        let expected = json!({
            "created_at": "2026-01-01 00:00:00", "name": "vdb", "primary": false, "replica": [], "size": 15,
            "user_id": 8, "uuid": disk,
        });
        assert_eq!(attached, expected);
        assert_eq!(lab.status("POST", attach, &format!("uuid={other}&storage_uuid={disk}")), 400);
        assert_eq!(lab.status("POST", detach, &format!("uuid={other}&storage_uuid={disk}")), 404);
        assert_eq!(
            lab.ok("POST", detach, &format!("uuid={vm}&storage_uuid={disk}")),
            json!({"success": true})
        );
        assert_eq!(lab.status("DELETE", &format!("{DISKS}/{disk}"), ""), 204);
        assert_eq!(lab.status("DELETE", &format!("{DISKS}/{disk}"), ""), 404);
        assert_eq!(lab.ok("GET", &format!("{DISKS}/{disk}"), "")["status"], "Deleted");
    }

    #[test]
    fn a_deleted_disk_disappears_from_its_vm() {
        let mut lab = Lab::new();
        let vm = lab.new_vm("billing_account_id=6");
        let disk = lab.vm(&vm)["storage"][0]["uuid"].as_str().unwrap().to_owned();
        assert_eq!(lab.status("DELETE", &format!("{DISKS}/{disk}"), ""), 204);
        assert_eq!(lab.vm(&vm)["storage"], json!([]));
        assert_eq!(lab.status("POST", "/v1/user-resource/vm/replica", &format!("uuid={vm}")), 404);
    }

    #[test]
    fn another_account_can_pay_for_a_disk() {
        let mut lab = Lab::new();
        let disk = create(&mut lab, "size_gb=15")["uuid"].as_str().unwrap().to_owned();
        let path = format!("{DISKS}/{disk}");
        assert_eq!(lab.ok("PATCH", &path, "billing_account_id=129072")["billing_account_id"], 129_072);
        assert_eq!(lab.status("PATCH", &path, "billing_account_id=1"), 400);
        assert_eq!(lab.status("PATCH", &format!("{DISKS}/7"), "billing_account_id=6"), 400);
    }
}
