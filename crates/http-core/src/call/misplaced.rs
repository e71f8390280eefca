//! Methods that cannot be called. They exist so that the compiler can explain what to do instead.

use crate::call::Call;
use crate::call::list::ListCall;
use crate::call::recover::{Create, Created, Ensure, Ensured, Noted, Recover};
use crate::call::sequence::CallSequence;
use crate::call::wait::{HasCondition, Wait, WaitBuilder, WaitError};

macro_rules! absent {
    ($trait:ident: $(
        $call:ident<$first:ident $(, $other:ident)?>.$method:ident($($argument:ident: $type:ty)?) -> $result:ty;
    )*) => {$(
        impl<$first $(, $other)?> $call<$first $(, $other)?> {
            #[doc(hidden)]
            pub fn $method(self $(, $argument: $type)?) -> $result
            where
                $first: $trait,
            {
                $first::absent()
            }
        }
    )*};
}
#[cfg(not(feature = "blocking"))]
pub(crate) use absent;

/// Implemented for no type.
#[diagnostic::on_unimplemented(
    message = "this call has no result before it is awaited",
    label = "add `.await?` to the call, or `.send_blocking()?` in a program without async code",
    note = "e.g. `for vm in client.vms().list().await? {{ … }}`"
)]
#[doc(hidden)]
pub trait IsAwaited {
    /// Never called; provides a value of the method's return type.
    fn absent<R>() -> R;
}

absent! { IsAwaited:
    Call<T>.unwrap() -> T;
    Call<T>.expect(_message: &str) -> T;
    ListCall<T>.unwrap() -> Vec<T>;
    ListCall<T>.expect(_message: &str) -> Vec<T>;
    ListCall<T>.iter() -> std::vec::IntoIter<T>;
    CallSequence<T>.unwrap() -> T;
    CallSequence<T>.expect(_message: &str) -> T;
    Wait<T>.unwrap() -> T;
    Wait<T>.expect(_message: &str) -> T;
    Create<T, F>.unwrap() -> T;
    Create<T, F>.expect(_message: &str) -> T;
    Recover<F>.unwrap() -> Created<F>;
    Recover<F>.expect(_message: &str) -> Created<F>;
    Ensure<F>.unwrap() -> Ensured<F>;
    Ensure<F>.expect(_message: &str) -> Ensured<F>;
    Noted<F>.unwrap() -> Created<F>;
    Noted<F>.expect(_message: &str) -> Created<F>;
}

absent! { HasCondition:
    WaitBuilder<T>.send_blocking() -> Result<T, WaitError<T>>;
}

#[doc(hidden)]
impl<T: IsAwaited> Iterator for ListCall<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        T::absent()
    }
}

/// Implemented for no type.
#[diagnostic::on_unimplemented(
    message = "`tolerant()` is only for calls that return a list",
    label = "this call returns a single value, so there are no rows to skip",
    note = "remove `.tolerant()`; methods such as `list()` have it"
)]
#[doc(hidden)]
pub trait IsList {
    /// Never called; provides a value of the method's return type.
    fn absent<R>() -> R;
}

absent! { IsList:
    Call<T>.tolerant() -> Self;
    CallSequence<T>.tolerant() -> Self;
    Create<T, F>.tolerant() -> Self;
}

/// Implemented for no type.
#[diagnostic::on_unimplemented(
    message = "`recover()` is only for calls that create something",
    label = "this call creates nothing",
    note = "remove `.recover()`; if the response is lost, `Error::is_outcome_unknown` is true, and the message says what to check"
)]
#[doc(hidden)]
pub trait IsCreate {
    /// Never called; provides a value of the method's return type.
    fn absent<R>() -> R;
}

absent! { IsCreate:
    Call<T>.recover() -> Recover<T>;
    ListCall<T>.recover() -> Recover<T>;
    CallSequence<T>.recover() -> Recover<T>;
}
