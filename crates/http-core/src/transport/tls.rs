//! The TLS library and the trusted certificates. The crypto provider is always passed explicitly, so that it does not
//! matter whether the process has installed a default one.

use crate::error::Error;
use crate::policy::settings::Settings;

/// A TLS setup that any number of HTTP clients can share.
#[cfg(any(feature = "rustls", feature = "aws-lc"))]
#[derive(Clone)]
pub(crate) struct Tls(rustls::ClientConfig);

#[cfg(any(feature = "rustls", feature = "aws-lc"))]
impl Tls {
    /// Loads the certificates; `used` is `false` if only plain HTTP is used.
    pub(crate) fn load(settings: &Settings, used: bool) -> Result<Self, Error> {
        use std::sync::Arc;

        use rustls::pki_types::CertificateDer;
        use rustls::pki_types::pem::PemObject;
        use rustls::{ClientConfig, RootCertStore};
        use rustls_platform_verifier::Verifier;

        #[cfg(feature = "aws-lc")]
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        #[cfg(not(feature = "aws-lc"))]
        let provider = Arc::new(rustls::crypto::ring::default_provider());

        let mut roots = Vec::new();
        for pem in &settings.root_certificates {
            let before = roots.len();
            for certificate in CertificateDer::pem_slice_iter(pem) {
                roots.push(certificate.map_err(|_| not_a_certificate())?);
            }
            if roots.len() == before {
                return Err(not_a_certificate());
            }
        }
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|_| Error::configuration("the TLS library supports no safe protocol version"))?;
        // Loading the system's certificates takes milliseconds, and a loopback client never uses them.
        let mut config = if used {
            let verifier = Verifier::new_with_extra_roots(roots, provider).map_err(|error| {
                Error::configuration(format!(
                    "the system's certificates cannot be loaded{}: {error}",
                    named_by()
                ))
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

    pub(crate) fn add(&self, builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
        builder.tls_backend_preconfigured(self.0.clone())
    }
}

/// A TLS setup that any number of HTTP clients can share.
#[cfg(all(feature = "native-tls", not(any(feature = "rustls", feature = "aws-lc"))))]
#[derive(Clone)]
pub(crate) struct Tls {
    roots: Vec<reqwest::Certificate>,
    used: bool,
}

#[cfg(all(feature = "native-tls", not(any(feature = "rustls", feature = "aws-lc"))))]
impl Tls {
    /// Reads the certificates; `used` is `false` if only plain HTTP is used.
    pub(crate) fn load(settings: &Settings, used: bool) -> Result<Self, Error> {
        let mut roots = Vec::new();
        for pem in &settings.root_certificates {
            let certificates = reqwest::Certificate::from_pem_bundle(pem).map_err(|_| not_a_certificate())?;
            if certificates.is_empty() {
                return Err(not_a_certificate());
            }
            roots.extend(certificates);
        }
        // OpenSSL treats an unreadable file as an empty one.
        if let (true, Some(file)) = (used, std::env::var_os(CERTIFICATE_FILE)) {
            let readable = std::fs::read(file).is_ok_and(|pem| {
                reqwest::Certificate::from_pem_bundle(&pem).is_ok_and(|all| !all.is_empty())
            });
            if !readable {
                return Err(Error::configuration(format!(
                    "the system's certificates cannot be loaded{}",
                    named_by()
                )));
            }
        }
        Ok(Self { roots, used })
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

#[cfg(any(feature = "rustls", feature = "aws-lc", feature = "native-tls"))]
fn not_a_certificate() -> Error {
    Error::configuration("a root certificate is invalid: it must be in PEM format")
}
