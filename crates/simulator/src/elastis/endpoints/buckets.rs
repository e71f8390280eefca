//! Object storage: buckets.
use super::context::{Answer, Context, Endpoint};
use crate::base::Response;
use crate::elastis::state::bucket::Bucket;
use crate::elastis::state::customer::Customer;
use crate::elastis::state::s3::S3User;
use crate::elastis::wire::caller::{Caller, may_use, reachable};
use crate::elastis::wire::errors;

const PATH: &str = "/v1/storage/bucket";

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::global("bucket.create", "PUT", PATH, create),
    Endpoint::global("bucket.update", "PATCH", PATH, update),
    Endpoint::global("bucket.delete", "DELETE", PATH, delete),
    Endpoint::global("bucket.get", "GET", PATH, get),
    Endpoint::global("bucket.list", "GET", "/v1/storage/bucket/list", list),
];

/// Names that other users have already taken.
const TAKEN: [&str; 2] = ["elastis", "www"];

/// Returns whether a name follows the S3 rules: 3 to 63 lower-case letters, digits, dots and hyphens; no empty label,
/// and none with a hyphen at its start or end; not an IPv4 address; none of the reserved prefixes and suffixes.
fn is_valid(name: &str) -> bool {
    let allowed = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || "-.".contains(char);
    let label = |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
    (3..=63).contains(&name.len())
        && name.chars().all(allowed)
        && name.split('.').all(label)
        && name.parse::<std::net::Ipv4Addr>().is_err()
        && !["xn--", "sthree-"].iter().any(|prefix| name.starts_with(prefix))
        && !["-s3alias", "--ol-s3"].iter().any(|suffix| name.ends_with(suffix))
}

impl Customer {
    fn bucket(&mut self, name: &str, caller: Caller) -> Result<&mut Bucket, Response> {
        if self.s3.is_none() {
            return Err(errors::message(404, "Storage account not found."));
        }
        let found = self.buckets.iter_mut().find(|bucket| bucket.name == name);
        reachable(found, caller, |bucket| bucket.billing_account, errors::unknown_bucket)
    }
}

fn name(context: &Context<'_>) -> Result<String, Response> {
    context.fields().only(|fields| fields.need_text("name"))
}

fn create(context: &mut Context<'_>) -> Answer {
    let mut fields = context.fields();
    let name = fields.need_text("name");
    if !name.is_empty() && !is_valid(&name) {
        fields.refuse("name", "Bucket name does not conform to the S3 naming rules");
    }
    let payer = context.payer(&mut fields);
    fields.finish()?;
    context.may_charge(payer)?;
    if TAKEN.contains(&name.as_str()) || context.customer.buckets.iter().any(|bucket| bucket.name == name) {
        return Err(errors::message(409, "Bucket already exists."));
    }
    context.customer.s3.get_or_insert_with(|| S3User::new(context.ids));
    let bucket = Bucket {
        uuid: context.ids.uuid(),
        name,
        billing_account: payer,
        size_bytes: 0,
        num_objects: 0,
        created_at: context.now,
        modified_at: context.now,
    };
    let body = bucket.json();
    context.customer.buckets.push(bucket);
    Ok(Response::json(200, &body))
}

fn get(context: &mut Context<'_>) -> Answer {
    let name = name(context)?;
    Ok(Response::json(200, &context.customer.bucket(&name, context.caller)?.json()))
}

fn update(context: &mut Context<'_>) -> Answer {
    let mut fields = context.fields();
    let (name, payer) = (fields.need_text("name"), fields.need_whole("billing_account_id"));
    fields.finish()?;
    context.customer.bucket(&name, context.caller)?;
    context.may_charge(payer)?;
    let bucket = context.customer.bucket(&name, context.caller)?;
    bucket.billing_account = payer;
    Ok(Response::json(200, &bucket.json()))
}

fn delete(context: &mut Context<'_>) -> Answer {
    let name = name(context)?;
    if context.customer.bucket(&name, context.caller)?.num_objects > 0 {
        return Err(errors::message(409, "Bucket is not empty."));
    }
    context.customer.buckets.retain(|bucket| bucket.name != name);
    Ok(Response::empty(204))
}

