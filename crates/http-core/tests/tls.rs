//! Tests which certificates a client trusts, against a server with a self-signed certificate, and the error of a build
//! without TLS.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use http_core::client::{Builder, Dialect, ErrorResponse, Operation, Request, Response, Transport};
use http_core::wire::Bytes;
use http_core::{Error, ErrorKind};

struct Plain;

impl Dialect for Plain {
    fn authorize(&self, _: &mut Request) -> Result<(), Error> {
        Ok(())
    }

    fn read(&self, _: &Operation, response: &Response) -> Result<Bytes, ErrorResponse> {
        Ok(response.body().clone())
    }
}

fn builder(url: &str) -> Builder<Transport> {
    Builder::new(url, "test", Ok(Plain), |transport| transport).no_proxy()
}

#[cfg(any(feature = "rustls", feature = "aws-lc", feature = "native-tls"))]
mod with_tls {
    use std::sync::Arc;

    use rcgen::{CertificateParams, KeyPair, date_time_ymd};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::crypto::ring;
    use tokio_rustls::rustls::pki_types::PrivateKeyDer;

    use super::*;

    const GET: Operation = Operation::get("thing.get", "/thing");

    async fn serve() -> (String, String) {
        serve_over(&[], 2200).await
    }

    /// Starts a server with an unknown certificate, which is valid until this year. The server responds with HTTP/1.1
    /// after it has offered these protocols. Returns its URL and the certificate.
    async fn serve_over(protocols: &[&str], valid_until: i32) -> (String, String) {
        let signing_key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(["localhost".to_owned()]).unwrap();
        parameters.not_after = date_time_ymd(valid_until, 1, 1);
        let cert = parameters.self_signed(&signing_key).unwrap();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    let _ = stream.read(&mut [0; 4096]).await;
                    let response = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\n7";
                    let _ = stream.write_all(response).await;
                    let _ = stream.shutdown().await;
                }
            }
        });
        (url, cert.pem())
    }

    #[tokio::test]
    async fn an_added_root_certificate_is_trusted() {
        let (url, certificate) = serve().await;
        let client = builder(&url).root_certificate(certificate).build().unwrap();
        assert_eq!(client.call(&GET).json::<u8>().await.unwrap(), 7);
    }

    /// The step `features` of the checks runs this test with `reqwest/http2`.
    #[cfg(not(feature = "http2"))]
    #[tokio::test]
    async fn http2_is_not_used_if_only_another_crate_enables_it() {
        let (url, certificate) = serve_over(&["h2", "http/1.1"], 2200).await;
        let client = builder(&url).root_certificate(certificate).build().unwrap();
        assert_eq!(client.call(&GET).json::<u8>().await.unwrap(), 7);
    }

    #[tokio::test]
    async fn an_unknown_certificate_is_rejected_once_before_anything_is_sent() {
        let (url, _) = serve().await;
        let client = builder(&url).build().unwrap();
        let error = client.call(&GET).json::<u8>().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect, "{error:?}");
        assert!(error.to_string().contains("certificate"), "{error}");
        assert!(error.to_string().contains("root_certificate()"), "{error}");
        assert_eq!((error.attempts(), error.is_retryable()), (1, false));
    }

    #[tokio::test]
    async fn an_expired_certificate_or_one_for_another_name_is_final() {
        let (expired, of_expired) = serve_over(&[], 2001).await;
        let (valid, of_valid) = serve().await;
        let port = valid.rsplit(':').next().unwrap().parse().unwrap();
        let other = builder(&format!("https://other.example:{port}"));
        let other = other.resolve("other.example", ([127, 0, 0, 1], port).into());
        for builder in [builder(&expired).root_certificate(of_expired), other.root_certificate(of_valid)] {
            let error = builder.build().unwrap().call(&GET).json::<u8>().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Connect, "{error:?}");
            assert!(error.to_string().contains("certificate"), "{error}");
            assert_eq!((error.attempts(), error.is_retryable()), (1, false), "{error}");
        }
    }

    /// The names of alerts differ from the words of other errors: `BadCertificate`.
    #[tokio::test]
    async fn every_alert_about_a_certificate_is_final() {
        for code in [42_u8, 43, 44, 45, 46, 111, 113, 114, 116] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
            tokio::spawn(async move {
                while let Ok((mut stream, _)) = listener.accept().await {
                    let _ = stream.read(&mut [0; 4096]).await;
                    let _ = stream.write_all(&[21, 3, 3, 0, 2, 2, code]).await;
                    let _ = stream.shutdown().await;
                }
            });
            let error = builder(&url).build().unwrap().call(&GET).json::<u8>().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Connect, "{code}: {error:?}");
            assert!(error.to_string().to_lowercase().contains("certificate"), "{code}: {error}");
            assert_eq!((error.attempts(), error.is_retryable()), (1, false), "{code}: {error}");
        }
    }

    #[test]
    fn an_invalid_root_certificate_is_rejected() {
        let garbage = "-----BEGIN CERTIFICATE-----\nZ2FyYmFnZQ==\n-----END CERTIFICATE-----\n";
        for certificate in ["nothing", "", garbage] {
            let error = builder("https://127.0.0.1:1").root_certificate(certificate).build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.to_string().contains("root_certificate()"), "{error}");
            assert!(error.to_string().contains("PEM"), "{error}");
        }
    }

    /// Returns texts with damaged certificates before and after a valid one.
    fn next_to_garbage(valid: &str) -> Vec<String> {
        ["Z2FyYmFnZQ==\n-----END CERTIFICATE-----\n", "MII\n-----END CERTIFICATE-----\n", "MII\n"]
            .map(|text| format!("-----BEGIN CERTIFICATE-----\n{text}"))
            .iter()
            .flat_map(|garbage| [format!("{garbage}{valid}"), format!("{valid}{garbage}")])
            .collect()
    }

    #[tokio::test]
    async fn a_root_certificate_next_to_a_damaged_one_is_rejected() {
        let (url, valid) = serve().await;
        for certificate in next_to_garbage(&valid) {
            let error = builder(&url).root_certificate(certificate.as_str()).build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{certificate}");
            assert!(error.to_string().contains("root_certificate()"), "{error}");
        }
    }

    /// Runs a test of this file again in a child process with this `SSL_CERT_FILE`, because the environment of this
    /// process cannot be changed safely. Returns `true` in the child process.
    fn is_child(test: &str, certificate_file: &str) -> bool {
        const CHILD: &str = "HOSTKIT_TEST_CHILD";
        if std::env::var_os(CHILD).is_some() {
            return true;
        }
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", test]).env(CHILD, "1").env("SSL_CERT_FILE", certificate_file);
        let output = child.output().unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
        false
    }

    /// Without rustls, OpenSSL uses none of the certificates.
    #[cfg(all(any(feature = "rustls", feature = "aws-lc"), not(any(windows, target_vendor = "apple"))))]
    #[tokio::test]
    async fn a_damaged_certificate_in_the_file_is_skipped_with_a_warning() {
        use std::sync::Mutex;

        use tracing_subscriber::util::SubscriberInitExt;

        // The path must not come from this process's environment: that of the system must not be overwritten.
        const FILE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/damaged-certificates.pem");
        const LOG: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/damaged-certificates.log");
        if !is_child("with_tls::a_damaged_certificate_in_the_file_is_skipped_with_a_warning", FILE) {
            return;
        }
        assert_eq!(std::env::var("SSL_CERT_FILE").as_deref(), Ok(FILE));
        let (url, certificate) = serve().await;
        let garbage = ["Z2FyYmFnZQ==", "MII", "Zü"]
            .map(|text| format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n"));
        for (content, damaged) in [
            (format!("{}{certificate}", garbage[0]), 1),
            (format!("# CA\n{}{certificate}{}", garbage[1], garbage[2]), 2),
            (certificate.clone(), 0),
        ] {
            std::fs::write(FILE, &content).unwrap();
            let writer = Mutex::new(std::fs::File::create(LOG).unwrap());
            let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(writer);
            let guard = subscriber.finish().set_default();
            let client = builder(&url).build().unwrap();
            drop(guard);
            assert_eq!(client.call(&GET).json::<u8>().await.unwrap(), 7, "{content}");
            let text = std::fs::read_to_string(LOG).unwrap();
            let is_warned = damaged > 0 && cfg!(feature = "tracing");
            assert_eq!(text.contains("SSL_CERT_FILE"), is_warned, "{text}");
            assert_eq!(text.contains(&format!("count={damaged}")), is_warned, "{text}");
        }
        std::fs::write(FILE, garbage.concat()).unwrap();
        builder(&url).build().unwrap_err();
    }

    #[cfg(not(any(windows, target_vendor = "apple")))]
    #[test]
    fn a_certificate_file_without_a_usable_certificate_is_an_error() {
        const FILE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/no-certificates.pem");
        if !is_child("with_tls::a_certificate_file_without_a_usable_certificate_is_an_error", FILE) {
            return;
        }
        let garbage = "-----BEGIN CERTIFICATE-----\nZ2FyYmFnZQ==\n-----END CERTIFICATE-----\n";
        for content in [garbage, "nothing", ""] {
            std::fs::write(FILE, content).unwrap();
            let error = builder("https://localhost:1").build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.to_string().contains("SSL_CERT_FILE"), "{error}");
        }
    }

    /// OpenSSL uses no certificate of such a file.
    #[cfg(not(any(feature = "rustls", feature = "aws-lc", windows, target_vendor = "apple")))]
    #[tokio::test]
    async fn a_certificate_file_with_a_damaged_certificate_is_an_error() {
        const FILE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/one-damaged-certificate.pem");
        if !is_child("with_tls::a_certificate_file_with_a_damaged_certificate_is_an_error", FILE) {
            return;
        }
        let (url, valid) = serve().await;
        for content in next_to_garbage(&valid) {
            std::fs::write(FILE, &content).unwrap();
            let error = builder(&url).build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{content}");
            assert!(error.to_string().contains("SSL_CERT_FILE"), "{error}");
        }
        std::fs::write(FILE, valid).unwrap();
        let client = builder(&url).build().unwrap();
        assert_eq!(client.call(&GET).json::<u8>().await.unwrap(), 7);
    }

    /// The server responds itself, in place of the provider.
    #[tokio::test]
    async fn a_proxy_with_tls_before_a_plain_base_url_is_trusted_by_its_root_certificate() {
        let (proxy, certificate) = serve().await;
        let through = || builder("http://api.example.com").allow_plain_http().proxy(&proxy);
        let error = through().build().unwrap().call(&GET).json::<u8>().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect, "{error:?}");
        assert!(error.to_string().contains("certificate"), "{error}");
        let client = through().root_certificate(certificate).build().unwrap();
        assert_eq!(client.call(&GET).json::<u8>().await.unwrap(), 7);
    }

    #[test]
    fn a_client_that_uses_no_tls_is_built_without_certificates() {
        if is_child("with_tls::a_client_that_uses_no_tls_is_built_without_certificates", "/does/not/exist") {
            builder("http://127.0.0.1:1").build().unwrap();
            let proxy = || builder("http://127.0.0.1:1").proxy("https://127.0.0.1:2").allow_plain_http();
            for uses_tls in [builder("https://127.0.0.1:1"), proxy()] {
                assert_eq!(uses_tls.build().unwrap_err().kind(), ErrorKind::Configuration);
            }
        }
    }

    #[tokio::test]
    async fn an_unreadable_certificate_file_is_an_error_even_with_an_own_root_certificate() {
        const NAME: &str =
            "with_tls::an_unreadable_certificate_file_is_an_error_even_with_an_own_root_certificate";
        if !is_child(NAME, "/does/not/exist") {
            return;
        }
        let (url, certificate) = serve().await;
        for builder in [builder(&url), builder(&url).root_certificate(certificate)] {
            let error = builder.build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.to_string().contains("SSL_CERT_FILE"), "{error}");
        }
    }
}

#[cfg(not(any(feature = "rustls", feature = "aws-lc", feature = "native-tls")))]
#[test]
fn the_error_of_a_build_without_tls_names_the_features() {
    let error = builder("https://127.0.0.1:1").build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("rustls, aws-lc or native-tls"), "{error}");
    builder("http://127.0.0.1:1").build().unwrap();
}
