//! For builds without the feature `blocking`: declares a `send_blocking()` that cannot be called, so that the compiler
//! names the missing feature.

use crate::call::Call;
use crate::call::list::ListCall;
use crate::call::misplaced::absent;
use crate::call::recover::{Create, Created, Ensure, Ensured, Noted, Recover};
use crate::call::sequence::CallSequence;
use crate::call::wait::{Wait, WaitError};
use crate::error::Error;

/// Implemented for no type.
#[diagnostic::on_unimplemented(
    message = "`send_blocking()` needs the feature `blocking`",
    label = "enable `blocking` for this dependency in Cargo.toml, or use `.await`",
    note = "e.g. `hostkit = {{ version = \"0.1\", features = [\"blocking\"] }}`"
)]
#[doc(hidden)]
pub trait HasBlocking {
    /// Never called; provides a value of the method's return type.
    fn absent<R>() -> R;
}

absent! { HasBlocking:
    Call<T>.send_blocking() -> Result<T, Error>;
    ListCall<T>.send_blocking() -> Result<Vec<T>, Error>;
    CallSequence<T>.send_blocking() -> Result<T, Error>;
    Wait<T>.send_blocking() -> Result<T, WaitError<T>>;
    Create<T, F>.send_blocking() -> Result<T, Error>;
    Recover<F>.send_blocking() -> Result<Created<F>, Error>;
    Ensure<F>.send_blocking() -> Result<Ensured<F>, Error>;
    Noted<F>.send_blocking() -> Result<Created<F>, Error>;
}
