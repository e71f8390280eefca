//! Deeply nested responses.

use std::future::Future;

use crate::fixture::first_fixtures;
use crate::replay::{Exchange, Replayed, response};

/// Returns bodies that are deeply nested at different positions.
fn deep_bodies() -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    for depth in [100, 4000] {
        for key in [
            "retx", "vps_info", "errors", "error", "message", "success", "result", "orders", "uuid",
            "storage",
        ] {
            let nest = |open: &str, middle: &str, close: &str| {
                [open.repeat(depth), middle.to_owned(), close.repeat(depth)].concat().into_bytes()
            };
            bodies.push(nest(&format!(r#"{{"{key}":"#), "{}", "}"));
            bodies.push(nest(&format!(r#"{{"result":"success","{key}":"#), r#"{"result":"fail"}"#, "}"));
            bodies.push([format!(r#"{{"{key}":"#).into_bytes(), nest("[", "1", "]"), b"}".to_vec()].concat());
            bodies.push(
                [format!(r#"[{{"{key}":"#).into_bytes(), nest("[{\"a\":", "1", "}]"), b"}]".to_vec()]
                    .concat(),
            );
        }
        bodies.push("[".repeat(depth).into());
        bodies.push("{\"a\":".repeat(depth).into());
        bodies.push(["Array ( [retx] => ".repeat(depth), " )".repeat(depth)].concat().into());
    }
    bodies
}

/// Sends deeply nested responses to every operation of `package` on a thread with a small stack, and checks that the
/// stack does not overflow.
pub(super) fn depth_is_bounded<A, F>(package: &str, ask: &A)
where
    A: Fn(Exchange) -> F + Sync,
    F: Future<Output = Replayed>,
{
    let fixtures = first_fixtures(package);
    std::thread::scope(|scope| {
        let run = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| {
                runtime.block_on(async {
                    for fixture in &fixtures {
                        for body in deep_bodies() {
                            let _ = ask(Exchange::finishing(fixture.clone(), response(200, body))).await;
                        }
                    }
                });
            })
        };
        let thread = std::thread::Builder::new().stack_size(1024 * 1024).spawn_scoped(scope, run);
        assert!(thread.is_ok_and(|thread| thread.join().is_ok_and(|run| run.is_ok())), "{package}");
    });
}
