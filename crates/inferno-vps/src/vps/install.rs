//! The request to install a VPS.

use crate::ids::{OrderId, SshKeyId, TemplateName};

/// The request to install or reinstall the VPS of an order.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Install {
    /// The order, which must be paid.
    pub order: OrderId,
    /// The template; one of [`Catalog::templates`](crate::Catalog::templates).
    pub template: TemplateName,
    /// The SSH keys that may log in. Without any keys, only the password works.
    pub ssh_keys: Vec<SshKeyId>,
}

impl Install {
    /// Creates a request to install this template for this order.
    pub fn new(order: OrderId, template: impl Into<TemplateName>) -> Self {
        Self { order, template: template.into(), ssh_keys: Vec::new() }
    }

    /// Sets the SSH keys that may log in.
    pub fn with_ssh_keys(mut self, keys: impl IntoIterator<Item = SshKeyId>) -> Self {
        self.ssh_keys = keys.into_iter().collect();
        self
    }
}
