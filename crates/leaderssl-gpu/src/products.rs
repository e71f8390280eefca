//! The products on offer.

use std::time::{Duration, SystemTime};

use http_core::ListCall;
use http_core::client::{Operation, Transport, operations};
use http_core::wire::{DateTime, Decimal, Utc};
use serde::de::Deserializer;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::client::Client;
use crate::ids::{ConfigurationId, ProductId};
use crate::os::Os;

impl Client {
    /// Returns the handle for the products that can be ordered.
    pub fn products(&self) -> Products {
        Products { transport: self.transport.clone() }
    }
}

operations![LIST = Operation::get("product.list", "/api/v1/users/{user_id}/servers/products"),];

/// The handle for products; returned by [`Client::products`].
#[derive(Clone, Debug)]
pub struct Products {
    transport: Transport,
}

impl Products {
    /// Returns all products that can be ordered, with their prices and the time when a GPU server becomes available.
    ///
    /// A GPU server is listed once for each billing period.
    ///
    /// `GET /api/v1/users/{user_id}/servers/products`
    ///
    /// # Examples
    ///
    /// ```
    /// # hostkit_doctest::leaderssl(async |client| {
    /// for product in client.products().list().await? {
    ///     println!("{}: {:?} {}", product.name, product.price, product.currency);
    /// }
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn list(&self) -> ListCall<Product> {
        self.transport.call(&LIST).list()
    }
}

http_core::wire::open_enum! {
    /// The unit of a billing period.
    pub enum PeriodType {
        /// A minute.
        Minute = "minute",
        /// A day.
        Day = "day",
        /// A week.
        Week = "week",
        /// A month.
        Month = "month",
    }
}

/// When a GPU server of a product is available.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Availability {
    /// Now.
    Now,
    /// From this time on.
    From(DateTime<Utc>),
    /// At an unknown time, because the provider's value is not a valid timestamp. Contains that value.
    Unknown(String),
}

impl<'de> Deserialize<'de> for Availability {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::Null => Self::Now,
            value => {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                http_core::wire::parse_timestamp(&text).map_or(Self::Unknown(text), Self::From)
            }
        })
    }
}

impl Serialize for Availability {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Now => serializer.serialize_none(),
            Self::From(time) => time.serialize(serializer),
            Self::Unknown(text) => text.serialize(serializer),
        }
    }
}

http_core::wire::wire_value!(Availability);

impl Default for Availability {
    /// Returns `Now`, because the provider omits the time of a GPU server that is available.
    fn default() -> Self {
        Self::Now
    }
}

http_core::wire::models! {
    /// A GPU server that can be ordered at a fixed price per billing period.
    pub struct Product {
        /// The id of the product.
        pub id: ProductId,
        /// The provider's internal code, which has no fixed format.
        pub code: String,
        /// The name, which describes the GPU server and the billing period.
        pub name: String,
        /// When a GPU server of this product is available.
        #[serde(rename = "free_time", default)]
        pub availability: Availability,
        /// The currency of [`price`](Self::price), e.g. `EUR`.
        pub currency: String,
        /// The unit of the billing period.
        #[or_default]
        pub period_type: PeriodType,
        /// The length of the billing period, in units of [`period_type`](Self::period_type).
        pub period_count: Option<u32>,
        /// The price of one billing period.
        pub price: Option<Decimal>,
        /// The id of the hardware configuration. Products that differ only in the billing period share it.
        pub server_configuration_id: Option<ConfigurationId>,
        /// The operating systems that can be ordered; empty if the provider does not list them.
        pub os: Vec<Os>,
        /// The provider's sort key.
        pub weight: Option<String>,
        /// Whether the GPU server can be rented by the minute.
        pub minute_supported: Option<bool>,
    }
}

impl Product {
    /// Returns whether a GPU server is available now, according to [`availability`](Self::availability).
    pub fn is_free_now(&self) -> bool {
        match self.availability {
            Availability::Now => true,
            Availability::From(time) => time <= DateTime::<Utc>::from(SystemTime::now()),
            Availability::Unknown(_) => false,
        }
    }

    /// Returns whether the GPU server can be ordered with this operating system; `true` if the provider does not list
    /// any.
    pub fn runs(&self, os: &Os) -> bool {
        self.os.is_empty() || self.os.contains(os)
    }

    /// Returns the length of the billing period that one [`price`](Self::price) covers. A month counts as a twelfth
    /// of 365 days. `None` if the unit or the length of the period is unknown.
    pub fn period(&self) -> Option<Duration> {
        let minutes: u64 = match self.period_type {
            PeriodType::Minute => 1,
            PeriodType::Day => 24 * 60,
            PeriodType::Week => 7 * 24 * 60,
            PeriodType::Month => 365 * 24 * 60 / 12,
            _ => return None,
        };
        Some(Duration::from_secs(60 * minutes * u64::from(self.period_count?)))
    }

    /// Returns the price per hour if whole periods are used, in [`currency`](Self::currency). `None` if the price or
    /// the period is unknown.
    pub fn hourly_price(&self) -> Option<Decimal> {
        let period = Decimal::from(self.period()?.as_secs());
        self.price?.checked_mul(Decimal::from(3600))?.checked_div(period)
    }

