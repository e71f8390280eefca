//! A VM to be made, in each of the ways to ask for one.

use http_core::SecretString;
use http_core::client::Form;
use http_core::wire::InvalidValue;

use super::{CloudInit, Os, VmSize};
use crate::ids::{BillingAccountId, DiskId, HostPoolId, NetworkId, ReplicaId, VmId};

/// A VM to be made: fresh from an image, as a copy of a replica, or on a disk that exists.
///
/// Names, sizes and logins are bound by rules that the provider publishes:
/// [`VmParameters::check`](crate::VmParameters::check) tells which of them are broken before anything is sent.
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
    /// The name; it becomes the host name too.
    pub name: String,
    /// Where its boot disk comes from.
    pub source: VmSource,
    /// Processors and memory.
    pub size: VmSize,
    /// The system; required for an image, else known from the source.
    pub os: Option<Os>,
    /// Who may log in.
    pub login: Login,
    /// The key in OpenSSH's format that opens the login besides its password.
    pub public_key: Option<String>,
    /// What it does when it first starts.
    pub cloud_init: Option<CloudInit>,
    /// The account that pays for it.
    pub billing_account_id: Option<BillingAccountId>,
    /// The private network; `None` is the default one.
    pub network_uuid: Option<NetworkId>,
    /// The pool of hosts; `None` leaves it to the provider.
    pub designated_pool_uuid: Option<HostPoolId>,
    /// A description.
    pub description: Option<String>,
    /// Whether backups are made automatically.
    pub backup: bool,
    /// Whether a public IPv4 address is reserved for the VM, which is billed and outlives it. The provider reserves one
    /// unless told otherwise; a `NewVm` asks for none unless told otherwise.
    pub reserve_public_ip: bool,
    /// Whether a marker is added to the description; see [`marked`](Self::marked).
    pub marked: bool,
}

/// Where the boot disk of a new VM comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VmSource {
    /// An operating system's image, on a new disk.
    Image {
        /// The size of the disk in GiB.
        disk_gib: u64,
    },
    /// A snapshot or backup of a VM, copied to a new disk.
    Replica(ReplicaSource),
    /// A disk that exists and is attached to no VM.
    Disk(DiskId),
}

/// A snapshot or backup that a new VM is to be a copy of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReplicaSource {
    /// The VM that the replica was made of.
    pub vm: VmId,
    /// The replica.
    pub replica: ReplicaId,
    /// The size of the new disk in GiB, at least that of the replica; `None` is that of the replica.
    pub disk_gib: Option<u64>,
}

impl ReplicaSource {
    /// Uses this replica of this VM, on a disk of the same size.
    pub fn new(vm: VmId, replica: ReplicaId) -> Self {
        Self { vm, replica, disk_gib: None }
    }

    /// Sets the size of the new disk in GiB.
    pub fn with_disk_gib(mut self, disk_gib: u64) -> Self {
        self.disk_gib = Some(disk_gib);
        self
    }
}

/// Who may log in to a new VM.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Login {
    /// The user.
    pub username: Option<String>,
    /// The user's password.
    pub password: Option<SecretString>,
}

impl Login {
    /// A user with a password.
    pub fn new(username: impl Into<String>, password: impl Into<SecretString>) -> Self {
        Self { username: Some(username.into()), password: Some(password.into()) }
    }

    /// Creates a login with a password for the system's built-in user, as on Windows.
    pub fn password(password: impl Into<SecretString>) -> Self {
        Self { username: None, password: Some(password.into()) }
    }

    /// Creates no user besides those of cloud-init or of the VM's source.
    pub const fn none() -> Self {
        Self { username: None, password: None }
    }
}

impl NewVm {
    /// Returns a request for a VM with this operating system, on a new disk of `disk_gib` GiB.
    pub fn from_image(name: impl Into<String>, os: Os, disk_gib: u64, size: VmSize, login: Login) -> Self {
        Self { os: Some(os), login, ..Self::new(name.into(), VmSource::Image { disk_gib }, size) }
    }

    /// Returns a request for a copy of a VM as it was when a snapshot or backup was taken.
    pub fn from_replica(name: impl Into<String>, source: ReplicaSource, size: VmSize) -> Self {
        Self::new(name.into(), VmSource::Replica(source), size)
    }

