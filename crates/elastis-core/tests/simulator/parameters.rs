use elastis_core::{Login, NewVm, Os, VmSize};

use super::{ACCOUNT, start};

fn image(name: &str, os: (&str, &str), disk_gib: u64, size: (u32, u64), login: (&str, &str)) -> NewVm {
    let (os, size) = (Os::new(os.0, os.1), VmSize::new(size.0, size.1));
    NewVm::from_image(name, os, disk_gib, size, Login::new(login.0, login.1)).with_billing_account(ACCOUNT)
}

/// The check finds exactly the parameters that the provider rejects.
#[tokio::test]
async fn a_check_finds_the_parameters_that_the_provider_would_reject() {
    let (_simulator, elastis) = start().await;
    let rules = elastis.parameters().vm().await.unwrap();
    let (ubuntu, windows, good) = (("ubuntu", "20.04"), ("windows", "2022"), ("example", "Password123"));
    let mut cases = vec![
        image("web-1", ubuntu, 20, (1, 512), good),
        image("web-1", ubuntu, 240, (16, 65_536), good),
        image("web-1", ubuntu, 19, (0, 511), good),
        image("web-1", ubuntu, 241, (17, 65_537), good),
        image("web-1", windows, 20, (2, 1024), good),
        image("web-1", windows, 20, (1, 1023), good),
        image("web-1", ("ubuntu", "2022"), 20, (1, 512), good),
        image("web-1", ("plan9", "4"), 20, (1, 512), good),
        image("web-1", ubuntu, 20, (1, 512), good).with_login(Login::none()),
        image("web-1", windows, 20, (2, 1024), good).with_login(Login::password("Password123")),
    ];
    if cfg!(feature = "check-patterns") {
        cases.push(image("-web", ubuntu, 20, (1, 512), ("1", "passw0rd")));
        cases.push(image("wéb-1", ubuntu, 20, (1, 512), ("a b", "Pass123")));
    }
    let mut rejected = 0;
    for vm in cases {
        let mut found: Vec<String> =
            rules.check(&vm).into_iter().map(|violation| violation.parameter).collect();
        found.sort();
        let outcome = elastis.vms().create(vm.clone()).await;
        let named = outcome.as_ref().err().map(|error| error.code().unwrap_or("nothing").to_owned());
        rejected += usize::from(named.is_some());
        assert_eq!(found.join(", "), named.unwrap_or_default(), "{vm:?}");
    }
    assert!(rejected >= 6);
}
