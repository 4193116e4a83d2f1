use super::*;

fn read(text: &str) -> Result<Config, String> {
    toml::from_str(text).map_err(|error| error.message().to_owned())
}

/// The one sentence that is said of `text`; empty: nothing is wrong.
fn check(text: &str, expect: &str) {
    let said = read(text).map_or_else(|refused| refused, |config| config.faults().join("; "));
    if expect.is_empty() {
        assert_eq!(said, "", "{text}");
    } else {
        assert!(said.contains(expect), "{text}: {said:?}");
    }
}

#[test]
fn nothing_said_is_the_default_and_has_no_fault() {
    assert_eq!(read("").unwrap(), Config::default());
    assert_eq!(Config::default().faults(), [] as [&str; 0]);
}

#[test]
fn the_default_reads_back_as_written() {
    let text = toml::to_string(&Config::default()).unwrap();
    assert_eq!(read(&text).unwrap(), Config::default(), "{text}");
}

#[test]
fn everything_can_be_said() {
    let config = read(
        r#"
        bootstrap_servers = "a:9093,b:9093"
        topic_prefix = "news"
        delivery = "at_least_once"
        transactional_id = "news-1"
        topics = { manage = "check", partitions = -1, replication_factor = 3 }
        librdkafka = { "socket.timeout.ms" = 10000, "socket.keepalive.enable" = true, debug = "broker" }
        [security]
        protocol = "sasl_ssl"
        sasl = { mechanism = "SCRAM-SHA-256", username = "u", password_file = "/run/secrets/p" }
        tls = { ca_file = "ca.pem", cert_file = "c.pem", key_file = "k.pem", key_password = "x" }
        "#,
    )
    .unwrap();
    assert_eq!(config.faults(), [] as [&str; 0]);
    assert_eq!(config.topic("articles.v1"), "news.articles.v1");
    assert_eq!(config.topics.manage, Manage::Check);
    let settings: Vec<_> = config.librdkafka.iter().collect();
    assert_eq!(
        settings,
        [("debug", "broker"), ("socket.keepalive.enable", "true"), ("socket.timeout.ms", "10000")]
    );
}

#[test]
fn unknown_words_are_refused() {
    check("bootstrap = \"x\"", "bootstrap");
    check("delivery = \"maybe_once\"", "maybe_once");
    check("topics = { partition = 1 }", "partition");
    check("security = { protocol = \"tls\" }", "tls");
    check("security.sasl = { mechanism = \"GSSAPI\" }", "GSSAPI");
    check("security.tls = { ca = \"x\" }", "ca");
}

#[test]
fn values_out_of_range_are_refused() {
    check("bootstrap_servers = \" \"", "`kafka.bootstrap_servers` is empty");
    check("topic_prefix = \"a/b\"", "`kafka.topic_prefix` must be");
    check("transactional_id = \"\"", "`kafka.transactional_id` must be");
    check("batch_records = 0", "`kafka.batch_records` must be");
    check("batch_bytes = \"1KiB\"", "`kafka.batch_bytes` must be");
    check("linger = \"2s\"", "`kafka.linger` must be");
    check("message_timeout = \"30s\"", "less than `kafka.transaction_timeout`");
    check("transaction_timeout = \"16m\"", "at most 15m");
    check("request_timeout = \"1ms\"", "`kafka.request_timeout` must be");
    check("topics = { partitions = 0 }", "`kafka.topics.partitions` must be");
    check("topics = { replication_factor = -2 }", "`kafka.topics.replication_factor` must be");
}

#[test]
fn security_that_contradicts_itself_is_refused() {
    check("security.protocol = \"sasl_ssl\"", "`sasl.username` and `sasl.password`");
    check("security.sasl = { username = \"u\", password = \"p\" }", "is not sasl_plaintext or sasl_ssl");
    check("security.tls = { ca_file = \"ca.pem\" }", "is not ssl or sasl_ssl");
    check("security = { protocol = \"ssl\", tls = { cert_file = \"c.pem\" } }", "belong together");
    let both = "security = { protocol = \"sasl_plaintext\", sasl = { username = \"u\", password = \"p\", password_file = \"f\" } }";
    check(both, "not both");
    check("security = { protocol = \"ssl\", tls = { ca_file = \"ca.pem\" } }", "");
}

#[test]
fn settings_that_wireroom_owns_are_refused_by_name() {
    for (name, instead) in OWNED {
        let said = read(&format!("librdkafka = {{ \"{name}\" = \"1\" }}")).unwrap_err();
        assert!(said.contains(&format!("`{name}`")) && said.contains(instead), "{said}");
    }
    check("librdkafka = { \"socket.timeout.ms\" = [1] }", "a string, a number, true or false");
}

#[test]
fn a_password_is_not_shown() {
    let text =
        "security = { protocol = \"sasl_plaintext\", sasl = { username = \"u\", password = \"hunter2\" } }";
    let config = read(text).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
    assert!(!toml::to_string(&config).unwrap().contains("hunter2"));
}
