//! A broker of its own with listeners that ask who comes: certificates, users, one process, one directory.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A running broker; ends with the test.
pub(super) struct Secure {
    dir: TempDir,
    child: Child,
    /// The port of SASL_SSL.
    pub sasl_ssl: u16,
    /// The port of SASL_PLAINTEXT.
    pub sasl_plaintext: u16,
    /// The port of TLS with client certificates.
    pub ssl: u16,
}

impl Drop for Secure {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Secure {
    /// A file of the broker's directory: `ca.pem`, `client.pem`, `client.key`, `other-ca.pem`.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Starts the broker, with the users alice (SCRAM-SHA-512) and bob (PLAIN).
    pub(super) fn start() -> Self {
        let libs = std::env::var("WIREROOM_TEST_KAFKA_LIBS").unwrap_or_else(|_| {
            panic!("no Kafka to start: set WIREROOM_TEST_KAFKA_LIBS to the directory of its jars or run cargo xtask test")
        });
        let dir = tempfile::tempdir().unwrap();
        certificates(dir.path());
        let [sasl_ssl, sasl_plaintext, ssl, inner, controller] = free_ports();
        let listeners = format!(
            "PLAINTEXT://127.0.0.1:{inner},SASL_SSL://127.0.0.1:{sasl_ssl},\
             SASL_PLAINTEXT://127.0.0.1:{sasl_plaintext},SSL://127.0.0.1:{ssl}"
        );
        let text = PROPERTIES
            .replace("@LISTENERS@", &listeners)
            .replace("@CONTROLLER@", &controller.to_string())
            .replace("@DIR@", &dir.path().display().to_string());
        let properties = dir.path().join("server.properties");
        fs::write(&properties, text).unwrap();
        let java = |arguments: &[&str]| {
            let log = fs::File::options().create(true).append(true).open(dir.path().join("log")).unwrap();
            let mut command = Command::new("java");
            command
                .args([
                    "-Xmx512m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    &format!("{libs}/*"),
                ])
                .args(arguments)
                .arg(&properties)
                .stdin(Stdio::null())
                .stdout(log.try_clone().unwrap())
                .stderr(log);
            command
        };
        let user = "SCRAM-SHA-512=[name=alice,password=alice-pw]";
        let format = [
            "kafka.tools.StorageTool",
            "format",
            "--standalone",
            "-t",
            "AAAAAAAAAAAAAAAAAAAAAQ",
            "--add-scram",
            user,
            "-c",
        ];
        assert!(java(&format).status().unwrap().success(), "{}", log(dir.path()));
        let child = java(&["kafka.Kafka"]).spawn().unwrap();
        let mut broker = Self { dir, child, sasl_ssl, sasl_plaintext, ssl };
        broker.wait();
        broker
    }

    fn wait(&mut self) {
        let end = Instant::now() + Duration::from_secs(60);
        // Loopback only, and no guarded client: it is the test's own broker.
        let open = |port| TcpStream::connect(("127.0.0.1", port)).is_ok();
        while ![self.sasl_ssl, self.sasl_plaintext, self.ssl].into_iter().all(open) {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < end, "{}", log(self.dir.path()));
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

const PROPERTIES: &str = "\
process.roles=broker,controller
node.id=1
listeners=@LISTENERS@,CONTROLLER://127.0.0.1:@CONTROLLER@
advertised.listeners=@LISTENERS@
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:@CONTROLLER@
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SSL:SSL
inter.broker.listener.name=PLAINTEXT
log.dirs=@DIR@/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
auto.create.topics.enable=false
sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_bob=\"bob-pw\";
listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_plaintext.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_bob=\"bob-pw\";
ssl.keystore.type=PEM
ssl.keystore.location=@DIR@/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location=@DIR@/ca.pem
listener.name.ssl.ssl.client.auth=required
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:alice;User:CN=client
allow.everyone.if.no.acl.found=false
";

/// An authority, a broker's certificate, a client's certificate, and an authority that nobody trusts.
fn certificates(dir: &Path) {
    let authority = authority("wireroom tests");
    let put = |name: &str, text: String| fs::write(dir.join(name), text).unwrap();
    put("ca.pem", authority.pem());
    put("other-ca.pem", self::authority("another").pem());
    for name in ["broker", "client"] {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        params.distinguished_name.remove(DnType::CommonName);
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.signed_by(&key, &authority).unwrap();
        let whole = [key.serialize_pem(), certificate.pem(), authority.pem()].concat();
        put(&format!("{name}.pem"), if name == "broker" { whole } else { certificate.pem() });
        put(&format!("{name}.key"), key.serialize_pem());
    }
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn free_ports() -> [u16; 5] {
    // All held until all are known, so that they differ.
    let held: [TcpListener; 5] = std::array::from_fn(|_| TcpListener::bind("127.0.0.1:0").unwrap());
    held.map(|listener| listener.local_addr().unwrap().port())
}

fn log(dir: &Path) -> String {
    fs::read_to_string(dir.join("log")).unwrap_or_default()
}
