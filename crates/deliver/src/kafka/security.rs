use model::Secret;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// `[kafka.security]`: encryption and who we are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Security {
    /// What the brokers' listener speaks. Default plaintext.
    pub protocol: Protocol,
    /// User and password, for the protocols with `sasl` in their names.
    pub sasl: Sasl,
    /// Certificates, for the protocols with `ssl` in their names.
    pub tls: Tls,
}

/// What the brokers' listener speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// Neither encryption nor a name.
    #[default]
    Plaintext,
    /// TLS, perhaps with a client certificate.
    Ssl,
    /// User and password in the clear.
    SaslPlaintext,
    /// User and password over TLS.
    SaslSsl,
}

impl Protocol {
    /// The name that librdkafka uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plaintext => "plaintext",
            Self::Ssl => "ssl",
            Self::SaslPlaintext => "sasl_plaintext",
            Self::SaslSsl => "sasl_ssl",
        }
    }

    /// True when a user has to be named.
    pub fn has_sasl(self) -> bool {
        matches!(self, Self::SaslPlaintext | Self::SaslSsl)
    }

    /// True when the connection is encrypted.
    pub fn has_tls(self) -> bool {
        matches!(self, Self::Ssl | Self::SaslSsl)
    }
}

/// `[kafka.security.sasl]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sasl {
    /// How the password is proved. Default SCRAM-SHA-512.
    pub mechanism: Mechanism,
    /// The user. No default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The password. No default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// A file that holds the password; a line end at its end is left out. No default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
}

/// How the password is proved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mechanism {
    /// The password is sent as it is.
    #[serde(rename = "PLAIN")]
    Plain,
    /// Salted challenge with SHA-256.
    #[serde(rename = "SCRAM-SHA-256")]
    ScramSha256,
    /// Salted challenge with SHA-512.
    #[default]
    #[serde(rename = "SCRAM-SHA-512")]
    ScramSha512,
}

impl Mechanism {
    /// The name that Kafka uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha512 => "SCRAM-SHA-512",
        }
    }
}

/// `[kafka.security.tls]`; all files are PEM.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// Authorities that may vouch for the brokers. Default: the system's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// Our own certificate, where the brokers ask for one. No default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_file: Option<PathBuf>,
    /// The key of `cert_file`. No default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_file: Option<PathBuf>,
    /// The password of `key_file`. No default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_password: Option<Secret>,
    /// A file that holds the password of `key_file`. No default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_password_file: Option<PathBuf>,
}

impl Security {
    /// All that is wrong with the settings taken together, a sentence each; reads no file.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut need = |holds: bool, fault: &str| {
            if !holds {
                faults.push(fault.to_owned());
            }
        };
        let (sasl, tls) = (&self.sasl, &self.tls);
        let has_password = sasl.password.is_some() || sasl.password_file.is_some();
        let has_user = sasl.username.as_ref().is_some_and(|name| !name.is_empty());
        need(
            !self.protocol.has_sasl() || (has_user && has_password),
            "`kafka.security.protocol` names SASL: `sasl.username` and `sasl.password` or `sasl.password_file` are needed",
        );
        need(
            self.protocol.has_sasl() || (sasl.username.is_none() && !has_password),
            "`kafka.security.sasl` is set but `kafka.security.protocol` is not sasl_plaintext or sasl_ssl",
        );
        need(
            self.protocol.has_tls() || *tls == Tls::default(),
            "`kafka.security.tls` is set but `kafka.security.protocol` is not ssl or sasl_ssl",
        );
        need(
            sasl.password.is_none() || sasl.password_file.is_none(),
            "give `kafka.security.sasl.password` or `password_file`, not both",
        );
        need(
            tls.key_password.is_none() || tls.key_password_file.is_none(),
            "give `kafka.security.tls.key_password` or `key_password_file`, not both",
        );
        need(
            tls.cert_file.is_some() == tls.key_file.is_some(),
            "`kafka.security.tls.cert_file` and `key_file` belong together",
        );
        faults
    }
}
