//! Ids that are the same in every run.

/// A generator of ids, UUIDs and tokens. A value depends only on the seed and on the number of values generated before
/// it.
#[derive(Clone, Debug)]
pub(crate) struct Ids {
    seed: u64,
    count: u64,
}

impl Ids {
    /// Creates a generator. Different values of `stream` keep the providers of a simulator from generating the same
    /// ids.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        Self { seed: mix(seed ^ mix(stream)), count: 0 }
    }

    fn next(&mut self) -> u64 {
        self.count += 1;
        mix(self.seed.wrapping_add(self.count.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// Returns the next number above `start` in an increasing series.
    pub(crate) fn number(&mut self, start: u64) -> u64 {
        self.count += 1;
        start + self.count
    }

    /// Returns a version 4 UUID.
    pub(crate) fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | (low >> 48) & 0x3fff,
            low & 0xffff_ffff_ffff
        )
    }

    /// Returns a token of `length` hexadecimal digits.
    pub(crate) fn token(&mut self, length: usize) -> String {
        let mut digits = String::with_capacity(length + 16);
        while digits.len() < length {
            let word = format!("{:016x}", self.next());
            digits.push_str(&word);
        }
        digits.truncate(length);
        digits
    }
}

/// Applies the SplitMix64 finalizer, which maps different inputs to different outputs.
fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_seed_results_in_the_same_ids() {
        let draw = |seed, stream| {
            let mut ids = Ids::new(seed, stream);
            (ids.uuid(), ids.token(40), ids.number(1000))
        };
        assert_eq!(draw(1, 1), draw(1, 1));
        assert_ne!(draw(1, 1).0, draw(2, 1).0);
        assert_ne!(draw(1, 1).0, draw(1, 2).0);
    }

    #[test]
    fn uuids_have_the_format_of_version_4() {
        let mut ids = Ids::new(0, 0);
        for uuid in std::iter::repeat_with(|| ids.uuid()).take(1000) {
            let groups: Vec<_> = uuid.split('-').map(str::len).collect();
            assert_eq!(groups, [8, 4, 4, 4, 12], "{uuid}");
            assert!(uuid[14..].starts_with('4') && "89ab".contains(&uuid[19..20]), "{uuid}");
        }
    }
}
