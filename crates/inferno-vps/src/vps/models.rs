//! The models of a VPS and its installation.

use std::fmt;
use std::net::IpAddr;

use http_core::SecretString;
use http_core::client::{As, Failed, Mode, Source, Wire, is_presumed};
use serde::{Serialize, Serializer};

use crate::ids::OrderId;
use crate::orders::OrderStatus;
use crate::php::Object;
use crate::services::ServiceStatus;

http_core::wire::models! {
    /// The provider's response to an installation, or to the check of an installation.
    pub struct Installation {
        /// The provider's name for this action, e.g. `createVPS`.
        pub method: Option<String>,
        /// The provider's message, e.g. `ok`.
        pub msg: Option<String>,
        /// The response of the installation queue (wire name `retx`); `None` if the installation was only checked.
        #[serde_as(as = Object)]
        #[serde(rename = "retx", default)]
        pub queue: Option<QueueResponse>,
    }

    /// The response of the provider's installation queue.
    pub struct QueueResponse {
        /// The queue's message, e.g. `VSCD: VPS added to queue`.
        pub msg: Option<String>,
        /// The queue's error number; 0 for success.
        pub error_code: Option<i64>,
    }

    /// An order and its VPS.
    pub struct VpsInfo {
        /// The order's id.
        #[serde(rename = "orderid")]
        pub order_id: OrderId,
        /// The order's status.
        #[serde(rename = "orderStatus")]
        pub order_status: Option<OrderStatus>,
        /// The status of the order's service (wire name `productStatus`).
        #[serde(rename = "productStatus")]
        pub service_status: Option<ServiceStatus>,
        /// The IP address assigned to the service, if there is one.
        #[serde(rename = "dedicatedip")]
        pub dedicated_ip: Option<IpAddr>,
        /// The VPS; `None` before it is installed and while the installation waits in the queue.
        #[mode(Installed)]
        #[serde(rename = "vps_info")]
        pub vps: Option<Vps>,
    }
}

impl VpsInfo {
    /// Returns the VPS's state; `None` if there is no VPS or the response contains no state.
    pub fn state(&self) -> Option<VpsState> {
        self.vps.as_ref()?.state()
    }

    /// Returns the VPS's IP address.
    pub fn address(&self) -> Option<IpAddr> {
        self.vps.as_ref()?.ip
    }

    /// Returns whether the order has a VPS that is no longer being installed.
    pub fn is_installed(&self) -> bool {
        self.state().is_some_and(|state| state != VpsState::Installing)
    }

    /// Returns whether the VPS is on.
    pub fn is_running(&self) -> bool {
        self.state() == Some(VpsState::On)
    }

    /// Returns whether the order has a VPS and it is off.
    pub fn is_stopped(&self) -> bool {
        self.state() == Some(VpsState::Off)
    }

    /// Returns whether the order or its service has ended, so that the VPS's state no longer changes.
    pub(super) fn is_over(&self) -> bool {
        self.order_status == Some(OrderStatus::Cancelled)
            || matches!(self.service_status, Some(ServiceStatus::Terminated | ServiceStatus::Cancelled))
    }
}

http_core::wire::models! {
    /// An installed VPS.
    pub struct Vps {
        /// The provider's message, if there is one.
        pub message: Option<String>,
        /// The provider's internal id of the VPS.
        pub main_id: Option<u64>,
        /// The provider's name for the VPS, e.g. `37-1-0-111`.
        #[serde(rename = "vps_name")]
        pub name: Option<String>,
        /// The VPS's IP address.
        pub ip: Option<IpAddr>,
        /// The VPS's state in the provider's words, in Russian; see [`state`](Self::state).
        pub real_state: Option<String>,
        /// Whether the VPS is on; `None` if the response does not contain the field.
        pub online: Option<bool>,
        /// The password of the VPS's administrator.
        #[serde(rename = "vps_password")]
        pub password: Option<SecretString>,
    }
}

