//! A minimal provider for unit tests.

use bytes::Bytes;

use crate::Error;
use crate::client::{Builder, Dialect, ErrorResponse, Operation, Request, Response};

#[derive(Debug)]
pub(crate) struct Plain;

pub(crate) struct PlainDialect;

impl Dialect for PlainDialect {
    fn authorize(&self, _: &mut Request) -> Result<(), Error> {
        Ok(())
    }

    fn read(&self, _: &Operation, response: &Response) -> Result<Bytes, ErrorResponse> {
        Ok(response.body().clone())
    }
}

pub(crate) fn plain_builder(base_url: &str) -> Builder<Plain> {
    Builder::new(base_url, "test", Ok(PlainDialect), |_| Plain).no_proxy()
}
