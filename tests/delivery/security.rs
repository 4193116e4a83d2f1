//! Encrypted listeners, users and certificates; and what is said when they do not fit.

use super::STORE;
use super::cluster::{block, row};
use super::secure::Secure;
use deliver::kafka::{Config, Kafka, Mechanism, Protocol, Sasl, Tls};
use deliver::{Class, Error, Sink};
use model::Secret;
use model::units::Span;
use std::sync::Arc;

fn config(port: u16, protocol: Protocol) -> Config {
    let mut config = Config {
        bootstrap_servers: format!("127.0.0.1:{port}"),
        request_timeout: Span::from_secs(3),
        ..Config::default()
    };
    config.security.protocol = protocol;
    config
}

fn user(mut config: Config, mechanism: Mechanism, name: &str, password: &str) -> Config {
    config.security.sasl = Sasl {
        mechanism,
        username: Some(name.into()),
        password: Some(Secret::new(password)),
        password_file: None,
    };
    config
}

fn deliver(config: Config) -> Result<u64, Error> {
    block(async {
        let mut sink = Kafka::new(config, STORE)?;
        sink.recover().await?;
        let receipt = sink.deliver(Arc::new([row(1, 100)])).await;
        sink.close().await;
        Ok(receipt?.last_seq)
    })
}

fn check_refused(what: &str, config: Config, words: &[&str]) {
    let error = deliver(config).unwrap_err();
    assert_eq!(error.class, Class::Operator, "{what}: {error}");
    for word in words {
        assert!(error.detail.contains(word), "{what}: {error}");
    }
    assert!(!error.detail.contains("-pw"), "{what}: {error}");
}

/// One broker serves all of it: it takes seconds to start.
#[test]
fn secured_listeners_take_the_right_and_name_the_wrong() {
    let broker = Secure::start();
    let tls = Tls { ca_file: Some(broker.file("ca.pem")), ..Tls::default() };
    let over_tls = |port, protocol| {
        let mut config = config(port, protocol);
        config.security.tls = tls.clone();
        config
    };
    let sasl_ssl = over_tls(broker.sasl_ssl, Protocol::SaslSsl);
    let scram = |password| user(sasl_ssl.clone(), Mechanism::ScramSha512, "alice", password);
    assert_eq!(deliver(scram("alice-pw")), Ok(1));
    let mut from_file = scram("");
    from_file.security.sasl.password = None;
    from_file.security.sasl.password_file = Some(broker.file("password"));
    std::fs::write(broker.file("password"), "alice-pw\n").unwrap();
    assert_eq!(deliver(from_file.clone()), Ok(1));
    std::fs::remove_file(broker.file("password")).unwrap();
    check_refused("no password file", from_file, &["cannot be read", "password"]);
    let in_the_clear = config(broker.sasl_plaintext, Protocol::SaslPlaintext);
    assert_eq!(deliver(user(in_the_clear, Mechanism::ScramSha512, "alice", "alice-pw")), Ok(1));
    let mut certified = over_tls(broker.ssl, Protocol::Ssl);
    certified.security.tls.cert_file = Some(broker.file("client.pem"));
    certified.security.tls.key_file = Some(broker.file("client.key"));
    assert_eq!(deliver(certified), Ok(1));

    check_refused("wrong SCRAM password", scram("wrong-pw"), &["authentication"]);
    let plain = |password| user(sasl_ssl.clone(), Mechanism::Plain, "bob", password);
    check_refused("wrong PLAIN password", plain("wrong-pw"), &["authentication"]);
    // bob is let in, but has no rights.
    check_refused("no rights", plain("bob-pw"), &["articles.v1", "authorization"]);
    check_refused("no client certificate", over_tls(broker.ssl, Protocol::Ssl), &["certificate"]);
    let mut stranger = scram("alice-pw");
    stranger.security.tls.ca_file = Some(broker.file("other-ca.pem"));
    check_refused("unknown authority", stranger, &["certificate verify failed"]);
    let clear_port = over_tls(broker.sasl_plaintext, Protocol::Ssl);
    check_refused("TLS to a clear port", clear_port, &["PLAINTEXT"]);
}
