//! The VPS of paid orders.

mod install;
mod models;
mod recover;

use std::net::IpAddr;

use http_core::Call;
use http_core::client::{Accepted, CallBuilder, Effect, Operation, WaitBuilder, operations};
use http_core::recovery::{Create, Recover, Ticket};
use serde_json::json;

pub use self::install::Install;
pub use self::models::{Installation, QueueResponse, Vps, VpsInfo, VpsState};
use self::recover::WantedVps;
use crate::client::Client;
use crate::confirmation::Confirmation;
use crate::ids::OrderId;

impl Client {
    /// Returns the handle for the VPS of paid orders.
    pub fn vps(&self) -> Vpses {
        Vpses { client: self.clone() }
    }
}

const NEEDS_ORDER: &str = "the order must be paid and have no VPS yet (see vps().get(..))";
const NEEDS_VPS: &str =
    "the order must be paid and have a VPS that is not being installed (see vps().get(..))";

/// The recovery hint for the operations in this file.
const CHECK_VPS: &str = "check the VPS with vps().get(..)";

operations![
    INSTALL = Operation::post("vps.install", "/api_client.php?action=install")
        .requires(NEEDS_ORDER)
        .with_recovery_hint(CHECK_VPS)
        .recoverable(),
    REINSTALL = Operation::post("vps.reinstall", "/api_client.php?action=reinstall")
        .requires(NEEDS_VPS)
        .with_recovery_hint(CHECK_VPS)
        .unrecoverable("only the new password shows that a VPS was reinstalled"),
    INFO = Operation::post("vps.info", "/api_client.php?action=getinfo").read(),
    REBOOT = Operation::post("vps.reboot", "/api_client.php?action=reboot")
        .requires(NEEDS_VPS)
        .with_recovery_hint(CHECK_VPS)
        .unrecoverable("no response shows when a VPS was last rebooted"),
    STOP = Operation::post("vps.stop", "/api_client.php?action=stop")
        .requires(NEEDS_VPS)
        .idempotent()
        .confirmed(),
    BOOT = Operation::post("vps.boot", "/api_client.php?action=boot")
        .requires(NEEDS_VPS)
        .idempotent()
        .confirmed(),
];

/// The handle for the VPS of paid orders; returned by [`Client::vps`].
///
/// A VPS has no id of its own: methods take the id of its order.
#[derive(Clone, Debug)]
pub struct Vpses {
    client: Client,
}

impl Vpses {
    /// Installs the VPS of a paid order. The installation is queued; [`wait`](Self::wait) until the VPS
    /// [is running](VpsInfo::is_running).
    ///
    /// [`recover`](Create::recover) waits until the VPS appears and returns it, even if the response is lost. A VPS
    /// does not appear before it leaves the queue, so `recover` searches for up to ten minutes;
    /// [`search_for`](http_core::recovery::Recover::search_for) sets another limit.
    ///
    /// `POST /api_client.php?action=install` with `run=1`
    ///
    /// # Errors
    ///
    /// - [`is_conflict`](http_core::Error::is_conflict): the order is not paid, already has a VPS, or its VPS is being
    ///   created (code `904`).
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and the VPS may have been
    ///   installed.
    ///
    /// # Examples
    ///
    /// ```
    /// use inferno_vps::{Install, VpsInfo};
    ///
    /// # hostkit_doctest::inferno_order(async |client, order| {
    /// client.vps().install(&Install::new(order, "debian12-64-default")).await?;
    /// let vps = client.vps().wait(order).until(VpsInfo::is_running).await?;
    /// println!("installed at {:?}", vps.address());
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn install(&self, install: &Install) -> Create<Installation, VpsInfo> {
        let call = self.run(&INSTALL, install);
        Create::new(call, self.clone(), WantedVps { order: install.order }, Accepted::unnamed)
    }

    /// Returns an order and its VPS, including the VPS's password.
    ///
    /// `POST /api_client.php?action=getinfo`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): the account has no order with this id.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::inferno_vps(async |client, order| {
    /// let vps = client.vps().get(order).await?;
    /// assert!(vps.is_running());
    /// println!("{:?} at {:?}", vps.state(), vps.address());
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn get(&self, order: OrderId) -> Call<VpsInfo> {
        self.client.call(&INFO, [("orderid", json!(order))]).json_about(order, |info| info.order_id)
    }

