//! The balance of an account.

use http_core::Call;
use http_core::client::{Operation, operations};
use http_core::wire::Decimal;

use crate::client::Client;
use crate::raw::{Raw, keeps_raw};

operations![GET = Operation::post("balance.get", "/api_client.php?action=balance").read(),];

impl Client {
    /// Returns the account's balance, from which orders can be paid.
    ///
    /// `POST /api_client.php?action=balance`
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::inferno(async |client| {
    /// let balance = client.balance().await?;
    /// println!("{:?} {:?}", balance.balance, balance.currency);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn balance(&self) -> Call<Balance> {
        self.call(&GET, []).json()
    }
}

http_core::wire::models! {
    /// The balance of an account. The provider publishes no sample of this response: if a field is missing, look for it
    /// in [`raw`](Self::raw).
    #[custom_deserialize]
    pub struct Balance {
        /// The available amount, in the account's currency.
        pub balance: Option<Decimal>,
        /// The currency, e.g. `EUR`.
        pub currency: Option<String>,
        /// The whole response.
        #[serde(default)]
        pub raw: Raw,
    }
}

keeps_raw!(Balance);