impl Vps {
    /// Returns the VPS's state, based on [`real_state`](Self::real_state). If that field is missing,
    /// [`online`](Self::online) is used. If its wording is unknown, the state is `On` if `online` is `true`, and
    /// otherwise [`Other`](VpsState::Other): only the wording distinguishes the states of a VPS that is not on.
    pub fn state(&self) -> Option<VpsState> {
        let said = self.real_state.as_deref().map(VpsState::from);
        match (said, self.online) {
            (Some(VpsState::Other(_)) | None, Some(true)) => Some(VpsState::On),
            (None, Some(false)) => Some(VpsState::Off),
            (said, _) => said,
        }
    }
}

/// Reads the VPS of an order. An object that describes no VPS, e.g. because it only explains why there is none, counts as
/// absent.
struct Installed;

impl Mode<Option<Vps>> for Installed {
    fn absent() -> Option<Option<Vps>> {
        Some(None)
    }

    #[inline]
    fn read(source: &mut dyn Source<'_>) -> Result<Option<Vps>, Failed> {
        // A response that is presumed to be a success contains no object that reports a failure.
        let vps = if is_presumed() { Vps::read_option(source)? } else { As::<Object>::read(source)? };
        Ok(vps.filter(|vps| {
            vps.main_id.is_some()
                || vps.name.is_some()
                || vps.ip.is_some()
                || vps.real_state.is_some()
                || vps.online.is_some()
        }))
    }

    fn write<S: Serializer>(vps: &Option<Vps>, serializer: S) -> Result<S::Ok, S::Error> {
        vps.serialize(serializer)
    }
}

/// The state of a VPS.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VpsState {
    /// The VPS is on.
    On,
    /// The VPS is off.
    Off,
    /// The VPS is being installed, or waits for its installation.
    Installing,
    /// The VPS is being rebooted.
    Rebooting,
    /// The provider has suspended the VPS.
    Suspended,
    /// A state that this version does not recognize, in the provider's words.
    Other(Box<str>),
}

/// The prefixes of the provider's words for each state, in lower case and with е in place of ё. `on` and `off` must be
/// the whole text.
const STATES: &[(VpsState, &[&str])] = &[
    (VpsState::On, &["включен", "запущен", "работает", "online", "running", "on"]),
    (VpsState::Off, &["выключен", "остановлен", "offline", "stopped", "off"]),
    (
        VpsState::Installing,
        &[
            "устанавл",
            "установка",
            "создается",
            "переустанавл",
            "переустановка",
            "в очереди",
            "installing",
            "creating",
        ],
    ),
    (VpsState::Rebooting, &["перезагру", "rebooting"]),
    (VpsState::Suspended, &["приостановлен", "заблокирован", "suspended"]),
];

impl From<&str> for VpsState {
    fn from(words: &str) -> Self {
        let small = words.trim().to_lowercase().replace('ё', "е");
        let is_known = |known: &&str| {
            small.strip_prefix(known).is_some_and(|rest| rest.is_empty() || known.chars().count() > 3)
        };
        let state = STATES.iter().find(|(_, known)| known.iter().any(is_known));
        state.map_or_else(|| Self::Other(words.into()), |(state, _)| state.clone())
    }
}

