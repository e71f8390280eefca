//! The request for a new VM, with any kind of boot disk.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use http_core::SecretString;
use http_core::client::Form;
use http_core::wire::InvalidValue;

use super::{CloudInit, Os, VmSize};
use crate::ids::{BillingAccountId, DiskId, HostPoolId, NetworkId, ReplicaId, VmId};

/// The request for a new VM: from an image, from a replica, or on an existing disk.
///
/// The provider publishes rules for names, sizes and logins. [`VmParameters::check`](crate::VmParameters::check)
/// returns the rules that a request violates, before anything is sent.
///
/// # Examples
///
/// ```
/// use elastis_core::{CloudInit, Login, NewVm, Os, VmSize};
///
/// let ubuntu = Os::new("ubuntu", "22.04-lts");
/// let login = Login::new("example", "Password123");
/// let vm = NewVm::from_image("web-1", ubuntu, 20, VmSize::new(2, 2048), login)
///     .with_cloud_init(CloudInit::new().run("apt-get install -y nginx"))
///     .with_backup();
/// assert!(!format!("{vm:?}").contains("Password123"));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewVm {
    /// The name, also used as the host name: at least four letters, digits and hyphens, without a hyphen at the start
    /// or end. [`Parameters::vm`](crate::Parameters::vm) returns the provider's current rule.
    pub name: String,
    /// The source of the boot disk.
    pub source: VmSource,
    /// The processors and memory.
    pub size: VmSize,
    /// The operating system; required for an image, otherwise determined by the source.
    pub os: Option<Os>,
    /// The user and password of the first login.
    pub login: Login,
    /// The public key in OpenSSH format that the login accepts in addition to the password.
    pub public_key: Option<String>,
    /// The configuration of the first start.
    pub cloud_init: Option<CloudInit>,
    /// The billing account that pays for the VM.
    pub billing_account_id: Option<BillingAccountId>,
    /// The private network; `None` is the default network.
    pub network_uuid: Option<NetworkId>,
    /// The host pool; `None` lets the provider choose.
    pub designated_pool_uuid: Option<HostPoolId>,
    /// The description.
    pub description: Option<String>,
    /// Whether the provider takes backups automatically.
    pub backup: bool,
    /// Whether a public IPv4 address is reserved for the VM. **The address is billed and outlives the VM.** The
    /// provider reserves one by default; `NewVm` does not.
    pub reserve_public_ip: bool,
    /// Whether a marker is added to the description; see [`marked`](Self::marked).
    pub marked: bool,
}

/// The source of a new VM's boot disk.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VmSource {
    /// An operating system image, on a new disk.
    Image {
        /// The size of the disk in GiB.
        disk_gib: u64,
    },
    /// A snapshot or backup of a VM, copied to a new disk.
    Replica(ReplicaSource),
    /// An existing disk that is not attached to any VM.
    Disk(DiskId),
}

/// The snapshot or backup that a new VM is created from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReplicaSource {
    /// The VM that the replica was taken from.
    pub vm: VmId,
    /// The id of the replica.
    pub replica: ReplicaId,
    /// The size of the new disk in GiB, at least that of the replica; `None` is the replica's size.
    pub disk_gib: Option<u64>,
}

impl ReplicaSource {
    /// Creates a source from a replica of `vm`. The new disk has the size of the replica.
    pub fn new(vm: VmId, replica: ReplicaId) -> Self {
        Self { vm, replica, disk_gib: None }
    }

    /// Sets the size of the new disk in GiB.
    pub fn with_disk_gib(mut self, disk_gib: u64) -> Self {
        self.disk_gib = Some(disk_gib);
        self
    }
}

/// The first login of a new VM.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Login {
    /// The user name; `None` is the built-in user of the operating system.
    pub username: Option<String>,
    /// The user's password.
    pub password: Option<SecretString>,
}

