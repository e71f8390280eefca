use super::*;

async fn live(provider: Provider, changed: bool) -> (Report, Vec<(&'static str, Fixture)>) {
    let arguments = Arguments { provider, simulated: true, changed, record: None, location: None };
    check(&arguments).await.unwrap()
}

#[tokio::test]
async fn the_simulator_responds_to_every_read_operation_like_the_samples() {
    for (provider, read) in [(Provider::LeadersslGpu, 2), (Provider::InfernoVps, 7), (Provider::Elastis, 36)]
    {
        let (report, recorded) = live(provider, false).await;
        assert!(report.outcome().is_ok(), "{report}");
        assert_eq!(recorded.len(), read, "{report}");
        for (package, fixture) in &recorded {
            let text = fixture.canonical().unwrap();
            assert!(!text.contains("simulator-"), "{package} {text}");
        }
    }
}

#[tokio::test]
async fn unknown_fields_nulls_and_types_are_reported_without_values() {
    let (report, _) = live(Provider::Elastis, true).await;
    let text = report.to_string();
    assert!(report.outcome().is_err());
    for line in [
        "`[].flavour: unknown field (string)`",
        "`[].name: null, was string`",
        "`[].created_at: boolean, was string`",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(!text.contains("large"), "{text}");
    let (report, _) = live(Provider::InfernoVps, true).await;
    assert!(report.to_string().contains("flavour: unknown field"), "{report}");
    let (report, _) = live(Provider::LeadersslGpu, true).await;
    assert!(report.to_string().contains("flavour: unknown field"), "{report}");
}

#[tokio::test]
async fn a_report_lists_operations_that_failed_or_were_not_run() {
    let mut report = Report::new(Provider::Elastis);
    report.add("vm.list", Verdict::of(Vec::new()));
    report.add("vm.get", Verdict::NotRun("vm.list returned nothing to read".into()));
    assert!(report.outcome().is_ok());
    report.add("disk.list", Verdict::Failed("Status, status 500".into()));
    let text = report.to_string();
    let rows: Vec<_> = text.lines().filter(|line| line.starts_with('|')).map(str::len).collect();
    assert_eq!(rows, [rows[0]; 5], "{text}");
    assert!(text.ends_with("3 operations: 1 match, 0 differ, 1 failed, 1 not run"), "{text}");
    assert!(report.outcome().is_err());
}
