//! `send_blocking()` without the feature `blocking`: a method that cannot be called, so that the compiler names the
//! feature.

use crate::call::Call;
use crate::call::list::ListCall;
use crate::call::recover::{Create, Created, Ensure, Ensured, Noted, Recover};
use crate::call::sequence::CallSequence;
use crate::call::wait::{Wait, WaitError};
use crate::error::Error;

/// Holds for no type; explains what is missing.
#[diagnostic::on_unimplemented(
    message = "`send_blocking()` needs the feature `blocking`",
    label = "turn on `blocking` for this dependency in Cargo.toml, or use `.await`",
    note = "e.g. `hostkit = {{ version = \"0.1\", features = [\"blocking\"] }}`"
)]
#[doc(hidden)]
pub trait HasBlocking {
    /// Returns what `send_blocking()` would return.
    fn absent<R>() -> R;
}

macro_rules! without_blocking {
    ($($call:ident<$first:ident $(, $other:ident)?> -> $result:ty;)*) => {$(
        impl<$first $(, $other)?> $call<$first $(, $other)?> {
            #[doc(hidden)]
            pub fn send_blocking(self) -> $result
            where
                $first: HasBlocking,
            {
                $first::absent()
            }
        }
    )*};
}

without_blocking! {
    Call<T> -> Result<T, Error>;
    ListCall<T> -> Result<Vec<T>, Error>;
    CallSequence<T> -> Result<T, Error>;
    Wait<T> -> Result<T, WaitError<T>>;
    Create<T, F> -> Result<T, Error>;
    Recover<F> -> Result<Created<F>, Error>;
    Ensure<F> -> Result<Ensured<F>, Error>;
    Noted<F> -> Result<Created<F>, Error>;
}