impl Login {
    /// Creates a login for this user with a password.
    pub fn new(username: impl Into<String>, password: impl Into<SecretString>) -> Self {
        Self { username: Some(username.into()), password: Some(password.into()) }
    }

    /// Creates a login with a password for the built-in user of the operating system, e.g. for Windows.
    pub fn password(password: impl Into<SecretString>) -> Self {
        Self { username: None, password: Some(password.into()) }
    }

    /// Creates an empty login, for VMs whose users come from cloud-init or from the source.
    pub const fn none() -> Self {
        Self { username: None, password: None }
    }
}

impl NewVm {
    /// Creates a request for a VM with this operating system, on a new disk of `disk_gib` GiB.
    pub fn from_image(name: impl Into<String>, os: Os, disk_gib: u64, size: VmSize, login: Login) -> Self {
        Self { os: Some(os), login, ..Self::new(name.into(), VmSource::Image { disk_gib }, size) }
    }

    /// Creates a request for a copy of a VM, in the state that the snapshot or backup captured.
    pub fn from_replica(name: impl Into<String>, source: ReplicaSource, size: VmSize) -> Self {
        Self::new(name.into(), VmSource::Replica(source), size)
    }

    /// Creates a request for a VM that boots from an existing disk, which must not be attached to another VM. The disk
    /// keeps its size.
    pub fn from_disk(name: impl Into<String>, disk: DiskId, size: VmSize) -> Self {
        Self::new(name.into(), VmSource::Disk(disk), size)
    }

    fn new(name: String, source: VmSource, size: VmSize) -> Self {
        Self {
            name,
            source,
            size,
            os: None,
            login: Login::none(),
            public_key: None,
            cloud_init: None,
            billing_account_id: None,
            network_uuid: None,
            designated_pool_uuid: None,
            description: None,
            backup: false,
            reserve_public_ip: false,
            marked: false,
        }
    }

    /// Sets the operating system, if the replica or disk does not define it.
    pub fn with_os(mut self, os: Os) -> Self {
        self.os = Some(os);
        self
    }

    /// Sets the user and password of the first login.
    pub fn with_login(mut self, login: Login) -> Self {
        self.login = login;
        self
    }

    /// Sets a public key that the login accepts, in the format of OpenSSH's `.pub` files.
    pub fn with_public_key(mut self, key: impl Into<String>) -> Self {
        self.public_key = Some(key.into());
        self
    }

    /// Sets the configuration of the first start. If it defines users, the login is not sent.
    pub fn with_cloud_init(mut self, cloud_init: CloudInit) -> Self {
        self.cloud_init = Some(cloud_init);
        self
    }

    /// Sets the billing account that pays for the VM. A token that is restricted to one account does not need it.
    pub fn with_billing_account(mut self, account: BillingAccountId) -> Self {
        self.billing_account_id = Some(account);
        self
    }

    /// Sets the private network to use instead of the default one.
    pub fn with_network(mut self, network: NetworkId) -> Self {
        self.network_uuid = Some(network);
        self
    }

    /// Sets the host pool that the VM runs in.
    pub fn with_host_pool(mut self, pool: HostPoolId) -> Self {
        self.designated_pool_uuid = Some(pool);
        self
    }

    /// Sets the description.
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Adds a random marker to the description. The marker remains there for the lifetime of the VM. If the response to
    /// the create is lost, [`recover`](http_core::recovery::Create::recover) then finds the VM with certainty.
    pub fn marked(mut self) -> Self {
        self.marked = true;
        self
    }

    /// Turns automatic backups on.
    pub fn with_backup(mut self) -> Self {
        self.backup = true;
        self
    }

    /// Reserves a public IPv4 address for the VM. **The address is billed separately and outlives the VM**; the crate
    /// `elastis-network` can delete a VM together with its addresses.
    pub fn with_public_ip(mut self) -> Self {
        self.reserve_public_ip = true;
        self
    }