    /// Returns a request for a VM that boots from an existing disk, which is attached to no other VM. The disk keeps its
    /// size.
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

    /// Names the system, if a replica or a disk does not say.
    pub fn with_os(mut self, os: Os) -> Self {
        self.os = Some(os);
        self
    }

    /// Says who may log in.
    pub fn with_login(mut self, login: Login) -> Self {
        self.login = login;
        self
    }

    /// Lets the owner of this key in, given as in OpenSSH's `.pub` files.
    pub fn with_public_key(mut self, key: impl Into<String>) -> Self {
        self.public_key = Some(key.into());
        self
    }

    /// Says what it does when it first starts. If that defines users, the login is not sent.
    pub fn with_cloud_init(mut self, cloud_init: CloudInit) -> Self {
        self.cloud_init = Some(cloud_init);
        self
    }

    /// Charges it to this account. A token that is restricted to one account needs none.
    pub fn with_billing_account(mut self, account: BillingAccountId) -> Self {
        self.billing_account_id = Some(account);
        self
    }

    /// Puts it in this private network instead of the default one.
    pub fn with_network(mut self, network: NetworkId) -> Self {
        self.network_uuid = Some(network);
        self
    }

    /// Runs it in this pool of hosts.
    pub fn with_host_pool(mut self, pool: HostPoolId) -> Self {
        self.designated_pool_uuid = Some(pool);
        self
    }

    /// Describes it.
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Adds a random marker to the description, which the provider keeps for the life of the VM. If the response to
    /// the create is lost, [`recover`](http_core::recovery::Create::recover) finds the VM with certainty.
    pub fn marked(mut self) -> Self {
        self.marked = true;
        self
    }

    /// Makes backups of it automatically.
    pub fn with_backup(mut self) -> Self {
        self.backup = true;
        self
    }

    /// Reserves a public IPv4 address for the VM. **You are billed for the address from this point, and it outlives the
    /// VM**: `elastis-network` deletes a VM together with its addresses.
    pub fn with_public_ip(mut self) -> Self {
        self.reserve_public_ip = true;
        self
    }

    /// Every field as it is sent.
    pub(crate) fn fields(&self) -> Vec<(&'static str, Field)> {
        let text = |value: String| Some(Field::Plain(value));
        let (source_uuid, source_replica, disk_uuid, disks) = match &self.source {
            VmSource::Image { disk_gib } => (None, None, None, Some(*disk_gib)),
            VmSource::Replica(source) => {
                (Some(source.vm), Some(source.replica.clone()), None, source.disk_gib)
            }
            VmSource::Disk(disk) => (None, None, Some(*disk), None),
        };
        let users = self.cloud_init.as_ref().is_some_and(CloudInit::defines_users);
        let login = if users { Login::none() } else { self.login.clone() };
        let cloud_init = self.cloud_init.as_ref().map(CloudInit::to_json);
        let fields = [
            ("backup", self.backup.then(|| Field::Plain("true".to_owned()))),
            ("billing_account_id", self.billing_account_id.and_then(|id| text(id.to_string()))),
            (
                "cloud_init",
                cloud_init.map(|json| json.map_or_else(Field::Invalid, |json| Field::Secret(json.into()))),
            ),
            ("description", self.description.clone().and_then(text)),
            ("designated_pool_uuid", self.designated_pool_uuid.and_then(|id| text(id.to_string()))),
            ("disk_uuid", disk_uuid.and_then(|id| text(id.to_string()))),
            ("disks", disks.and_then(|gib| text(gib.to_string()))),
            ("name", text(self.name.clone())),
            ("network_uuid", self.network_uuid.and_then(|id| text(id.to_string()))),
            ("os_name", self.os.as_ref().and_then(|os| text(os.name.clone()))),
            ("os_version", self.os.as_ref().and_then(|os| text(os.version.clone()))),
            ("password", login.password.map(Field::Secret)),
            ("public_key", self.public_key.as_deref().map(public_key)),
            ("ram", text(self.size.memory_mib.to_string())),
            ("reserve_public_ip", (!self.reserve_public_ip).then(|| Field::Plain("false".to_owned()))),
            ("source_replica", source_replica.and_then(|id| text(id.to_string()))),
            ("source_uuid", source_uuid.and_then(|id| text(id.to_string()))),
            ("username", login.username.and_then(text)),
            ("vcpu", text(self.size.vcpu.to_string())),
        ];
        fields.into_iter().filter_map(|(name, field)| Some((name, field?))).collect()
    }

