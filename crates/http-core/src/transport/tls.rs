//! TLS: which library, and whom it trusts. The provider of cryptography is always passed explicitly, so that
//! neither a missing nor a second process-wide one matters.

use crate::error::Error;
use crate::policy::settings::Settings;

/// Adds TLS to the connection's builder; `used` is false where only plain HTTP on loopback is spoken.
#[cfg(any(feature = "rustls", feature = "aws-lc"))]
pub(crate) fn add(
    builder: reqwest::ClientBuilder,
    settings: &Settings,
    used: bool,
) -> Result<reqwest::ClientBuilder, Error> {
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
        .map_err(|_| Error::configuration("the TLS library offers no protocol version that is safe"))?;
    // Loading the system's certificates costs milliseconds that a loopback client never needs.
    let mut config = if used {
        let verifier = Verifier::new_with_extra_roots(roots, provider).map_err(|error| {
            Error::configuration(format!("the system's certificates cannot be loaded: {error}"))
        })?;
        config.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth()
    } else {
        config.with_root_certificates(RootCertStore::empty()).with_no_client_auth()
    };
    if cfg!(feature = "http2") {
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    }
    Ok(builder.tls_backend_preconfigured(config))
}

#[cfg(all(feature = "native-tls", not(any(feature = "rustls", feature = "aws-lc"))))]
pub(crate) fn add(
    builder: reqwest::ClientBuilder,
    settings: &Settings,
    _used: bool,
) -> Result<reqwest::ClientBuilder, Error> {
    let mut roots = Vec::new();
    for pem in &settings.root_certificates {
        let certificates = reqwest::Certificate::from_pem_bundle(pem).map_err(|_| not_a_certificate())?;
        if certificates.is_empty() {
            return Err(not_a_certificate());
        }
        roots.extend(certificates);
    }
    Ok(builder.tls_backend_native().tls_certs_merge(roots))
}

#[cfg(not(any(feature = "rustls", feature = "aws-lc", feature = "native-tls")))]
pub(crate) fn add(
    builder: reqwest::ClientBuilder,
    _settings: &Settings,
    used: bool,
) -> Result<reqwest::ClientBuilder, Error> {
    if used {
        return Err(Error::configuration(
            "this build has no TLS: turn on one of the features rustls, aws-lc or native-tls",
        ));
    }
    Ok(builder)
}

#[cfg(any(feature = "rustls", feature = "aws-lc", feature = "native-tls"))]
fn not_a_certificate() -> Error {
    Error::configuration("a root certificate cannot be read: give it in PEM form")
}
