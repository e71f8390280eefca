//! Tests of changes that a read confirms.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use http_core::client::Operation;

use crate::client;
use crate::server::{Act, Server};

const MOVE: Operation = Operation::post("thing.move", "/v1/things").confirmed();

#[tokio::test(start_paused = true)]
async fn a_read_confirms_a_change_only_if_its_response_is_lost_or_cannot_be_decoded() {
    for (act, confirmed, value) in [
        (Act::ok("1"), 0, Some(1)),
        (Act::ok("x"), 1, Some(2)),
        (Act::CloseAfterReading, 1, Some(2)),
        (Act::response(409, "", "no"), 0, None),
    ] {
        let server = Server::start([act.clone()]).await;
        let reads = Arc::new(AtomicU32::new(0));
        let count = reads.clone();
        let read = move || async move {
            count.fetch_add(1, Ordering::Relaxed);
            Ok(true)
        };
        let moved = client(&server.url()).call(&MOVE).confirm_by("2", read).json::<u8>().await;
        assert_eq!(moved.as_ref().ok(), value.as_ref(), "{act:?}: {moved:?}");
        assert_eq!((reads.load(Ordering::Relaxed), server.received().len()), (confirmed, 1), "{act:?}");
    }
}