    pub(crate) fn form(&self) -> Result<Form, InvalidValue> {
        self.fields().into_iter().try_fold(Form::new(), |form, (name, field)| match field {
            Field::Plain(value) => Ok(form.field(name, value)),
            Field::Secret(value) => Ok(form.secret(name, &value)),
            Field::Invalid(mistake) => Err(mistake),
        })
    }
}

/// A value as it is sent.
pub(crate) enum Field {
    Plain(String),
    /// It is redacted in whatever comes back.
    Secret(SecretString),
    /// It cannot be sent.
    Invalid(InvalidValue),
}

fn public_key(text: &str) -> Field {
    match http_core::wire::public_key(text) {
        Ok(key) => Field::Plain(key.to_owned()),
        Err(invalid) => Field::Invalid(invalid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "f80b1d62-ffe4-43ef-9210-60f05445456a";

    fn image() -> NewVm {
        let login = Login::new("example", "Password123");
        NewVm::from_image("web-1", Os::new("ubuntu", "22.04"), 20, VmSize::new(2, 2048), login)
    }

    fn names(vm: &NewVm) -> Vec<&'static str> {
        vm.fields().into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn only_what_was_set_is_sent() {
        let common = [
            "disks",
            "name",
            "os_name",
            "os_version",
            "password",
            "ram",
            "reserve_public_ip",
            "username",
            "vcpu",
        ];
        assert_eq!(names(&image()), common);
        let all = image()
            .with_backup()
            .with_billing_account(BillingAccountId::new(6))
            .with_cloud_init(CloudInit::new().run("a"))
            .with_description("d")
            .with_host_pool(ID.parse().unwrap())
            .with_network(ID.parse().unwrap())
            .with_public_key("ssh-ed25519 AAAA");
        assert_eq!(names(&all).len(), common.len() + 7);
    }

    #[test]
    fn a_public_address_is_reserved_only_by_name() {
        let asked = |vm: &NewVm| vm.fields().into_iter().find(|(name, _)| *name == "reserve_public_ip");
        assert!(matches!(asked(&image()), Some((_, Field::Plain(no))) if no == "false"));
        // The provider's default.
        assert!(asked(&image().with_public_ip()).is_none());
    }

    #[test]
    fn a_disk_that_exists_is_sent_without_a_size() {
        let vm = NewVm::from_disk("web-1", ID.parse().unwrap(), VmSize::new(1, 512));
        assert_eq!(names(&vm), ["disk_uuid", "name", "ram", "reserve_public_ip", "vcpu"]);
    }

    #[test]
    fn a_copy_names_machine_and_replica() {
        let source = ReplicaSource::new(ID.parse().unwrap(), ReplicaId::from("r"));
        let vm = NewVm::from_replica("web-1", source.clone(), VmSize::new(1, 512));
        assert_eq!(names(&vm), ["name", "ram", "reserve_public_ip", "source_replica", "source_uuid", "vcpu"]);
        let vm = NewVm::from_replica("web-1", source.with_disk_gib(40), VmSize::new(1, 512));
        assert!(names(&vm).contains(&"disks"));
    }

    #[test]
    fn a_login_is_left_out_where_cloud_init_defines_users() {
        let vm = image().with_cloud_init(CloudInit::new().with("users", ["default"]));
        let names = names(&vm);
        assert!(!names.contains(&"username") && !names.contains(&"password"), "{names:?}");
    }

    #[test]
    fn a_private_key_is_not_sent_as_a_public_one() {
        for key in
            ["-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blb\n-----END OPENSSH PRIVATE KEY-----", "b3Blb", ""]
        {
            let error =
                crate::Elastis::new("key").unwrap().vms().create(image().with_public_key(key)).prepare();
            assert!(error.unwrap_err().is_invalid_argument(), "{key}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let vm = image().with_cloud_init(CloudInit::new().run("echo hunter2"));
        let shown = format!("{vm:?} {:?}", vm.form().unwrap());
        assert!(!shown.contains("Password123") && !shown.contains("hunter2"), "{shown}");
    }
}
