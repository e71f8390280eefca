//! The TLS library and the trusted certificates. The crypto provider is always passed explicitly, so that it does not
//! matter whether the process has installed a default one.

use crate::error::Error;
use crate::policy::settings::Settings;

/// A TLS setup that any number of HTTP clients can share.
#[cfg(any(feature = "rustls", feature = "aws-lc"))]
#[derive(Clone)]
pub(crate) struct Tls(pub(super) rustls::ClientConfig);

#[cfg(any(feature = "rustls", feature = "aws-lc"))]
impl Tls {
    /// Loads the certificates; `used` is `false` if only plain HTTP is used.
    pub(crate) fn load(settings: &Settings, used: bool) -> Result<Self, Error> {
        use std::sync::Arc;

        use rustls::{ClientConfig, RootCertStore};
        use rustls_platform_verifier::Verifier;

        #[cfg(feature = "aws-lc")]
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        #[cfg(not(feature = "aws-lc"))]
        let provider = Arc::new(rustls::crypto::ring::default_provider());

        let roots = roots(settings)?;
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|_| Error::configuration("the TLS library supports no safe protocol version"))?;
        // Loading the system's certificates takes milliseconds, and a loopback client never uses them.
        let mut config = if used {
            check_certificate_file()?;
            let verifier = Verifier::new_with_extra_roots(roots, provider).map_err(|error| {
                let error = error.to_string();
                no_system_certificates().with_advice(error)
            })?;
            config.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth()
        } else {
            config.with_root_certificates(RootCertStore::empty()).with_no_client_auth()
        };
        if cfg!(feature = "http2") {
            config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        }
        Ok(Self(config))
    }

    /// Returns the same setup for another process: with its own cache of sessions, which may be locked and contains
    /// tickets that must be used only once.
    pub(crate) fn for_process(&self) -> Self {
        let mut config = self.0.clone();
        config.resumption = rustls::client::Resumption::default();
        Self(config)
    }

    pub(crate) fn add(&self, builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
        builder.tls_backend_preconfigured(self.0.clone())
    }
}

#[cfg(any(feature = "rustls", feature = "aws-lc"))]
type Certificate = rustls::pki_types::CertificateDer<'static>;

/// Returns the certificates in a text in PEM format, or `None` if there are none or one of them is invalid.
#[cfg(any(feature = "rustls", feature = "aws-lc"))]
fn certificates(pem: &[u8]) -> Option<Vec<Certificate>> {
    use rustls::pki_types::pem::PemObject;

    let all: Vec<_> = Certificate::pem_slice_iter(pem).collect::<Result<_, _>>().ok()?;
    Some(all).filter(|all| !all.is_empty())
}

#[cfg(any(feature = "rustls", feature = "aws-lc"))]
fn is_root(certificate: &Certificate) -> bool {
    rustls::RootCertStore::empty().add(certificate.clone()).is_ok()
}

/// Returns the number of damaged certificates in a file, which are skipped, or `None` if no certificate is usable.
#[cfg(any(feature = "rustls", feature = "aws-lc"))]
fn damaged(pem: &[u8]) -> Option<usize> {
    use rustls::pki_types::pem::PemObject;

    let is_usable = |certificate: Result<Certificate, _>| certificate.is_ok_and(|it| is_root(&it));
    let (usable, damaged): (Vec<_>, Vec<_>) =
        Certificate::pem_slice_iter(pem).map(is_usable).partition(|is_usable| *is_usable);
    (!usable.is_empty()).then_some(damaged.len())
}

/// A TLS setup that any number of HTTP clients can share.
#[cfg(all(feature = "native-tls", not(any(feature = "rustls", feature = "aws-lc"))))]
#[derive(Clone)]
pub(crate) struct Tls {
    roots: Vec<Certificate>,
    used: bool,
}

#[cfg(all(feature = "native-tls", not(any(feature = "rustls", feature = "aws-lc"))))]
type Certificate = reqwest::Certificate;

/// Returns the certificates in a text in PEM format, or `None` if there are none or one of them is invalid.
#[cfg(all(feature = "native-tls", not(any(feature = "rustls", feature = "aws-lc"))))]
fn certificates(pem: &[u8]) -> Option<Vec<Certificate>> {
    Certificate::from_pem_bundle(pem).ok().filter(|all| !all.is_empty())
}

