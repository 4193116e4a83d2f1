//! What a request may be aimed at: the only thing that the client is given.

use crate::address::Allowed;
use model::Secret;
use std::fmt;
use std::net::SocketAddr;
use url::{Host, Url};

/// RFC 3986 sets no limit; this is what servers and caches take.
const URL_BYTES_MAX: usize = 4096;

/// Ports of other protocols, which must not be made to talk HTTP (WHATWG Fetch, "bad port").
const BAD_PORTS: [u16; 82] = [
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104,
    109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515,
    526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049,
    3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

/// Names that are never on the internet (RFC 6761, RFC 6762, RFC 8375, RFC 7686 and common practice).
const LOCAL_SUFFIXES: [&str; 6] = ["localhost", "local", "internal", "home.arpa", "onion", "localdomain"];

/// A URL that passed the first guard. Credentials have been moved out of it.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) url: Url,
    pub(crate) credentials: Option<(String, Secret)>,
}

/// Why a URL is refused; one sentence without the URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused(pub(crate) String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl Target {
    /// Checks a URL as far as it can be checked without asking for its name.
    pub(crate) fn check(mut url: Url, allowed: &Allowed) -> Result<Self, Refused> {
        let refused = |why: String| Err(Refused(why));
        if !matches!(url.scheme(), "http" | "https") {
            return refused(format!("the scheme {:?} is not http or https", url.scheme()));
        }
        if URL_BYTES_MAX < url.as_str().len() {
            return refused(format!("the URL is longer than {URL_BYTES_MAX} bytes"));
        }
        let port = url.port_or_known_default().unwrap_or(0);
        let (is_listed, verdict) = match url.host() {
            Some(Host::Domain(name)) => (allowed.name(name.trim_end_matches('.'), port), public_name(name)),
            Some(Host::Ipv4(ip)) => literal(SocketAddr::new(ip.into(), port), allowed),
            Some(Host::Ipv6(ip)) => literal(SocketAddr::new(ip.into(), port), allowed),
            None => return refused("the URL has no host".into()),
        };
        if !is_listed {
            verdict?;
            if port == 0 || BAD_PORTS.contains(&port) {
                return refused(format!("port {port} belongs to another protocol"));
            }
        }
        let credentials = take_credentials(&mut url);
        url.set_fragment(None);
        Ok(Self { url, credentials })
    }
}

/// Whether the operator lists exactly this address and port, and whether it may be named without that.
fn literal(address: SocketAddr, allowed: &Allowed) -> (bool, Result<(), Refused>) {
    let refused =
        || Refused(format!("the address {} is not on the public internet (see fetch.allow)", address.ip()));
    (allowed.lists_socket(address), allowed.literal(address).then_some(()).ok_or_else(refused))
}

fn public_name(name: &str) -> Result<(), Refused> {
    let name = name.trim_end_matches('.');
    let is_local = |suffix: &str| name == suffix || name.ends_with(&format!(".{suffix}"));
    if !name.contains('.') || LOCAL_SUFFIXES.into_iter().any(is_local) {
        return Err(Refused(format!("the name {name} is not on the public internet (see fetch.allow)")));
    }
    Ok(())
}

