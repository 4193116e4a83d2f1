use super::server::answer;
use super::{config, document, failed};
use crate::{Config, ConfigError, Fetch};
use model::FailureClass::{Redirect, Timeout, Tls};
use rcgen::{CertificateParams, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    file: tempfile::NamedTempFile,
}

fn authority() -> Authority {
    let (key, mut params) = (KeyPair::generate().unwrap(), CertificateParams::new(vec![]).unwrap());
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(params.self_signed(&key).unwrap().pem().as_bytes()).unwrap();
    Authority { issuer: Issuer::new(params, key), file }
}

/// A TLS server whose certificate is for `name`, and that answers each request with `answer`.
fn serve(authority: &Authority, name: &str, answer: Vec<u8>) -> SocketAddr {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority.issuer).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let (config, listener) = (Arc::new(config), TcpListener::bind("127.0.0.1:0").unwrap());
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(config.clone()).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            let mut head = [0; 4096];
            if stream.read(&mut head).is_ok() {
                let _ = stream.write_all(&answer);
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        }
    });
    address
}

fn trusting(authority: &Authority) -> Fetch {
    Fetch::new(&Config { ca_file: Some(authority.file.path().into()), ..config() }).unwrap()
}

#[tokio::test]
async fn a_certificate_must_be_signed_by_an_authority_that_is_trusted_and_bear_the_name() {
    let authority = authority();
    let good = serve(&authority, "127.0.0.1", answer("200 OK", &[], "ok"));
    let wrong = serve(&authority, "example.org", answer("200 OK", &[], "ok"));
    assert_eq!(&document(&trusting(&authority), &format!("https://{good}/")).await.body[..], b"ok");
    let unknown = failed(&Fetch::new(&config()).unwrap(), &format!("https://{good}/")).await;
    assert_eq!(unknown.class, Tls, "{unknown:?}");
    let misnamed = failed(&trusting(&authority), &format!("https://{wrong}/")).await;
    assert_eq!(misnamed.class, Tls, "{misnamed:?}");
}

#[tokio::test]
async fn credentials_are_not_taken_from_https_to_http() {
    let authority = authority();
    let plain = super::server::Server::says(answer("200 OK", &[], "ok"));
    let location = format!("Location: {}", plain.url("/"));
    let server = serve(&authority, "127.0.0.1", answer("302 Found", &[&location], ""));
    let fetch = trusting(&authority);
    let failure = failed(&fetch, &format!("https://user:pass@{server}/feed")).await;
    assert_eq!((failure.class, plain.accepts()), (Redirect, 0), "{failure:?}");
    document(&fetch, &format!("https://{server}/feed")).await;
}

/// Takes one connection, answers the hello with `answer`, and gives what the client sent.
fn broken(answer: &'static [u8]) -> (SocketAddr, thread::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let heard = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut heard = vec![0; 5];
        stream.read_exact(&mut heard).unwrap();
        let _ = stream.write_all(answer);
        let _ = stream.read_to_end(&mut heard);
        heard
    });
    (address, heard)
}

#[tokio::test]
async fn a_handshake_that_breaks_or_hangs_is_never_retried_in_the_clear() {
    let fetch = Fetch::new(&config()).unwrap();
    for (says, expect) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], Tls),
        (b"\x15\x03\x03\x00\x02\x02\x28", Tls),
        (b"", Timeout),
    ] {
        let (address, heard) = broken(says);
        let failure = failed(&fetch, &format!("https://{address}/feed")).await;
        assert_eq!(failure.class, expect, "{failure:?}");
        let heard = heard.join().unwrap();
        assert_eq!(heard[0], 0x16);
        assert!(!heard.windows(4).any(|part| part == b"GET "));
    }
}

#[test]
fn a_ca_file_that_cannot_be_used_is_named() {
    let empty = tempfile::NamedTempFile::new().unwrap();
    for path in [empty.path().to_owned(), "/no/such/file.pem".into()] {
        let error = Fetch::new(&Config { ca_file: Some(path.clone()), ..config() }).unwrap_err();
        assert!(
            matches!(&error, ConfigError::CaFile(why) if why.contains(path.to_str().unwrap())),
            "{error}"
        );
    }
}
