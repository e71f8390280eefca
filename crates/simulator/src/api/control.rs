//! What a control is.

use serde_json::Value;

use super::values::Arguments;
use crate::control::Simulator;

/// What no provider's path begins with.
pub(crate) const PREFIX: &str = "/_simulator";

/// What a control comes to, or what is wrong with its arguments.
pub(super) type ControlResult = Result<Value, String>;

/// One endpoint of the control API.
pub(super) struct Control {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) summary: &'static str,
    /// Name, JSON type, whether it must be given, and what it is.
    pub(super) arguments: &'static [(&'static str, &'static str, bool, &'static str)],
    pub(super) run: fn(&Simulator, &Arguments) -> ControlResult,
}