fn take_credentials(url: &mut Url) -> Option<(String, Secret)> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let user = decode(url.username());
    let password = Secret::new(decode(url.password().unwrap_or_default()));
    // Cannot fail: the URL has a host.
    let _ = (url.set_username(""), url.set_password(None));
    Some((user, password))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::is_global;
    use proptest::prelude::*;

    fn check(url: &str, allow: &[&str], expect: Result<(), &str>) {
        let allow: Vec<String> = allow.iter().map(|&entry| entry.to_owned()).collect();
        let got = Target::check(url.parse().unwrap(), &Allowed::read(&allow).unwrap());
        match (got, expect) {
            (Ok(_), Ok(())) => {}
            (Err(Refused(why)), Err(part)) => assert!(why.contains(part), "{url}: {why}"),
            (got, _) => panic!("{url}: {got:?}"),
        }
    }

    #[test]
    fn every_spelling_of_a_forbidden_address_is_refused() {
        let spellings = [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f.1",
            "0x7f000001",
            "0177.0.0.1",
            "017700000001",
            "127.0.0.1.",
            "0",
            "[::1]",
            "[::ffff:7f00:1]",
            "[::ffff:127.0.0.1]",
            "[0:0:0:0:0:0:0:1]",
            "[64:ff9b::7f00:1]",
            "１２７.０.０.１",
            "127。0。0。1",
            "169.254.169.254",
            "[fd00:ec2::254]",
            "10.0.0.9",
            "[2002:7f00:1::]",
            "user@127.0.0.1",
            "example.org@127.0.0.1",
            "%31%32%37.0.0.1",
        ];
        for host in spellings {
            check(&format!("http://{host}/feed"), &[], Err("not on the public internet"));
        }
    }

    #[test]
    fn names_schemes_and_ports() {
        check("https://example.org/feed", &[], Ok(()));
        check("http://example.org:8080/feed", &[], Ok(()));
        for host in [
            "localhost",
            "a.localhost",
            "printer.local",
            "kafka",
            "x.internal",
            "router.home.arpa",
            "x.onion",
        ] {
            check(&format!("http://{host}/"), &[], Err("not on the public internet"));
            check(&format!("http://{host}./"), &[], Err("not on the public internet"));
        }
        check("http://example.org:25/", &[], Err("port 25"));
        check("file:///etc/passwd", &[], Err("scheme"));
        check("gopher://example.org/", &[], Err("scheme"));
        check(&format!("http://example.org/{}", "x".repeat(5000)), &[], Err("longer"));
    }

    #[test]
    fn the_operator_may_allow() {
        check("http://127.0.0.1:9/feed", &["127.0.0.0/8"], Err("port 9"));
        check("http://127.0.0.1:8080/feed", &["127.0.0.0/8"], Ok(()));
        check("http://kafka:8080/feed", &["kafka:8080"], Ok(()));
        check("http://kafka/feed", &["kafka:8080"], Err("not on the public internet"));
        check("http://example.org/feed", &["example.org:6000"], Ok(()));
        check("http://example.org:6000/feed", &["example.org:6000"], Ok(()));
        check("http://10.0.0.9:6000/feed", &["10.0.0.9:6000"], Ok(()));
        check("http://localhost:8080/feed", &["localhost"], Ok(()));
    }

    proptest! {
        /// However an address is written, it is judged as that address.
        #[test]
        fn no_spelling_of_an_address_hides_it(bits: u32, form in 0..8_usize, rest in "[/?#:@\\\\a-z0-9.]{0,9}") {
            let ip = std::net::Ipv4Addr::from(bits);
            let ([a, b, c, d], [e, f, ..]) = (ip.octets(), ip.to_ipv6_mapped().segments());
            let host = [
                ip.to_string(),
                bits.to_string(),
                format!("{bits:#x}"),
                format!("{bits:#o}").replacen("0o", "0", 1),
                format!("{a}.{}", bits & 0xff_ffff),
                format!("{a}.{b:#x}.{}", bits & 0xffff),
                format!("[{e:x}:{f:x}::ffff:{ip}]"),
                format!("u:p@{a}.{b}.{c}.{d}."),
            ][form].clone();
            let Ok(url) = Url::parse(&format!("http://{host}/{rest}")) else { return Ok(()) };
            let passed = Target::check(url, &Allowed::default()).is_ok();
            prop_assert_eq!(passed, is_global(ip.into()), "{}", host);
        }

        /// Whatever passes has a scheme, a host and a port that may be spoken to, and no credentials.
        #[test]
        fn what_passes_is_clean(text in "(https?|ftp|file):/{0,3}[a-z0-9.:@%\\[\\]\\\\-]{1,24}/[^ ]{0,9}") {
            let target = Url::parse(&text).ok().and_then(|url| Target::check(url, &Allowed::default()).ok());
            if let Some(Target { url, .. }) = target {
                prop_assert!(matches!(url.scheme(), "http" | "https"));
                prop_assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
                prop_assert!(!BAD_PORTS.contains(&url.port_or_known_default().unwrap()));
                match url.host().unwrap() {
                    Host::Domain(name) => prop_assert!(name.trim_end_matches('.').contains('.')),
                    Host::Ipv4(ip) => prop_assert!(is_global(ip.into())),
                    Host::Ipv6(ip) => prop_assert!(is_global(ip.into())),
                }
            }
        }
    }

    #[test]
    fn credentials_leave_the_url() {
        let url = "https://us%65r:p%40ss@example.org/feed#x".parse().unwrap();
        let target = Target::check(url, &Allowed::default()).unwrap();
        assert_eq!(target.url.as_str(), "https://example.org/feed");
        let (user, password) = target.credentials.clone().unwrap();
        assert_eq!((user.as_str(), password.expose()), ("user", "p@ss"));
        assert!(!format!("{target:?}").contains("p@ss"));
    }
}
