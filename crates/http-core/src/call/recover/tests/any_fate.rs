//! Several concurrent clients, whose create requests have random outcomes.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use tokio::time::{Instant, sleep};

use super::super::{Certainty, Created};
use super::{Client, Fate, ids};
use crate::error::Error;

fn fate(call: usize) -> impl Strategy<Value = (u64, Fate)> {
    let millis = |most: u64| (0..most).prop_map(Duration::from_millis);
    let processed = prop_oneof![1 => Just(None), 4 => millis(4_000).prop_map(Some)];
    let hidden = prop_oneof![2 => Just(Duration::ZERO), 1 => millis(90_000)];
    (0..3_000u64, processed, millis(3_000), any::<bool>(), hidden, any::<bool>()).prop_map(
        move |(starts, processed, ends, lost, hidden, marked)| {
            let lost = lost || processed.is_none();
            (starts, Fate { call, processed, ends, lost, hidden, marked })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Three clients and another program create identical resources at the same time; the create requests have random
    /// outcomes.
    #[test]
    fn nothing_is_created_twice_or_lost(
        fates in (fate(0), fate(1), fate(2)),
        clients in any::<bool>(),
        others in proptest::collection::vec(0..6_000u64, 0..3),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let one = Client::default();
            let client = |_: usize| {
                // Three clients, or one client with three create requests.
                if clients { Client { ledger: Arc::default(), ..one.clone() } } else { one.clone() }
            };
            let world = one.world.clone();
            let other_program = tokio::spawn(async move {
                for millis in others {
                    sleep(Duration::from_millis(millis)).await;
                    world.create(None, "web", "", Duration::ZERO);
                }
            });
            let runs = [fates.0, fates.1, fates.2].map(|(starts, fate)| {
                let client = client(fate.call);
                tokio::spawn(async move {
                    sleep(Duration::from_millis(starts)).await;
                    let from = Instant::now();
                    let result = client.create("web", fate).await;
                    (client, fate, from, result)
                })
            });
            let mut ends = Vec::new();
            for run in runs {
                ends.push(run.await.unwrap());
            }
            other_program.await.unwrap();
            sleep(Duration::from_secs(120)).await;
            let returned: Vec<usize> = ends.iter().filter_map(|(.., result)| Some(result.as_ref().ok()?.value.id)).collect();
            for (client, fate, from, result) in &ends {
                let created = client.world.created_by(fate.call);
                prop_assert!(created.len() <= 1);
                prop_assert_eq!(created.len(), usize::from(fate.processed.is_some()));
                match result {
                    Ok(Created { value, certainty: Certainty::Likely }) if value.by != Some(fate.call) => {
                        prop_assert!(value.visible >= *from && value.text.is_empty(), "{:?} was seen before", value);
                        prop_assert!(!fate.marked);
                    }
                    Ok(Created { value, .. }) => prop_assert_eq!(value.by, Some(fate.call)),
                    Err(error) => {
                        prop_assert!(fate.lost && error.is_outcome_unknown());
                        // A created resource is a candidate, or another create's likely result, or is found later.
                        for thing in created {
                            let id = thing.id.to_string();
                            let listed = |error: &Error| ids(error).contains(&id.as_str());
                            let known = listed(error) || returned.contains(&thing.id) || match client.find(error.ticket().unwrap()).await {
                                Ok(found) => !fate.marked || found.value.id == thing.id,
                                Err(later) => listed(&later),
                            };
                            prop_assert!(known, "{:?} is lost: {}", thing, error);
                        }
                    }
                }
            }
            if !clients {
                let mut ids = returned.clone();
                ids.sort_unstable();
                ids.dedup();
                prop_assert_eq!(ids.len(), returned.len(), "one resource was returned for two creates");
            }
            Ok(())
        })?;
    }
}