/// Returns the number of damaged certificates in a file, or `None` if no certificate is usable. OpenSSL uses no
/// certificate of a file that contains a damaged one.
#[cfg(all(feature = "native-tls", not(any(feature = "rustls", feature = "aws-lc"))))]
fn damaged(pem: &[u8]) -> Option<usize> {
    certificates(pem).map(|_| 0)
}

/// [`certificates`] checks the content, too.
#[cfg(all(feature = "native-tls", not(any(feature = "rustls", feature = "aws-lc"))))]
fn is_root(_: &Certificate) -> bool {
    true
}

#[cfg(all(feature = "native-tls", not(any(feature = "rustls", feature = "aws-lc"))))]
impl Tls {
    /// Reads the certificates; `used` is `false` if only plain HTTP is used.
    pub(crate) fn load(settings: &Settings, used: bool) -> Result<Self, Error> {
        if used {
            check_certificate_file()?;
        }
        Ok(Self { roots: roots(settings)?, used })
    }

    pub(crate) fn for_process(&self) -> Self {
        self.clone()
    }

    pub(crate) fn add(&self, builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
        let builder = builder.tls_backend_native();
        if self.used {
            builder.tls_certs_merge(self.roots.clone())
        } else {
            // Loading the system's certificates takes 38 ms, and a loopback client never uses them.
            builder.tls_certs_only([])
        }
    }
}

/// No TLS in this build.
#[cfg(not(any(feature = "rustls", feature = "aws-lc", feature = "native-tls")))]
#[derive(Clone)]
pub(crate) struct Tls;

#[cfg(not(any(feature = "rustls", feature = "aws-lc", feature = "native-tls")))]
impl Tls {
    pub(crate) fn load(_settings: &Settings, used: bool) -> Result<Self, Error> {
        if used {
            return Err(Error::configuration(
                "this build has no TLS: enable one of the features rustls, aws-lc or native-tls",
            ));
        }
        Ok(Self)
    }

    pub(crate) fn for_process(&self) -> Self {
        self.clone()
    }

    #[allow(clippy::unused_self, reason = "the builds with TLS need it")]
    pub(crate) fn add(&self, builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
        builder
    }
}

#[cfg(any(feature = "rustls", feature = "aws-lc", feature = "native-tls"))]
const CERTIFICATE_FILE: &str = "SSL_CERT_FILE";

/// Names the environment variables that override the system's certificates, if any are set, for an error message.
#[cfg(any(feature = "rustls", feature = "aws-lc", feature = "native-tls"))]
fn named_by() -> String {
    let set = [CERTIFICATE_FILE, "SSL_CERT_DIR"].into_iter().filter(|name| std::env::var_os(name).is_some());
    let names: Vec<_> = set.collect();
    if names.is_empty() { String::new() } else { format!(" (check the variable {})", names.join(" and ")) }
}

/// Returns the certificates of the settings.
#[cfg(any(feature = "rustls", feature = "aws-lc", feature = "native-tls"))]
fn roots(settings: &Settings) -> Result<Vec<Certificate>, Error> {
    let valid = |pem: &Vec<u8>| certificates(pem).filter(|all| all.iter().all(is_root));
    let roots: Option<Vec<_>> = settings.root_certificates.iter().map(valid).collect();
    let invalid =
        "a certificate of root_certificate() is invalid: it must be an X.509 certificate in PEM format";
    roots.map(|roots| roots.concat()).ok_or_else(|| Error::configuration(invalid))
}

/// Returns an error if the file that replaces the system's certificates is unreadable or contains no usable certificate.
/// The TLS libraries treat such a file as an empty one. Those of Apple and Windows ignore the variable.
#[cfg(any(feature = "rustls", feature = "aws-lc", feature = "native-tls"))]
fn check_certificate_file() -> Result<(), Error> {
    let file = std::env::var_os(CERTIFICATE_FILE).filter(|_| !cfg!(any(windows, target_vendor = "apple")));
    let Some(file) = file else { return Ok(()) };
    match std::fs::read(file).ok().and_then(|pem| damaged(&pem)) {
        Some(0) => Ok(()),
        Some(count) => {
            crate::trace::damaged_certificates(CERTIFICATE_FILE, count);
            Ok(())
        }
        None => Err(no_system_certificates()),
    }
}

#[cfg(any(feature = "rustls", feature = "aws-lc", feature = "native-tls"))]
fn no_system_certificates() -> Error {
    Error::configuration(format!("the system's certificates cannot be loaded{}", named_by()))
}
