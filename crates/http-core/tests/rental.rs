//! A rental ends no matter how its scope is left.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use http_core::rental::{Rental, RentalError, settle, settled};
use http_core::{Error, ErrorKind};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Mutex;
use tokio::task::yield_now;

/// Rentals that could not be ended are collected for the whole process, so these tests run one after the other.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Counts how many times a rental was ended.
#[derive(Clone, Default)]
struct Ended(Arc<AtomicU32>);

impl Ended {
    fn count(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }

    /// Returns a rental whose end takes several polls.
    fn rental(&self) -> Rental {
        let ended = self.clone();
        Rental::new("thing 7", move || {
            let ended = ended.clone();
            async move {
                for _ in 0..10 {
                    yield_now().await;
                }
                ended.0.fetch_add(1, Ordering::SeqCst);
                Ok(())
            }
        })
        .unwrap()
    }
}

fn runtimes() -> [Runtime; 2] {
    [
        Builder::new_current_thread().enable_all().build().unwrap(),
        Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap(),
    ]
}

/// A way in which a rental can end, on a runtime that is dropped afterwards.
type Way = (&'static str, fn(Runtime, Rental));

const WAYS: [Way; 11] = [
    ("success", |runtime, rental| {
        assert_eq!(runtime.block_on(rental.run(async { Ok::<_, Error>(7) })).unwrap(), 7);
    }),
    ("error", |runtime, rental| {
        let failed = runtime.block_on(rental.run(async { Err::<(), _>("no") }));
        assert!(matches!(failed, Err(RentalError::Work("no"))), "{failed:?}");
    }),
    ("error after some time", |runtime, rental| {
        let work = async {
            yield_now().await;
            Err::<(), _>("no")
        };
        runtime.block_on(rental.run(work)).unwrap_err();
    }),
    ("panic", |runtime, rental| {
        let work = async {
            yield_now().await;
            panic!("in the work")
        };
        let run = AssertUnwindSafe(|| runtime.block_on(rental.run::<(), Error>(work)));
        assert_eq!(catch_unwind(run).unwrap_err().downcast_ref::<&str>(), Some(&"in the work"));
    }),
    ("cancellation of the work", |runtime, rental| {
        runtime.block_on(async {
            let work = rental.run(std::future::pending::<Result<(), Error>>());
            tokio::time::timeout(Duration::from_millis(1), work).await.unwrap_err();
        });
    }),
    ("cancellation of the end", |runtime, rental| {
        runtime.block_on(async {
            let mut end = std::pin::pin!(rental.end());
            std::future::poll_fn(|context| {
                assert!(end.as_mut().poll(context).is_pending());
                std::task::Poll::Ready(())
            })
            .await;
        });
    }),
    ("an aborted task", |runtime, rental| {
        runtime.block_on(async {
            let task = tokio::spawn(rental.run(std::future::pending::<Result<(), Error>>()));
            yield_now().await;
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
        });
    }),
    ("a task that outlives its runtime", |runtime, rental| {
        runtime.spawn(rental.run(std::future::pending::<Result<(), Error>>()));
        runtime.block_on(yield_now());
        drop(runtime);
    }),
    ("a drop on the runtime", |runtime, rental| runtime.block_on(async { drop(rental) })),
    ("a drop outside of a runtime", |runtime, rental| {
        drop(runtime);
        drop(rental);
    }),
    ("a panic with the guard in scope", |runtime, rental| {
        let run = AssertUnwindSafe(|| {
            runtime.block_on(async {
                let _rental = rental;
                panic!("beside the rental")
            })
        });
        catch_unwind(run).unwrap_err();
    }),
];

#[test]
fn a_rental_ends_in_every_way_exactly_once() {
    let _alone = ALONE.blocking_lock();
    std::panic::set_hook(Box::new(|_| ()));
    for (name, way) in WAYS {
        for runtime in runtimes() {
            let ended = Ended::default();
            way(runtime, ended.rental());
            assert!(settle(Duration::from_secs(60)).is_empty(), "{name}");
            assert_eq!(ended.count(), 1, "{name}");
        }
    }
    let _ = std::panic::take_hook();
}

#[test]
fn a_rental_that_is_kept_is_not_ended() {
    let _alone = ALONE.blocking_lock();
    let ended = Ended::default();
    ended.rental().keep();
    assert!(settle(Duration::from_secs(60)).is_empty());
    assert_eq!(ended.count(), 0);
}

#[test]
fn an_end_outside_of_a_runtime_is_an_error_and_the_rental_still_ends() {
    let _alone = ALONE.blocking_lock();
    let ended = Ended::default();
    let polled = pin!(ended.rental().end()).poll(&mut Context::from_waker(Waker::noop()));
    let Poll::Ready(Err(error)) = polled else { panic!("no error") };
    assert!(
        error.kind() == ErrorKind::Configuration && error.to_string().contains("Tokio runtime"),
        "{error}"
    );
    assert!(settle(Duration::from_secs(60)).is_empty());
    assert_eq!(ended.count(), 1);
}

#[tokio::test]
async fn a_failed_end_is_reported_with_the_result_of_the_work() {
    let _alone = ALONE.lock().await;
    let stuck =
        || Rental::new("thing 8", || async { Err(Error::new(ErrorKind::Timeout, "no end")) }).unwrap();
    let failed = stuck().run(async { Ok::<_, Error>(7) }).await;
    let text = failed.as_ref().unwrap_err().to_string();
    assert!(text.starts_with("thing 8 may still be billed: no end"), "{text}");
    let Err(RentalError::End { work: Some(Ok(7)), error, .. }) = failed else { panic!("{failed:?}") };
    assert_eq!(error.message(), "no end");
    let given_up: RentalError<(), Error> = stuck().give_up(Error::new(ErrorKind::Connect, "no start")).await;
    assert!(given_up.to_string().starts_with("thing 8 may still be billed: no end"), "{given_up}");

    drop(stuck());
    let left = settled(Duration::from_secs(60)).await;
    assert_eq!(left.len(), 1);
    assert!(left[0].to_string().starts_with("thing 8 may still be billed: no end"), "{}", left[0]);
    assert!(settled(Duration::from_secs(60)).await.is_empty(), "each rental is reported once");

    drop(stuck().left_as("may be stopped"));
    let left = settled(Duration::from_secs(60)).await;
    assert!(left[0].to_string().starts_with("thing 8 may be stopped: no end"), "{}", left[0]);
}

#[tokio::test]
async fn settling_ends_at_its_timeout_and_lists_the_open_rentals() {
    let _alone = ALONE.lock().await;
    let (release, wait) = tokio::sync::watch::channel(false);
    for name in ["thing 8", "thing 9"] {
        let wait = wait.clone();
        let rental = Rental::new(name, move || {
            let mut wait = wait.clone();
            async move {
                let _ = wait.wait_for(|released| *released).await;
                Ok(())
            }
        });
        drop(rental.unwrap());
    }
    let open = settled(Duration::from_millis(10)).await;
    assert!(open[0].what.starts_with("thing 8 ") && open[0].error.is_none(), "{open:?}");
    assert!(open[1].what.starts_with("thing 9 ") && open[1].error.is_none(), "{open:?}");
    release.send(true).unwrap();
    assert!(settled(Duration::from_secs(60)).await.is_empty());
}