impl fmt::Display for VpsState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Installing => "installing",
            Self::Rebooting => "rebooting",
            Self::Suspended => "suspended",
            Self::Other(words) => words,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vps(json: &str) -> Vps {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_state_is_read_from_russian_words_which_are_kept() {
        for (words, state) in [
            ("Включен", VpsState::On),
            ("включён", VpsState::On),
            (" ВКЛЮЧЕНА ", VpsState::On),
            ("Выключен", VpsState::Off),
            ("Остановлен", VpsState::Off),
            ("Устанавливается", VpsState::Installing),
            ("Установка системы", VpsState::Installing),
            ("Переустанавливается", VpsState::Installing),
            ("Переустановка", VpsState::Installing),
            ("Перезагружается", VpsState::Rebooting),
            ("Приостановлен", VpsState::Suspended),
            ("off", VpsState::Off),
            ("On", VpsState::On),
            ("offended", VpsState::Other("offended".into())),
            ("on hold", VpsState::Other("on hold".into())),
            ("on-hold", VpsState::Other("on-hold".into())),
            ("On (suspended)", VpsState::Other("On (suspended)".into())),
            ("off-line", VpsState::Other("off-line".into())),
            ("Установлен", VpsState::Other("Установлен".into())),
            ("установлена", VpsState::Other("установлена".into())),
            ("Переустановлен", VpsState::Other("Переустановлен".into())),
            ("Спит", VpsState::Other("Спит".into())),
        ] {
            let vps = vps(&serde_json::json!({"real_state": words}).to_string());
            assert_eq!((vps.state(), vps.real_state.as_deref()), (Some(state), Some(words)));
        }
    }

    #[test]
    fn observed_online_is_bool_like_and_is_used_if_real_state_is_unknown() {
        for (online, is_on) in [
            ("true", true),
            ("1", true),
            (r#""1""#, true),
            (r#""on""#, true),
            (r#""true""#, true),
            ("false", false),
            ("0", false),
            (r#""""#, false),
        ] {
            let vps = vps(&format!(r#"{{"online": {online}}}"#));
            assert_eq!(vps.online, Some(is_on), "{online}");
            assert_eq!(vps.state(), Some(if is_on { VpsState::On } else { VpsState::Off }), "{online}");
        }
        assert_eq!(vps(r#"{"real_state": "Выключен", "online": 1}"#).state(), Some(VpsState::Off));
        assert_eq!(vps(r#"{"real_state": "Спит", "online": 1}"#).state(), Some(VpsState::On));
        assert_eq!(
            vps(r#"{"real_state": "Спит", "online": 0}"#).state(),
            Some(VpsState::Other("Спит".into()))
        );
        assert_eq!(vps(r#"{"real_state": "", "online": null}"#).state(), None);
    }

    #[test]
    fn observed_vps_info_may_be_an_empty_list() {
        for absent in ["[]", "{}", "null", r#""""#] {
            let json = format!(r#"{{"orderid": "47012", "orderStatus": "", "vps_info": {absent}}}"#);
            let vps: VpsInfo = serde_json::from_str(&json).unwrap();
            assert!(
                vps.vps.is_none() && vps.state().is_none() && !vps.is_running() && !vps.is_stopped(),
                "{absent}"
            );
        }
    }

    #[test]
    fn vps_info_without_a_fact_about_the_vps_is_no_vps() {
        let vps = |info: &str| {
            let json = format!(r#"{{"orderid": "47012", "vps_info": {info}}}"#);
            serde_json::from_str::<VpsInfo>(&json).unwrap().vps
        };
        for none in [
            r#"{"message": "VPS not found"}"#,
            r#"{"error": "no VPS"}"#,
            r#"{"success": false}"#,
            r#"{"error_code": 904, "msg": "being created"}"#,
            r#"{"result": "success", "main_id": null, "real_state": ""}"#,
        ] {
            assert_eq!(vps(none), None, "{none}");
        }
        for one in [
            r#"{"main_id": 7}"#,
            r#"{"vps_name": "a", "message": "ok"}"#,
            r#"{"ip": "203.0.113.1"}"#,
            r#"{"real_state": "x"}"#,
            r#"{"online": ""}"#,
        ] {
            assert!(vps(one).is_some(), "{one}");
        }
    }

    #[test]
    fn a_cancelled_order_or_an_ended_service_is_over() {
        for (json, is_over) in [
            (r#"{"orderid": 1, "orderStatus": "Cancelled"}"#, true),
            (r#"{"orderid": 1, "orderStatus": "Active", "productStatus": "Terminated"}"#, true),
            (r#"{"orderid": 1, "orderStatus": "Active", "productStatus": "Active"}"#, false),
        ] {
            assert_eq!(serde_json::from_str::<VpsInfo>(json).unwrap().is_over(), is_over, "{json}");
        }
    }
}