    /// Returns the number of billing periods needed for a job that takes `time`, and their cost. `None` if the price
    /// or the period is unknown.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// # hostkit_doctest::leaderssl(async |client| {
    /// let three_hours = Duration::from_secs(3 * 3600);
    /// for product in client.products().list().await? {
    ///     if let Some((periods, cost)) = product.cost_of(three_hours) {
    ///         println!("{}: {cost} {} for {periods} periods", product.name, product.currency);
    ///     }
    /// }
    /// # Ok(()) });
    /// ```
    pub fn cost_of(&self, time: Duration) -> Option<(u32, Decimal)> {
        let period = self.period()?;
        let periods = u32::try_from(time.as_nanos().div_ceil(period.as_nanos().max(1)).max(1)).ok()?;
        Some((periods, self.price?.checked_mul(Decimal::from(periods))?))
    }

    /// Returns the product with the lowest hourly price among those in the first product's currency. Filter the
    /// products first, e.g. with [`is_free_now`](Self::is_free_now).
    ///
    /// The longest period usually has the lowest hourly price, but **a period is always paid in full**: for a job of a
    /// few hours, compare the results of [`cost_of`](Self::cost_of) instead.
    ///
    /// # Examples
    ///
    /// ```
    /// use leaderssl_gpu::Product;
    ///
    /// # hostkit_doctest::leaderssl(async |client| {
    /// let products = client.products().list().await?;
    /// let free = products.iter().filter(|product| product.is_free_now());
    /// if let Some(product) = Product::cheapest(free) {
    ///     println!("{}: {:?} an hour", product.name, product.hourly_price());
    /// }
    /// # Ok(()) });
    /// ```
    pub fn cheapest<'a>(products: impl IntoIterator<Item = &'a Self>) -> Option<&'a Self> {
        let mut products = products.into_iter().peekable();
        let currency = &products.peek()?.currency;
        products
            .filter(|product| product.currency == *currency)
            .filter_map(|product| Some((product.hourly_price()?, product)))
            .min_by_key(|(price, _)| *price)
            .map(|(_, product)| product)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(id: u64, price: &str, period: &str, count: u32) -> Product {
        let json = format!(
            r#"{{"id": {id}, "price": "{price}", "period_type": "{period}", "period_count": {count}, "currency": "EUR"}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn prices_of_different_periods_are_compared_by_the_hour() {
        let products =
            [product(1, "0.02", "minute", 1), product(2, "91.11", "week", 1), product(3, "2.0", "day", 1)];
        let hourly: Vec<_> =
            products.iter().map(|p| p.hourly_price().unwrap().round_dp(4).to_string()).collect();
        assert_eq!(hourly, ["1.20", "0.5423", "0.0833"]);
        assert_eq!(Product::cheapest(&products).unwrap().id, ProductId::new(3));
    }

    #[test]
    fn prices_in_other_currencies_are_not_compared() {
        let rupiah = Product { currency: "IDR".into(), ..product(2, "0.01", "week", 1) };
        let euros = [product(1, "0.02", "minute", 1), product(3, "2.0", "day", 1)];
        let products = [&euros[0], &rupiah, &euros[1]];
        assert_eq!(Product::cheapest(products).unwrap().id, ProductId::new(3));
    }

    #[test]
    fn the_cost_of_a_job_counts_whole_periods() {
        let three_hours = Duration::from_secs(3 * 3600);
        assert_eq!(
            product(1, "0.02", "minute", 1).cost_of(three_hours).unwrap(),
            (180, "3.60".parse().unwrap())
        );
        assert_eq!(
            product(2, "91.11", "week", 1).cost_of(three_hours).unwrap(),
            (1, "91.11".parse().unwrap())
        );
    }

    #[test]
    fn an_unknown_period_unit_is_kept_and_has_no_hourly_price() {
        let product = product(1, "1", "fortnight", 1);
        assert_eq!(product.period_type.as_str(), "fortnight");
        assert_eq!(product.hourly_price(), None);
    }

    #[test]
    fn a_server_is_free_once_its_availability_time_has_passed() {
        for (time, is_free) in
            [("null", true), (r#""2020-01-01 00:00:00""#, true), (r#""2999-01-01 00:00:00""#, false)]
        {
            let json = format!(
                r#"{{"id": 1, "price": 60, "period_type": "week", "period_count": 1, "free_time": {time}}}"#
            );
            let product: Product = serde_json::from_str(&json).unwrap();
            assert_eq!(product.is_free_now(), is_free, "{time}");
        }
    }

    #[test]
    fn an_invalid_time_does_not_mean_free() {
        let json = r#"{"id": 1, "price": 60, "period_type": "week", "period_count": 1, "free_time": "soon"}"#;
        let product: Product = serde_json::from_str(json).unwrap();
        assert!(!product.is_free_now());
        assert_eq!(product.availability, Availability::Unknown("soon".into()));
    }
}
