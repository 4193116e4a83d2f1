//! Which addresses may be spoken to: global unicast only, by an own table, since `is_global` of the
//! standard library is unstable and lists of bad ranges are forever missing one.

use crate::ConfigError;
use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{PoisonError, RwLock};

/// IPv4 that is not global unicast (IANA special-purpose registry, RFC 6890 and its updates), plus the
/// metadata address of one large cloud, which lies inside public space.
const V4_FORBIDDEN: [(Ipv4Addr, u32); 21] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 31, 196, 0), 24),
    (Ipv4Addr::new(192, 52, 193, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(192, 175, 48, 0), 24),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
    (Ipv4Addr::new(255, 255, 255, 255), 32),
    (Ipv4Addr::new(100, 100, 100, 200), 32),
];

/// Parts of 2000::/3 that lead elsewhere: Teredo and other protocol assignments, documentation, 6to4.
const V6_FORBIDDEN: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// True for an address of the public internet.
pub(crate) fn is_global(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !V4_FORBIDDEN.iter().any(|(net, bits)| v4_in(ip, *net, *bits)),
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(mapped) => is_global(IpAddr::V4(mapped)),
            // Only global unicast, which leaves out every embedding of IPv4 and every local range at once.
            None => {
                v6_in(ip, Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3)
                    && !V6_FORBIDDEN.iter().any(|(net, bits)| v6_in(ip, *net, *bits))
            }
        },
    }
}

fn v4_in(ip: Ipv4Addr, net: Ipv4Addr, bits: u32) -> bool {
    u32::from(ip).checked_shr(32 - bits).unwrap_or(0) == u32::from(net).checked_shr(32 - bits).unwrap_or(0)
}

fn v6_in(ip: Ipv6Addr, net: Ipv6Addr, bits: u32) -> bool {
    u128::from(ip).checked_shr(128 - bits).unwrap_or(0)
        == u128::from(net).checked_shr(128 - bits).unwrap_or(0)
}

/// What the operator allows beyond that.
#[derive(Debug, Default)]
pub(crate) struct Allowed {
    /// Nothing but what is listed, not even the public internet.
    only_listed: bool,
    nets: Vec<(IpAddr, u32)>,
    sockets: Vec<SocketAddr>,
    names: Vec<(String, Option<u16>)>,
    /// Addresses that an allowed name was resolved to, and the port that the entry names: the peer guard
    /// sees no names.
    resolved: RwLock<HashSet<(IpAddr, Option<u16>)>>,
}

/// Addresses of allowed names that are remembered; far beyond what an operator lists.
const RESOLVED_MAX: usize = 10_000;

impl Allowed {
    pub(crate) fn read(entries: &[String]) -> Result<Self, ConfigError> {
        let mut allowed = Self::default();
        for entry in entries {
            allowed.add(entry).ok_or_else(|| ConfigError::Allow(entry.clone()))?;
        }
        Ok(allowed)
    }

    /// Only the host of a proxy's URL, on its port.
    pub(crate) fn only(proxy: &str) -> Option<Self> {
        let url = url::Url::parse(proxy).ok()?;
        let (host, port) = (url.host_str()?, url.port_or_known_default()?);
        let mut allowed = Self { only_listed: true, ..Self::default() };
        allowed.add(&format!("{host}:{port}"))?;
        Some(allowed)
    }

    fn add(&mut self, entry: &str) -> Option<()> {
        if let Some((net, bits)) = entry.split_once('/') {
            let (net, bits): (IpAddr, u32) = (net.parse().ok()?, bits.parse().ok()?);
            let most = if net.is_ipv4() { 32 } else { 128 };
            self.nets.push((net, (bits <= most).then_some(bits)?));
        } else if let Ok(socket) = entry.parse() {
            self.sockets.push(socket);
        } else if let Ok(ip) = unbracketed(entry).parse::<IpAddr>() {
            self.nets.push((ip, if ip.is_ipv4() { 32 } else { 128 }));
        } else {
            let (name, port) = match entry.rsplit_once(':') {
                Some((name, port)) => (name, Some(port.parse().ok().filter(|port| 0 < *port)?)),
                None => (entry, None),
            };
            let fits = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
            (!name.is_empty() && name.chars().all(fits)).then_some(())?;
            // What a URL would read as an address, such as 10.1 or 0x7f000001, is not a name.
            let Ok(url::Host::Domain(name)) = url::Host::parse(name.trim_end_matches('.')) else {
                return None;
            };
            self.names.push((name, port));
        }
        Some(())
    }

    /// True when a URL may name `address`.
    pub(crate) fn literal(&self, address: SocketAddr) -> bool {
        is_global(address.ip()) || self.lists(address)
    }

    /// True when a connection from `local` to `peer` may be used: a public address that is our own leads
    /// past every firewall into this machine.
    pub(crate) fn peer(&self, peer: SocketAddr, local: SocketAddr) -> bool {
        let resolved = |port| {
            let known = self.resolved.read().unwrap_or_else(PoisonError::into_inner);
            known.contains(&(peer.ip(), port))
        };
        let is_ours = peer.ip() == local.ip();
        (!self.only_listed && is_global(peer.ip()) && !is_ours)
            || self.lists(peer)
            || resolved(None)
            || resolved(Some(peer.port()))
    }

    /// True when the operator lists `address`, as a socket or within a net.
    pub(crate) fn lists(&self, address: SocketAddr) -> bool {
        self.sockets.contains(&address) || self.has_ip(address.ip())
    }