    /// Returns all fields as they are sent.
    #[inline]
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'static str, Field<'_>)> {
        fn text(value: &str) -> Field<'_> {
            Field::Plain(value.into())
        }
        fn number(value: impl Into<u64>) -> Field<'static> {
            Field::Number(value.into())
        }
        fn printed(value: Option<impl ToString>) -> Option<Field<'static>> {
            Some(Field::Plain(value?.to_string().into()))
        }
        let (source_uuid, source_replica, disk_uuid, disks) = match &self.source {
            VmSource::Image { disk_gib } => (None, None, None, Some(*disk_gib)),
            VmSource::Replica(source) => (Some(source.vm), Some(&source.replica), None, source.disk_gib),
            VmSource::Disk(disk) => (None, None, Some(*disk), None),
        };
        let users = self.cloud_init.as_ref().is_some_and(CloudInit::defines_users);
        let login = Some(&self.login).filter(|_| !users);
        let cloud_init = self.cloud_init.as_ref().map(|config| match config.to_json() {
            Ok(json) => Field::Secret(Cow::Owned(json.into())),
            Err(invalid) => Field::Invalid(invalid),
        });
        let fields = [
            ("backup", self.backup.then_some(Field::Plain("true".into()))),
            ("billing_account_id", self.billing_account_id.map(number)),
            ("cloud_init", cloud_init),
            ("description", self.description.as_deref().map(text)),
            ("designated_pool_uuid", printed(self.designated_pool_uuid)),
            ("disk_uuid", printed(disk_uuid)),
            ("disks", disks.map(number)),
            ("name", Some(text(&self.name))),
            ("network_uuid", printed(self.network_uuid)),
            ("os_name", self.os.as_ref().map(|os| text(&os.name))),
            ("os_version", self.os.as_ref().map(|os| text(&os.version))),
            (
                "password",
                login
                    .and_then(|login| login.password.as_ref())
                    .map(|password| Field::Secret(Cow::Borrowed(password))),
            ),
            ("public_key", self.public_key.as_deref().map(public_key)),
            ("ram", Some(number(self.size.memory_mib))),
            ("reserve_public_ip", (!self.reserve_public_ip).then_some(Field::Plain("false".into()))),
            ("source_replica", printed(source_replica)),
            ("source_uuid", printed(source_uuid)),
            ("username", login.and_then(|login| login.username.as_deref()).map(text)),
            ("vcpu", Some(number(self.size.vcpu))),
        ];
        fields.into_iter().filter_map(|(name, field)| Some((name, field?)))
    }

    #[inline]
    pub(crate) fn form(&self) -> Result<Form, InvalidValue> {
        let texts = self.cloud_init.iter().flat_map(CloudInit::texts);
        let form = texts.fold(Form::new(), |form, text| form.containing(text.into()));
        self.fields().try_fold(form, |form, (name, field)| match field {
            Field::Plain(value) => Ok(form.field(name, value)),
            Field::Number(value) => Ok(form.field(name, value)),
            Field::Secret(value) => Ok(form.secret(name, &value)),
            Field::Invalid(mistake) => Err(mistake),
        })
    }
}

/// The value of a field as it is sent.
pub(crate) enum Field<'a> {
    Plain(Cow<'a, str>),
    Number(u64),
    /// Redacted in responses and errors.
    Secret(Cow<'a, SecretString>),
    /// An invalid value, which cannot be sent.
    Invalid(InvalidValue),
}

impl Field<'_> {
    /// Returns the field with a number as text.
    pub(crate) fn into_text(self) -> Self {
        match self {
            Self::Number(number) => Self::Plain(number.to_string().into()),
            other => other,
        }
    }
}

fn public_key(text: &str) -> Field<'_> {
    match http_core::wire::public_key(text) {
        Ok(key) => Field::Plain(key.line.into()),
        Err(invalid) => Field::Invalid(invalid),
    }
}
