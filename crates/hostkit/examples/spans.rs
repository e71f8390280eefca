//! Logs and metrics from the clients' `tracing` events: each failed attempt is a warning and each call is a span, from
//! which a small layer counts the calls, retries and time of each operation.
//!
//! ```text
//! cargo run -p hostkit --example spans
//! ```
//!
//! This runs the example against the simulator, which fails some calls with status 503. With `ELASTIS_API_KEY` in the
//! environment, the example runs against the provider. It changes nothing.
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hostkit::RetryPolicy;
use hostkit::prelude::*;
use hostkit::retry::Backoff;
use hostkit_simulator::{Fault, Simulator};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let metrics = Metrics::default();
    let lines = tracing_subscriber::fmt::layer()
        .without_time()
        .with_target(false)
        .with_ansi(false)
        .with_span_events(FmtSpan::CLOSE)
        .with_filter(LevelFilter::INFO);
    tracing_subscriber::registry().with(lines).with(metrics.clone()).init();

    let (elastis, simulator) = connect().await?;
    if let Some(simulator) = &simulator {
        simulator.fail("vm.list", [Fault::status(503), Fault::status(503)]);
    }
    elastis.vms().list().await?;
    elastis.networks().list().await?;
    elastis.in_all_locations(|elastis| elastis.vms().list()).await?;

    println!("\n{:16} {:>5} {:>7} {:>7} {:>9}", "OPERATION", "CALLS", "RETRIES", "FAILED", "TIME");
    for (operation, row) in &*metrics.0.lock().unwrap_or_else(PoisonError::into_inner) {
        let Row { calls, retries, failed, time } = row;
        println!("{operation:16} {calls:>5} {retries:>7} {failed:>7} {:>6} ms", time.as_millis());
    }
    Ok(())
}

/// Counters per operation. A real program would use a metrics library instead.
#[derive(Clone, Default)]
struct Metrics(Arc<Mutex<BTreeMap<String, Row>>>);

#[derive(Default)]
struct Row {
    calls: u64,
    retries: u64,
    failed: u64,
    time: Duration,
}

/// The values that a span has recorded, kept until the span closes.
struct CallSpan {
    start: Instant,
    operation: String,
    retries: u64,
    failed: bool,
}

impl Visit for CallSpan {
    fn record_debug(&mut self, field: &Field, _: &dyn std::fmt::Debug) {
        self.failed |= field.name() == "error.type";
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "hostkit.operation" => value.clone_into(&mut self.operation),
            _ => self.record_debug(field, &value),
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "http.request.resend_count" {
            self.retries = value;
        }
    }
}

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Metrics {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && span.name() == "http_call"
        {
            let mut call =
                CallSpan { start: Instant::now(), operation: String::new(), retries: 0, failed: false };
            attributes.record(&mut call);
            span.extensions_mut().insert(call);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(call) = span.extensions_mut().get_mut::<CallSpan>()
        {
            values.record(call);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if let Some(span) = context.span(&id)
            && let Some(call) = span.extensions_mut().remove::<CallSpan>()
        {
            let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let row = rows.entry(call.operation).or_default();
            row.calls += 1;
            row.retries += call.retries;
            row.failed += u64::from(call.failed);
            row.time += call.start.elapsed();
        }
    }
}

/// Connects to the provider if the environment contains credentials. Otherwise connects to the simulator, with short
/// delays between attempts.
async fn connect() -> Result<(Elastis, Option<Simulator>), Box<dyn std::error::Error>> {
    if std::env::var_os("ELASTIS_API_KEY").is_some() {
        return Ok((Elastis::from_env()?, None));
    }
    let simulator = Simulator::start().await?;
    let access = simulator.elastis();
    let short = Backoff::new(Duration::from_millis(50), Duration::from_secs(1));
    let elastis = Elastis::builder(access.key.as_str())
        .base_url(&access.base_url)
        .retry(RetryPolicy::attempts(4).with_backoff(short))
        .build()?;
    Ok((elastis, Some(simulator)))
}