fn list(context: &mut Context<'_>) -> Answer {
    let payer = context.fields().only(|fields| fields.whole("billing_account_id"))?;
    let own =
        context.customer.buckets.iter().filter(|bucket| may_use(context.caller, bucket.billing_account));
    let rows = own.filter(|bucket| payer.is_none_or(|payer| bucket.billing_account == payer));
    Ok(Response::json(200, &rows.map(Bucket::json).collect()))
}

#[cfg(test)]
mod tests {
    use crate::elastis::testing::Lab;
    use serde_json::json;

    use super::*;

    #[test]
    fn only_names_that_follow_the_s3_rules_are_accepted() {
        let long = "a".repeat(63);
        for good in ["abc", "my.bucket-1", "0a0", &long] {
            assert!(is_valid(good), "{good}");
        }
        let longer = "a".repeat(64);
        let bad =
            ["ab", &longer, "Abc", "a_b", "-abc", "abc-", ".abc", "a..b", "a.-b", "a-.b", "192.168.5.4"];
        for bad in bad.into_iter().chain(["xn--abc", "sthree-abc", "abc-s3alias", "abc--ol-s3", "äbc"]) {
            assert!(!is_valid(bad), "{bad}");
        }
    }

    #[test]
    fn bucket_names_are_globally_unique() {
        let mut lab = Lab::new();
        let bucket = lab.ok("PUT", PATH, "name=pang1&billing_account_id=6");
        let expected = json!({
            "name": "pang1", "size_bytes": 0, "billing_account_id": 6, "num_objects": 0,
            "created_at": "2026-01-01T00:00:00.000+0000", "modified_at": "2026-01-01T00:00:00.000+0000",
            "is_suspended": false,
        });
        assert_eq!(bucket, expected);
        for taken in ["pang1", "elastis"] {
            assert_eq!(
                lab.status("PUT", PATH, &format!("name={taken}&billing_account_id=6")),
                409,
                "{taken}"
            );
        }
        let (status, body) = lab.form("PUT", PATH, "name=Pang");
        assert_eq!((status, body["errors"].as_object().unwrap().len()), (400, 2));
    }

    #[test]
    fn only_an_empty_bucket_is_deleted() {
        let mut lab = Lab::new();
        lab.ok("PUT", PATH, "name=pang1&billing_account_id=6");
        let clock = lab.clock.clone();
        lab.pass(60);
        assert!(lab.elastis.put_objects("pang1", 1, 3425, &clock));
        assert!(!lab.elastis.put_objects("nowhere", 1, 1, &clock));
        let full = lab.ok("GET", &format!("{PATH}?name=pang1"), "");
        assert_eq!((&full["num_objects"], &full["size_bytes"]), (&json!(1), &json!(3425)));
        assert_eq!(full["modified_at"], "2026-01-01T00:01:00.000+0000");
        assert_eq!(lab.status("DELETE", PATH, "name=pang1"), 409);
        assert!(lab.elastis.empty_bucket("pang1", &clock));
        assert_eq!(lab.status("DELETE", &format!("{PATH}?name=pang1"), ""), 204);
        assert_eq!(lab.status("GET", &format!("{PATH}?name=pang1"), ""), 404);
        lab.ok("PUT", PATH, "name=pang1&billing_account_id=6");
    }

    #[test]
    fn buckets_are_listed_by_payer_and_the_payer_can_change() {
        let mut lab = Lab::new();
        for name in ["one", "two"] {
            lab.ok("PUT", PATH, &format!("name={name}&billing_account_id=6"));
        }
        assert_eq!(
            lab.ok("PATCH", PATH, "name=two&billing_account_id=129072")["billing_account_id"],
            129_072
        );
        assert_eq!(lab.status("PATCH", PATH, "name=two&billing_account_id=1"), 400);
        let names = |lab: &mut Lab, query: &str| {
            let list = lab.ok("GET", &format!("{PATH}/list{query}"), "");
            list.as_array().unwrap().iter().map(|row| row["name"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(names(&mut lab, ""), ["one", "two"]);
        assert_eq!(names(&mut lab, "?billing_account_id=129072"), ["two"]);
    }
}
