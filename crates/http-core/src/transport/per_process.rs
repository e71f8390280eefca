//! Values that a forked child must not share with its parent.

use std::sync::OnceLock;
use std::{fmt, process};

/// For provider crates: a value of which each process has its own. A forked child inherits the memory of its parent, but
/// only one of its threads: the background threads do not run, and locks and permits that other threads hold are never
/// released.
pub struct PerProcess<T>(OnceLock<Box<Slot<T>>>);

struct Slot<T> {
    process: u32,
    value: T,
    /// The value of a forked child.
    next: PerProcess<T>,
}

impl<T> Default for PerProcess<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for PerProcess<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PerProcess").finish_non_exhaustive()
    }
}

impl<T> PerProcess<T> {
    /// Creates a place without a value.
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// Returns the value of this process, if there is one.
    pub(crate) fn get(&self) -> Option<&T> {
        self.find(process::id()).ok()
    }

    /// Returns the value of this process. If there is none, `make` creates it; a failure is not kept.
    ///
    /// # Errors
    ///
    /// The errors of `make`.
    pub fn get_or_make<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        self.of(process::id(), make)
    }

    fn of<E>(&self, process: u32, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        match self.find(process) {
            Ok(value) => Ok(value),
            Err(free) => {
                let slot = Box::new(Slot { process, value: make()?, next: Self::new() });
                // If another thread was faster, its value counts.
                Ok(&free.0.get_or_init(|| slot).value)
            }
        }
    }

    /// Returns the value of a process, or else the place for it.
    fn find(&self, process: u32) -> Result<&T, &Self> {
        let mut place = self;
        while let Some(slot) = place.0.get() {
            if slot.process == process {
                return Ok(&slot.value);
            }
            place = &slot.next;
        }
        Err(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_process_has_a_value_of_its_own() {
        let values = PerProcess::new();
        let of = |process, value| *values.of(process, || Ok::<_, ()>(value)).unwrap();
        assert_eq!([of(1, "parent"), of(2, "child"), of(3, "grandchild")], ["parent", "child", "grandchild"]);
        assert_eq!([of(1, "-"), of(2, "-"), of(3, "-")], ["parent", "child", "grandchild"]);
        assert_eq!(values.get(), None);
        assert_eq!(format!("{values:?}"), "PerProcess { .. }");
        assert_eq!((values.get_or_make(|| Ok::<_, ()>("this")), values.get()), (Ok(&"this"), Some(&"this")));
    }

    #[test]
    fn a_failure_is_not_kept() {
        let values = PerProcess::new();
        assert_eq!(values.get_or_make(|| Err("no thread")), Err("no thread"));
        assert_eq!(values.get_or_make(|| Ok::<_, ()>(7)), Ok(&7));
    }
}
