//! The type of a control, i.e. of one endpoint of the control API.

use serde_json::Value;

use super::values::Arguments;
use crate::control::Simulator;

/// The prefix of the control API; no provider's path begins with it.
pub(crate) const PREFIX: &str = "/_simulator";

/// The result of a control, or an error message about its arguments.
pub(super) type ControlResult = Result<Value, String>;

/// One endpoint of the control API.
pub(super) struct Control {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) summary: &'static str,
    /// The arguments, each with its name, its JSON type, whether it is required, and its description.
    pub(super) arguments: &'static [(&'static str, &'static str, bool, &'static str)],
    pub(super) run: fn(&Simulator, &Arguments) -> ControlResult,
}