    /// Returns the VPS with this IP address, and its order.
    ///
    /// `POST /api_client.php?action=getinfo` with `orderid=0`
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): the account has no VPS with this address.
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::inferno_vps(async |client, order| {
    /// let address = client.vps().get(order).await?.address().ok_or("the VPS has no address")?;
    /// let vps = client.vps().find(address).await?;
    /// assert_eq!(vps.order_id, order);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn find(&self, address: IpAddr) -> Call<VpsInfo> {
        self.client.call(&INFO, [("ip", json!(address)), ("orderid", json!(0))]).json()
    }

    /// Reinstalls a VPS. **All its data is lost.**
    ///
    /// It cannot be recovered, because only the new password shows that a VPS was reinstalled.
    ///
    /// Assumed: the VPS keeps its IP address and gets a new password. Read both again.
    ///
    /// `POST /api_client.php?action=reinstall` with `run=1`
    ///
    /// # Errors
    ///
    /// - [`is_conflict`](http_core::Error::is_conflict): the order is not paid or has no VPS, or the VPS is being
    ///   installed.
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and **the data may be
    ///   lost**.
    ///
    /// # Examples
    ///
    /// ```
    /// use inferno_vps::{Install, VpsInfo};
    ///
    /// # hostkit_doctest::inferno_vps(async |client, order| {
    /// client.vps().reinstall(&Install::new(order, "ubuntu22-64-default")).await?;
    /// client.vps().wait(order).until(VpsInfo::is_running).await?;
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn reinstall(&self, install: &Install) -> Call<Installation> {
        self.run(&REINSTALL, install)
    }

    /// Reboots a VPS.
    ///
    /// It cannot be recovered, because no response shows when a VPS was last rebooted. Calling `reboot` again reboots
    /// the VPS again.
    ///
    /// `POST /api_client.php?action=reboot`
    ///
    /// # Errors
    ///
    /// - [`is_conflict`](http_core::Error::is_conflict): the order is not paid or has no VPS, or the VPS is off or
    ///   being installed.
    /// - [`is_outcome_unknown`](http_core::Error::is_outcome_unknown): the response was lost, and the VPS may have been
    ///   rebooted.
    ///
    /// # Examples
    ///
    /// ```
    /// use inferno_vps::VpsInfo;
    ///
    /// # hostkit_doctest::inferno_vps(async |client, order| {
    /// client.vps().reboot(order).await?;
    /// client.vps().wait(order).until(VpsInfo::is_running).await?;
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn reboot(&self, order: OrderId) -> Call<Confirmation> {
        self.act(&REBOOT, order).json()
    }

    /// Switches a VPS off. **The data in its memory is lost.** A stopped VPS stays off.
    ///
    /// `POST /api_client.php?action=stop`
    ///
    /// # Errors
    ///
    /// - [`is_conflict`](http_core::Error::is_conflict): the order is not paid or has no VPS, or the VPS is being
    ///   installed.
    ///
    /// # Examples
    ///
    /// ```
    /// use inferno_vps::VpsInfo;
    ///
    /// # hostkit_doctest::inferno_vps(async |client, order| {
    /// client.vps().stop(order).await?;
    /// client.vps().wait(order).until(VpsInfo::is_stopped).await?;
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn stop(&self, order: OrderId) -> Call<Confirmation> {
        self.switch(&STOP, order, VpsInfo::is_stopped)
    }

    /// Switches a VPS on. A running VPS stays on.
    ///
    /// `POST /api_client.php?action=boot`
    ///
    /// # Errors
    ///
    /// - [`is_conflict`](http_core::Error::is_conflict): the order is not paid or has no VPS, or the VPS is being
    ///   installed.
    ///
    /// # Examples
    ///
    /// ```
    /// use inferno_vps::VpsInfo;
    ///
    /// # hostkit_doctest::inferno_vps(async |client, order| {
    /// client.vps().boot(order).await?;
    /// client.vps().wait(order).until(VpsInfo::is_running).await?;
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn boot(&self, order: OrderId) -> Call<Confirmation> {
        self.switch(&BOOT, order, VpsInfo::is_running)
    }

    /// Checks whether the provider would accept an [`install`](Self::install) request. Changes nothing.
    ///
    /// `POST /api_client.php?action=install` with `run=0`
    ///
    /// # Errors
    ///
    /// The same as for [`install`](Self::install), except that the outcome is always known.
    ///
    /// # Examples
    ///
    /// ```
    /// use inferno_vps::Install;
    ///
    /// # hostkit_doctest::inferno_order(async |client, order| {
    /// let checked = client.vps().check_install(&Install::new(order, "dos")).await;
    /// assert!(checked.is_err());
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn check_install(&self, install: &Install) -> Call<Installation> {
        self.check(&INSTALL, install)
    }

    /// Checks whether the provider would accept a [`reinstall`](Self::reinstall) request. Changes nothing.
    ///
    /// `POST /api_client.php?action=reinstall` with `run=0`
    ///
    /// # Errors
    ///
    /// The same as for [`reinstall`](Self::reinstall), except that the outcome is always known.
    ///
    /// # Examples
    ///
    /// ```
    /// use inferno_vps::Install;
    ///
    /// # hostkit_doctest::inferno_vps(async |client, order| {
    /// client.vps().check_reinstall(&Install::new(order, "ubuntu22-64-default")).await?;
    /// assert!(client.vps().get(order).await?.is_running(), "nothing was changed");
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn check_reinstall(&self, install: &Install) -> Call<Installation> {
        self.check(&REINSTALL, install)
    }

    /// Convenience method: waits until a VPS reaches a state, e.g. until it [is running](VpsInfo::is_running) after an
    /// installation; by default for up to ten minutes. The wait fails early if the order or its service has ended;
    /// [`Wait`](http_core::Wait) lists the errors that end it.
    ///
    /// # Errors
    ///
    /// - [`is_not_found`](http_core::Error::is_not_found): the account has no order with this id.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use inferno_vps::VpsInfo;
    ///
    /// # hostkit_doctest::inferno_vps(async |client, order| {
    /// let half_an_hour = Duration::from_secs(1800);
    /// let vps = client.vps().wait(order).until(VpsInfo::is_running).timeout(half_an_hour).await?;
    /// println!("running at {:?}", vps.address());
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn wait(&self, order: OrderId) -> WaitBuilder<VpsInfo> {
        let vps = self.clone();
        WaitBuilder::new(move || vps.get(order))
            .subject(format_args!("the VPS of order {order}"))
            .describe(|vps| match (vps.state(), &vps.order_status) {
                (Some(state), _) => state.to_string(),
                (None, Some(order)) => format!("no VPS, the order is {order}"),
                (None, None) => "no VPS".to_owned(),
            })
            .fail_on(VpsInfo::is_over)
    }

    /// Finds the VPS of an [`install`](Self::install) whose outcome is unknown. Takes the ticket that
    /// [`note`](Recover::note) returned before the request was sent. Never installs anything.
    #[inline]
    pub fn find_created(&self, ticket: &Ticket) -> Recover<VpsInfo> {
        Recover::find::<WantedVps>(self.clone(), ticket)
    }

    #[inline]
    fn act(&self, operation: &'static Operation, order: OrderId) -> CallBuilder {
        self.client.call(operation, [("orderid", json!(order))]).about("orderid", order)
    }

    /// Switches a VPS on or off. The provider may reject a repeated request, so the VPS's state shows what happened
    /// after a lost response.
    #[inline]
    fn switch(
        &self,
        operation: &'static Operation,
        order: OrderId,
        is_done: fn(&VpsInfo) -> bool,
    ) -> Call<Confirmation> {
        let vps = self.clone();
        let read = move || vps.get(order).map(move |vps| is_done(&vps));
        self.act(operation, order).confirm_by(r#"{"result": "success"}"#, read).json()
    }

    #[inline]
    fn run(&self, operation: &'static Operation, install: &Install) -> Call<Installation> {
        self.draft(operation, install, 1).json()
    }

    #[inline]
    fn check(&self, operation: &'static Operation, install: &Install) -> Call<Installation> {
        self.draft(operation, install, 0).effect(Effect::Read).json()
    }

    #[inline]
    fn draft(&self, operation: &'static Operation, install: &Install, run: u8) -> CallBuilder {
        let order = ("orderid", json!(install.order));
        let (template, run) = (("ostpl", json!(install.template)), ("run", json!(run)));
        let call = if install.ssh_keys.is_empty() {
            self.client.call(operation, [order, template, run])
        } else {
            let keys: Vec<_> = install.ssh_keys.iter().map(ToString::to_string).collect();
            self.client.call(operation, [order, template, run, ("sshkey_ids", json!(keys.join(",")))])
        };
        call.about("orderid", install.order)
    }
}
