//! The body of a response, while it is received.

use std::mem;

use bytes::Bytes;

/// The received part of a body. A body of one chunk is not copied.
#[derive(Default)]
pub(crate) struct Received {
    pub(super) is_client_error: bool,
    first: Bytes,
    all: Vec<u8>,
}

impl Received {
    pub(super) fn push(&mut self, chunk: Bytes, announced: usize) {
        if self.len() == 0 {
            self.first = chunk;
            return;
        }
        if self.all.is_empty() {
            // A wrong `Content-Length` must not cause much memory to be reserved.
            self.all.reserve_exact(announced.min(1024 * 1024));
            self.all.extend_from_slice(&mem::take(&mut self.first));
        }
        let length = self.all.len();
        if length + chunk.len() > self.all.capacity() {
            // Doubles up to the announced length. Beyond it, the body is in two places while it grows by a quarter.
            let more = announced.saturating_sub(length).min(length).max(length / 4);
            self.all.reserve_exact(more.max(chunk.len()));
        }
        self.all.extend_from_slice(&chunk);
    }

    pub(super) fn len(&self) -> usize {
        self.first.len() + self.all.len()
    }

    /// Returns whether the body contains nothing but white space, NUL bytes and a byte order mark.
    pub(super) fn is_blank(&self) -> bool {
        let is_blank = |byte: &u8| byte.is_ascii_whitespace() || b"\0\xef\xbb\xbf\xfe\xff".contains(byte);
        self.first.iter().chain(&self.all).all(is_blank)
    }

    /// Returns the received bytes if they may contain the id of the created resource. The id in a client error may
    /// belong to a resource that existed before.
    pub(crate) fn of_created(self) -> Option<Bytes> {
        (!self.is_client_error).then(|| self.into_bytes())
    }

    /// Returns the body without its spare capacity, because decoding needs several times that memory.
    pub(super) fn into_bytes(mut self) -> Bytes {
        if self.all.is_empty() {
            return self.first;
        }
        self.all.shrink_to_fit();
        self.all.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Receives a body of `chunks` chunks, of which the server announced this length. Returns the body, the most room
    /// that it took, and how many times it grew.
    fn received(chunks: usize, announced: usize) -> (Bytes, usize, usize) {
        let (mut body, mut most, mut grown) = (Received::default(), 0, 0);
        for number in 0..chunks {
            let before = body.all.capacity();
            body.push(vec![number.to_le_bytes()[0]; 10_000].into(), announced);
            let after = body.all.capacity();
            // While it grows, it is in two places.
            most = most.max(if after == before { after } else { before + after });
            grown += usize::from(after != before);
        }
        (body.into_bytes(), most, grown)
    }

    #[test]
    fn a_body_takes_little_more_than_its_size_while_it_is_received() {
        const CHUNKS: usize = 1_000;
        const SIZE: usize = CHUNKS * 10_000;
        let whole: Vec<u8> = (0..CHUNKS).flat_map(|number| [number.to_le_bytes()[0]; 10_000]).collect();
        for announced in [0, 1, SIZE / 2, SIZE, 3 * SIZE, usize::MAX] {
            let (body, most, grown) = received(CHUNKS, announced);
            assert!(body == whole, "{announced}");
            assert!(most <= 5 * SIZE / 2 && grown < 50, "{announced}: {most} {grown}");
        }
        assert_eq!(received(1, SIZE).1, 0, "a body of one chunk is not copied");
        assert_eq!(received(2, usize::MAX).1, 1024 * 1024);
        assert_eq!(received(50, 500_000).1, 500_000, "a body of the announced length does not grow");
    }
}
