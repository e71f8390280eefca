//! Response bodies that end cleanly, early, late or never, depending on the fault.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use crate::world::faults::End;

/// The error that closes the connection before the response is complete.
#[derive(Debug)]
pub(super) struct Gone;

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection was closed by a planned fault")
    }
}

impl std::error::Error for Gone {}

/// A response body that ends as the fault requires.
#[derive(Debug)]
pub(super) struct Payload {
    body: Option<Bytes>,
    end: End,
    padding: u64,
    flushed: bool,
}

impl Payload {
    const CHUNK: &'static [u8] = &[b' '; 16 * 1024];

    pub(super) fn new(body: Bytes, end: End) -> Self {
        let length = body.len();
        let body = match end {
            End::Cut | End::Stall => body.slice(..length / 2),
            _ => body,
        };
        let padding = match end {
            End::PaddedTo(bytes) => bytes.saturating_sub(length as u64),
            _ => 0,
        };
        Self { body: Some(body).filter(|body| !body.is_empty()), end, padding, flushed: false }
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Gone;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Gone>>> {
        if let Some(body) = self.body.take() {
            return Poll::Ready(Some(Ok(Frame::data(body))));
        }
        match self.end {
            End::Stall => Poll::Pending,
            // An error discards data that hyper has not flushed yet, so the error is returned one poll later.
            End::Cut if !self.flushed => {
                self.flushed = true;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            End::Cut => Poll::Ready(Some(Err(Gone))),
            End::PaddedTo(_) if self.padding > 0 => {
                let size = usize::try_from(self.padding).unwrap_or(usize::MAX).min(Self::CHUNK.len());
                self.padding -= size as u64;
                Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&Self::CHUNK[..size])))))
            }
            End::PaddedTo(_) | End::Clean => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.end == End::Clean && self.body.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        match self.end {
            End::Clean => SizeHint::with_exact(self.body.as_ref().map_or(0, Bytes::len) as u64),
            _ => SizeHint::default(),
        }
    }
}
