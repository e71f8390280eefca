//! The locations, each with resources of its own.
use serde_json::{Value, json};

use super::context::{Answer, Context, Endpoint};
use crate::base::Response;
use crate::elastis::state::location::LOCATIONS;

pub(crate) const ENDPOINTS: &[Endpoint] =
    &[Endpoint::global("location.list", "GET", "/v1/config/locations", list)];

fn list(_: &mut Context<'_>) -> Answer {
    let rows = LOCATIONS.iter().zip(1..).map(|(location, order_nr)| {
        json!({
            "display_name": location.display_name,
            "is_default": location.is_default,
            "is_preferred": !location.is_default,
            "description": location.description,
            "order_nr": order_nr,
            "slug": location.slug,
            "country_code": "est",
        })
    });
    Ok(Response::json(200, &rows.collect::<Value>()))
}

#[cfg(test)]
mod tests {
    use crate::elastis::testing::Lab;
    use serde_json::json;

    #[test]
    fn every_location_has_its_own_vms() {
        let mut lab = Lab::new();
        let here = lab.new_vm("billing_account_id=6");
        let list = |lab: &mut Lab, slug: &str| lab.ok("GET", &format!("/v1{slug}/user-resource/vm/list"), "");
        assert_eq!(list(&mut lab, "")[0]["uuid"], here.as_str());
        assert_eq!(list(&mut lab, ""), list(&mut lab, "/cyc01"));
        assert_eq!(list(&mut lab, "/bus02"), json!([]));
        let (status, _) = lab.form("GET", &format!("/v1/bus02/user-resource/vm?uuid={here}"), "");
        assert_eq!(status, 400);
    }

    #[test]
    fn an_unknown_slug_has_no_route() {
        let mut lab = Lab::new();
        let (status, body) = lab.form("GET", "/v1/xyz09/user-resource/vm/list", "");
        assert_eq!((status, body), (404, json!({"message": "no route and no API found with those values"})));
    }

    #[test]
    fn exactly_one_location_is_the_default() {
        let list = Lab::new().ok("GET", "/v1/config/locations", "");
        let defaults: Vec<_> =
            list.as_array().unwrap().iter().filter(|row| row["is_default"] == true).collect();
        assert_eq!(defaults.len(), 1);
        assert_eq!(defaults[0]["slug"], "cyc01");
    }
}