    /// True when the operator lists exactly that address and port.
    pub(crate) fn lists_socket(&self, address: SocketAddr) -> bool {
        self.sockets.contains(&address)
    }

    fn has_ip(&self, ip: IpAddr) -> bool {
        self.nets.iter().any(|(net, bits)| match (ip, net) {
            (IpAddr::V4(ip), IpAddr::V4(net)) => v4_in(ip, *net, *bits),
            (IpAddr::V6(ip), IpAddr::V6(net)) => v6_in(ip, *net, *bits),
            _ => false,
        })
    }

    /// True when the operator lists `name`, on `port` or on every port.
    pub(crate) fn name(&self, name: &str, port: u16) -> bool {
        self.names.iter().any(|(known, only)| known == name && only.is_none_or(|only| only == port))
    }

    /// Keeps what may be connected to of the addresses that `name` resolved to. The port is not known here;
    /// the peer guard knows it.
    pub(crate) fn sift(&self, name: &str, addresses: impl Iterator<Item = IpAddr>) -> Vec<IpAddr> {
        let ports: Vec<Option<u16>> =
            self.names.iter().filter(|(known, _)| known == name).map(|(_, port)| *port).collect();
        if !ports.is_empty() {
            let addresses: Vec<IpAddr> = addresses.collect();
            let mut resolved = self.resolved.write().unwrap_or_else(PoisonError::into_inner);
            if RESOLVED_MAX < resolved.len() {
                resolved.clear();
            }
            resolved.extend(addresses.iter().flat_map(|ip| ports.iter().map(|port| (*ip, *port))));
            return addresses;
        }
        let on_some_port = |ip: IpAddr| self.sockets.iter().any(|socket| socket.ip() == ip);
        addresses.filter(|ip| is_global(*ip) || self.has_ip(*ip) || on_some_port(*ip)).collect()
    }
}

fn unbracketed(entry: &str) -> &str {
    entry.strip_prefix('[').and_then(|entry| entry.strip_suffix(']')).unwrap_or(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_global_unicast_is_spoken_to() {
        let (mut seen, table) = (0, include_str!("../fixtures/addresses.txt"));
        for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (verdict, ip) = line.split_once(' ').unwrap();
            assert_eq!(is_global(ip.parse().unwrap()), verdict == "yes", "{ip}");
            seen += 1;
        }
        assert!(60 <= seen, "only {seen} vectors");
    }

    fn check(entry: &str, address: &str, expect: bool) {
        let allowed = Allowed::read(&[entry.to_owned()]).unwrap();
        assert_eq!(allowed.literal(address.parse().unwrap()), expect, "{entry} {address}");
    }

    #[test]
    fn entries_allow_what_they_say_and_no_more() {
        check("127.0.0.0/8", "127.9.9.9:80", true);
        check("127.0.0.0/8", "10.0.0.1:80", false);
        check("10.0.0.9", "10.0.0.9:80", true);
        check("10.0.0.9", "10.0.0.8:80", false);
        check("10.0.0.9:8080", "10.0.0.9:8080", true);
        check("10.0.0.9:8080", "10.0.0.9:80", false);
        check("[::1]:8080", "[::1]:8080", true);
        check("[::1]:8080", "[::1]:80", false);
        check("fd00::/8", "[fd00::9]:80", true);
        check("0.0.0.0/0", "169.254.169.254:80", true);
        check("feeds.internal", "10.0.0.9:80", false);
    }

    #[test]
    fn a_name_allows_its_addresses_on_its_port() {
        let allowed = Allowed::read(&["Feeds.Internal:8080".to_owned()]).unwrap();
        assert!(allowed.name("feeds.internal", 8080));
        assert!(!allowed.name("feeds.internal", 80));
        assert!(!allowed.name("other.internal", 8080));
        let private: IpAddr = "10.0.0.9".parse().unwrap();
        assert_eq!(allowed.sift("other.internal", [private].into_iter()), Vec::<IpAddr>::new());
        assert_eq!(allowed.sift("feeds.internal", [private].into_iter()), [private]);
        let local = SocketAddr::new("10.0.0.1".parse().unwrap(), 40_000);
        assert!(allowed.peer(SocketAddr::new(private, 8080), local));
        assert!(!allowed.peer(SocketAddr::new(private, 80), local));
        // That the name leads there does not make the address itself one that a URL may name.
        assert!(!allowed.literal(SocketAddr::new(private, 8080)));
    }

    #[test]
    fn our_own_public_address_is_not_spoken_to() {
        let [ours, other] = ["44.10.0.1:80", "44.10.0.2:80"].map(|text| text.parse::<SocketAddr>().unwrap());
        let allowed = Allowed::default();
        assert!(allowed.peer(other, ours));
        assert!(!allowed.peer(ours, SocketAddr::new(ours.ip(), 40_000)));
        assert!(Allowed::read(&["44.10.0.1".to_owned()]).unwrap().peer(ours, ours));
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        for entry in [
            "",
            "10.0.0.0/33",
            "host:port",
            "host:0",
            "a b",
            "http://x",
            "::1/129",
            "10.0.0/8",
            "10.1",
            "0x7f000001",
            "*.example.org",
            "[::1",
        ] {
            assert_eq!(Allowed::read(&[entry.to_owned()]).unwrap_err(), ConfigError::Allow(entry.into()));
        }
    }
}
