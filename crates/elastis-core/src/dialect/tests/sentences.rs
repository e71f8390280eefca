use super::*;

/// Sentences that are in the provider's documentation, were observed, or follow the same pattern.
const ABSENCES: [&str; 8] = [
    "No such virtual machine exists: 5052bf02-044a-4d35-a803-d6b156f84beb",
    "No such virtual machine exists. aa",
    "No such virtual machine exists",
    "No such replica exists: aa",
    "Provided billing account is incorrect.",
    "Disk not found",
    "Ip address 1.2.3.4 was not found.",
    "Storage account not found.",
];

#[test]
fn only_the_absence_of_the_operations_own_resource_is_not_found() {
    #[rustfmt::skip]
    let own_resources: [(&[&str], &[&str]); 6] = [
        (&ABSENCES[..3], &["vm.delete", "vm.get", "vm.stop", "vm_disk.add", "vm_disk.resize", "disk.attach", "disk.detach", "replica.create", "replica.list", "billing_resource.assign"]),
        (&ABSENCES[3..4], &["replica.delete", "replica.create", "replica.list"]),
        (&ABSENCES[4..5], &["billing_account.get", "billing_account.delete"]),
        (&ABSENCES[5..6], &["disk.get", "disk.delete", "disk.attach", "disk.detach", "vm_disk.add", "vm_disk.resize", "vm_disk.delete", "billing_resource.assign"]),
        (&ABSENCES[6..7], &["floating_ip.get", "floating_ip.delete", "billing_resource.assign"]),
        (&ABSENCES[7..], &["bucket.get", "s3_user.get", "s3_key.delete"]),
    ];
    let others = ["network.delete", "load_balancer.delete", "card.delete", "invoice.pay", "token.delete"];
    let operations = || own_resources.iter().flat_map(|(_, own)| own.iter()).chain(&others);
    for (sentence, own) in own_resources.iter().flat_map(|(all, own)| all.iter().map(move |one| (one, own))) {
        for (name, around) in operations().flat_map(|name| AROUND.map(|around| (*name, around))) {
            let is_own = own.contains(&name);
            let expected =
                if is_own { ErrorResponseKind::NotFound } else { ErrorResponseKind::InvalidArgument };
            for status in [400, 404, 410, 422] {
                let body = around.replace('@', sentence);
                assert_eq!(
                    read(&named(name), status, &body).unwrap_err().kind,
                    expected,
                    "{name} {status} {body}"
                );
            }
        }
    }
    for resource in ["Image", "Snapshot", "Billing account", "Load balancer", "Network", "Card", "Target"] {
        for operation in [&DELETE, &POST, &CREATE] {
            let body = format!(r#"{{"message": "{resource} not found"}}"#);
            let kind = read(operation, 404, &body).unwrap_err().kind;
            assert_eq!(kind, ErrorResponseKind::InvalidArgument, "{} {body}", operation.name());
        }
    }
}

#[test]
fn a_sentence_of_the_platform_determines_the_kind_wherever_it_is() {
    for (sentence, kind) in [
        ("Network uuid is invalid.", ErrorResponseKind::NotFound),
        ("Default network cannot be deleted.", ErrorResponseKind::Conflict),
        ("Not changing vcpu and memory because values are same.", ErrorResponseKind::Conflict),
    ] {
        for (around, status) in
            AROUND.iter().flat_map(|around| [400, 404, 500, 503].map(|status| (around, status)))
        {
            let body = around.replace('@', sentence);
            let read = read(&named("network.delete"), status, &body);
            assert_eq!(read.unwrap_err().kind, kind, "{status} {body}");
        }
    }
}

#[test]
fn no_status_and_no_other_sentence_proves_that_a_resource_does_not_exist() {
    let foreign = [
        "[Errno 2] No such file or directory: '/run/libvirt/sock'",
        "dial tcp: lookup vm-api on 10.0.0.10:53: no such host",
        "No such user exists: root",
        "No such virtual machine exists in the cache of this node",
        "The VM has no such disk.",
        "no route and no API found with those values",
        "no Route matched with those values",
        "No static resource v1/user-resource/vm.",
        "The requested URL was not found on this server.",
        "Not Found",
        "404 page not found",
        "Route not found",
        "Network route not found",
        "Resource not found",
        "Upstream disk not found",
    ];
    let embedded = ABSENCES.iter().flat_map(|sentence| {
        [
            format!("Cannot stop: {sentence}"),
            format!("{sentence} on node 7; try again"),
            format!("'{sentence}'"),
        ]
    });
    let foreign: Vec<String> = foreign.map(str::to_owned).into_iter().chain(embedded).collect();
    let statuses = [200, 400, 401, 403, 404, 409, 410, 422, 429, 500, 502, 503, 504];
    for operation in [&POST, &GET, &DELETE, &CREATE] {
        for (sentence, status) in foreign.iter().flat_map(|text| statuses.map(|status| (text, status))) {
            for around in AROUND {
                let body = around.replace('@', sentence).replacen('{', r#"{"success": false, "#, 1);
                let Err(error_response) = read(operation, status, &body) else { continue };
                let expected = match (status, error_response.kind) {
                    (404 | 410, _) => ErrorResponseKind::UnknownUrl,
                    (500.., _) => ErrorResponseKind::Unavailable,
                    (_, kind) => kind,
                };
                let kind = error_response.kind;
                assert!(kind == expected && kind != ErrorResponseKind::NotFound, "{status} {body}: {kind:?}");
            }
        }
        for (sentence, status) in ABSENCES
            .iter()
            .flat_map(|text| [401, 403, 409, 429, 500, 502, 503, 504].map(|status| (text, status)))
        {
            for around in AROUND {
                let body = around.replace('@', sentence);
                let kind = read(operation, status, &body).unwrap_err().kind;
                assert_ne!(kind, ErrorResponseKind::NotFound, "{status} {body}");
            }
        }
    }
}

#[test]
fn a_404_of_a_gateway_or_a_framework_is_an_unknown_url() {
    for body in [
        r#"{"message": "no Route matched with those values", "request_id": "4bf92f35"}"#,
        r#"{"type": "about:blank", "title": "Not Found", "detail": "No static resource v1/x.", "status": 404, "instance": "/v1/x"}"#,
        r#"{"timestamp": 1661990594355, "status": 404, "error": "Not Found", "path": "/v1/x"}"#,
        r#"{"message": "Not Found"}"#,
        r#"{"detail": "Not Found"}"#,
        r#"{"error": "Not Found", "code": 5}"#,
        r#"{"errors": {"Error": "Not Found"}}"#,
        r#"{"404": "The API call you tried to make was not defined."}"#,
        "404 page not found",
        "",
    ] {
        for operation in [&POST, &GET, &DELETE, &CREATE] {
            let kind = read(operation, 404, body).unwrap_err().kind;
            assert_eq!(kind, ErrorResponseKind::UnknownUrl, "{} {body}", operation.name());
        }
    }
}
