//! The money of an account.

use http_core::Call;
use http_core::client::{Operation, operations};
use http_core::wire::Decimal;

use crate::client::Client;
use crate::raw::{Raw, keeps_raw};

operations![GET = Operation::post("balance.get", "/api_client.php?action=balance").read(),];

impl Client {
    /// The money that orders can be paid with.
    ///
    /// `POST /api_client.php?action=balance`
    ///
    /// ```
    /// # hostkit_doctest::inferno(async |client| {
    /// let balance = client.balance().await?;
    /// println!("{:?} {:?}", balance.balance, balance.currency);
    /// # Ok(()) });
    /// ```
    pub fn balance(&self) -> Call<Balance> {
        self.call(&GET, []).json()
    }
}

http_core::wire::models! {
    /// The money of an account. The provider publishes no sample of it: where the expected fields are not there,
    /// see [`raw`](Self::raw).
    #[serde(remote = "Self")]
    pub struct Balance {
        /// The amount that is available.
        pub balance: Option<Decimal>,
        /// The currency, e.g. `EUR`.
        pub currency: Option<String>,
        /// The whole response.
        #[serde(skip_deserializing)]
        pub raw: Raw,
    }
}

keeps_raw!(Balance);
