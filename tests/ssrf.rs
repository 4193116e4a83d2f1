//! No byte is sent to an address that the guard forbids, on any hop, by any spelling: shown with the
//! production config in a network namespace of its own, where the internet is one address and every
//! forbidden one has a listener. That takes root, `unshare` and `ip`.
#![expect(clippy::unwrap_used, reason = "helpers of tests stand outside of test functions")]

use fetch::{Config, Fetch, Fetched};
use model::units::Span;
use model::{FailureClass, Feed, FirstPoll, Validators, Visit};
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

const INSIDE: &str = "WIREROOM_TEST_INSIDE_NAMESPACE";
/// Looks public; the namespace reaches it from another address, as from outside.
const PUBLIC: &str = "44.10.0.1";
/// Looks public and is the machine's own.
const OWN: &str = "44.10.0.3";
const FORBIDDEN: [&str; 13] = [
    "10.0.0.9",
    "100.100.100.200",
    "168.63.129.16",
    "169.254.169.254",
    "172.17.0.1",
    "192.0.0.192",
    "192.168.1.1",
    "198.18.0.1",
    "fd00::9",
    "fd00:ec2::254",
    "64:ff9b::a00:9",
    "2002:a00:9::1",
    "2001:db8::9",
];
/// Other spellings of addresses that are the machine's or in the list above.
const SPELLINGS: [&str; 19] = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.1",
    "0x7f000001",
    "0177.0.0.1",
    "127.0.0.1.",
    "0",
    "0.0.0.0",
    "[::]",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:a00:9]",
    "10.9",
    "0xa9fea9fe",
    "１０.0.0.9",
    "10。0。0。9",
    "%31%30.0.0.9",
    "example.org@10.0.0.9",
];
/// Names that a resolver or a search list might turn into something local.
const NAMES: [&str; 6] =
    ["localhost", "a.localhost", "kafka", "host.docker.internal", "db.local", "hosts-file.example"];

#[test]
fn no_byte_reaches_a_forbidden_address() {
    if std::env::var_os(INSIDE).is_some() {
        return inside();
    }
    let myself = std::env::current_exe().unwrap();
    let test = ["--exact", "ssrf::no_byte_reaches_a_forbidden_address", "--nocapture"];
    let mut command = Command::new("unshare");
    command.args(["--net", "--mount", "--"]).arg(myself).args(test).env(INSIDE, "1");
    for name in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env(name, "http://10.0.0.9:80");
    }
    for name in ["no_proxy", "NO_PROXY"] {
        command.env_remove(name);
    }
    let output = command.output().expect("`unshare` (util-linux) is needed to make a network namespace");
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (said(&output.stdout), said(&output.stderr));
    assert!(out.contains("running 1 test"), "a network namespace cannot be made, which takes root: {err}");
    assert!(output.status.success() && out.contains("1 passed"), "{out}\n{err}");
}

fn run(program: &str, arguments: &str) {
    let output = Command::new(program).args(arguments.split(' ')).output();
    let output = output.unwrap_or_else(|error| panic!("`{program}` is needed: {error}"));
    assert!(output.status.success(), "{program} {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

/// What arrived where: address and bytes read, an entry for each connection.
type Arrivals = Arc<Mutex<Vec<(IpAddr, usize)>>>;

fn inside() {
    run("ip", "link set lo up");
    for address in FORBIDDEN.iter().chain(&[PUBLIC, OWN, "44.10.0.2"]) {
        let length = if address.contains(':') { 128 } else { 32 };
        run("ip", &format!("addr add {address}/{length} dev lo"));
    }
    run("ip", &format!("route replace local {PUBLIC} dev lo table local src 44.10.0.2"));
    let files = tempfile::tempdir().unwrap();
    for (name, text) in
        [("resolv.conf", "nameserver 127.0.0.53\n"), ("hosts", "10.0.0.9 hosts-file.example kafka\n")]
    {
        let file = files.path().join(name);
        std::fs::write(&file, text).unwrap();
        run("mount", &format!("--bind {} /etc/{name}", file.display()));
    }
    let (arrivals, rebinds) = (Arrivals::default(), Arc::new(AtomicUsize::new(0)));
    for port in [80, 8080] {
        listen(port, arrivals.clone());
    }
    answer_names(rebinds.clone());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(attack(&arrivals, &rebinds));
    the_program(&arrivals);
    runtime.block_on(allowed());
    runtime.block_on(proxied(&arrivals));
}

/// Every way to a forbidden address: spelled out, behind a name, behind a redirect.
fn ways() -> Vec<String> {
    let literals = FORBIDDEN.map(|ip| if ip.contains(':') { format!("[{ip}]") } else { ip.to_owned() });
    let hosts = literals.into_iter().chain(SPELLINGS.iter().chain(&NAMES).map(|&host| host.to_owned()));
    let answers = (0..FORBIDDEN.len()).map(|number| format!("forbidden-{number}.example"));
    let all = hosts.chain(answers).chain(["mapped.example".to_owned()]);
    all.flat_map(|host| {
        [
            format!("http://{host}/"),
            format!("http://{host}:8080/latest/meta-data/"),
            format!("http://{PUBLIC}/to?http://{host}/"),
            format!("http://public.example/to?//{host}:8080/x"),
        ]
    })
    .collect()
}

/// The program as it is shipped, with a config that only turns politeness off and names all ways as feeds.
fn the_program(arrivals: &Arrivals) {
    let Some(bin) = std::env::var_os("WIREROOM_BIN") else {
        panic!("no program to try: set WIREROOM_BIN to a wireroom, or run cargo xtask test");
    };
    let dir = tempfile::tempdir().unwrap();
    // Many spellings are one address: the number at the end makes each a feed of its own.
    let ways = ways().into_iter().enumerate().map(|(number, url)| format!("{url}{number}"));
    let feeds: String = ways.map(|url| format!("[[feed]]\nurl = {url:?}\n")).collect();
    let path = |name: &str| dir.path().join(name).display().to_string();
    let config = format!(
        "[state]\ndir = {:?}\n[sink]\ntype = \"file\"\npath = {:?}\n[fetch]\nper_host_gap = \"0ms\"\n{feeds}",
        path("state"),
        path("articles.ndjson")
    );
    std::fs::write(path("wireroom.toml"), config).unwrap();
    let (seen, opened) = (taken(arrivals), active_opens() - taken(arrivals));
    let output = Command::new(bin).args(["once", "--config", &path("wireroom.toml")]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("no feed could be read"), "{said}");
    let reached = arrivals.lock().unwrap()[seen..].to_vec();
    let public: IpAddr = PUBLIC.parse().unwrap();
    assert!(FORBIDDEN.len() < reached.len(), "the redirects were not even asked for: {said}");
    assert!(reached.iter().all(|(ip, _)| *ip == public), "{reached:?}");
    assert_eq!(active_opens() - taken(arrivals), opened, "a connection was tried that no listener saw");
}

/// What the operator lists may be spoken to, and nothing else.
async fn allowed() {
    let entries = ["10.0.0.9:8080", "192.168.0.0/16", "169.254.169.254", "forbidden-5.example:8080"];
    let allow = entries.map(str::to_owned).to_vec();
    let fetch =
        Fetch::new(&Config { allow, per_host_gap: Span::from_millis(0), ..Config::default() }).unwrap();
    let forbidden = Some(FailureClass::Forbidden);
    for (url, expect) in [
        ("http://10.0.0.9:8080/", None),
        ("http://10.0.0.9/", forbidden),
        ("http://192.168.1.1/", None),
        ("http://172.17.0.1/", forbidden),
        ("http://169.254.169.254:8080/", None),
        ("http://forbidden-5.example:8080/", None),
        ("http://forbidden-5.example/", forbidden),
        ("http://192.0.0.192:8080/", forbidden),
    ] {
        assert_eq!(class(&fetch, url).await, expect, "{url}");
    }
}

/// A proxy of the operator's is spoken to wherever it is; whom it is asked for is still looked at.
async fn proxied(arrivals: &Arrivals) {
    let fetch = Fetch::new(&Config { per_host_gap: Span::from_millis(0), ..Config::default() }).unwrap();
    let proxy = Some(model::Secret::new("http://10.0.0.9:8080"));
    let request = || Some(Arc::new(model::Request { proxy: proxy.clone(), ..model::Request::default() }));
    let seen = taken(arrivals);
    assert_eq!(class_of(&fetch, "http://anywhere.example/feed", request()).await, None);
    for url in ["http://10.0.0.9:8080/", "http://127.0.0.1/", "http://169.254.169.254/", "http://kafka/"] {
        assert_eq!(class_of(&fetch, url, request()).await, Some(FailureClass::Forbidden), "{url}");
    }
    let by = arrivals.lock().unwrap()[seen..].to_vec();
    assert_eq!(by.len(), 1, "{by:?}");
    assert_eq!(by[0].0, FORBIDDEN[0].parse::<IpAddr>().unwrap());
}

async fn attack(arrivals: &Arrivals, rebinds: &AtomicUsize) {
    // Only politeness is off; the guard is as delivered.
    let config = Config { per_host_gap: Span::from_millis(0), ..Config::default() };
    let fetch = Fetch::new(&config).unwrap();
    // The way there is open, or all the rest would prove nothing.
    let opened = || active_opens() - taken(arrivals);
    for host in [PUBLIC, "public.example", "mixed.example"] {
        assert_eq!(class(&fetch, &format!("http://{host}/feed")).await, None, "{host}");
    }
    let before = opened();
    for url in ways() {
        assert_eq!(class(&fetch, &url).await, Some(FailureClass::Forbidden), "{url}");
    }
    assert_eq!(class(&fetch, "http://missing.example/").await, Some(FailureClass::Dns));
    // A name that is public when it is asked for, and private ever after.
    assert_eq!(class(&fetch, "http://rebind.example/feed").await, None);
    assert_eq!(class(&fetch, "http://rebind.example/feed").await, None, "kept for its least time");
    let later = Fetch::new(&config).unwrap();
    assert_eq!(class(&later, "http://rebind.example/feed").await, Some(FailureClass::Forbidden));
    assert!(2 <= rebinds.load(Ordering::SeqCst));
    // A question that is never answered costs the time for a connection and no more.
    let hasty = Fetch::new(&Config { connect_timeout: Span::from_millis(500), ..config.clone() }).unwrap();
    assert_eq!(class(&hasty, "http://silent.example/").await, Some(FailureClass::Timeout));
    let reached = arrivals.lock().unwrap().clone();
    let public: IpAddr = PUBLIC.parse().unwrap();
    assert!(reached.iter().all(|(ip, bytes)| *ip == public && 0 < *bytes), "{reached:?}");
    assert_eq!(opened(), before, "a connection was tried that no listener saw");
    // The machine's own public address is known as such only once connected: no byte follows.
    assert_eq!(class(&fetch, &format!("http://{OWN}/")).await, Some(FailureClass::Forbidden));
    let own: IpAddr = OWN.parse().unwrap();
    assert!(arrivals.lock().unwrap().iter().all(|(ip, bytes)| *ip != own || *bytes == 0));
}

/// The class of the failure, none for a document.
async fn class(fetch: &Fetch, url: &str) -> Option<FailureClass> {
    class_of(fetch, url, None).await
}

async fn class_of(fetch: &Fetch, url: &str, request: Option<Arc<model::Request>>) -> Option<FailureClass> {
    let feed = Feed {
        id: "feed".parse().unwrap(),
        url: url.parse().unwrap(),
        title: None,
        labels: vec![],
        country: None,
        interval: None,
        first_poll: FirstPoll::Publish,
        polling: model::Polling { request, ..Default::default() },
    };
    let visit = Visit {
        url: feed.url.clone(),
        feed: Arc::new(feed),
        validators: Validators::default(),
        first: true,
        failures: 0,
    };
    match fetch.get(&visit).await {
        Ok(Fetched::Document(document, _)) => {
            assert_eq!(&document.body[..], b"public");
            None
        }
        Ok(Fetched::NotModified(_)) => panic!("{url}: 304"),
        Err(failure) => Some(failure.class),
    }
}

fn taken(arrivals: &Arrivals) -> usize {
    arrivals.lock().unwrap().len()
}

/// Connections that anything in this namespace has tried to open, at any address and port.
fn active_opens() -> usize {
    let counters = std::fs::read_to_string("/proc/self/net/snmp").unwrap();
    let mut lines = counters.lines().filter(|line| line.starts_with("Tcp:"));
    let (names, values) = (lines.next().unwrap(), lines.next().unwrap());
    let at = names.split(' ').position(|name| name == "ActiveOpens").unwrap();
    values.split(' ').nth(at).unwrap().parse().unwrap()
}

/// Listens on every address. `/to?URL` redirects there.
fn listen(port: u16, arrivals: Arrivals) {
    let listener = TcpListener::bind(("::", port)).unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let arrivals = arrivals.clone();
            let address = stream.local_addr().unwrap().ip().to_canonical();
            let mut known = arrivals.lock().unwrap();
            known.push((address, 0));
            let at = known.len() - 1;
            drop(known);
            thread::spawn(move || serve(&mut stream, |bytes| arrivals.lock().unwrap()[at].1 += bytes));
        }
    });
}

fn serve(stream: &mut TcpStream, count: impl Fn(usize)) {
    let (mut head, mut part) = (Vec::new(), [0; 4096]);
    while !head.ends_with(b"\r\n\r\n") {
        let read = stream.read(&mut part).unwrap_or(0);
        count(read);
        if read == 0 {
            return;
        }
        head.extend_from_slice(&part[..read]);
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1).unwrap();
    let _ = match path.strip_prefix("/to?") {
        Some(to) => write!(stream, "HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: {to}\r\n\r\n"),
        None => write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\npublic"),
    };
}

/// The addresses behind a name of the test's own internet.
fn addresses(name: &str, rebinds: &AtomicUsize) -> Vec<IpAddr> {
    let public: IpAddr = PUBLIC.parse().unwrap();
    let private: IpAddr = FORBIDDEN[0].parse().unwrap();
    match name {
        "public.example" => vec![public],
        "mixed.example" => {
            vec![private, "fd00::9".parse().unwrap(), public, "169.254.169.254".parse().unwrap()]
        }
        "mapped.example" => vec![Ipv4Addr::new(10, 0, 0, 9).to_ipv6_mapped().into()],
        "rebind.example" if rebinds.fetch_add(1, Ordering::SeqCst) < 2 => vec![public],
        "rebind.example" => vec![private],
        _ => {
            let number = name.strip_prefix("forbidden-").and_then(|name| name.strip_suffix(".example"));
            let known = number.and_then(|number| FORBIDDEN.get(number.parse::<usize>().ok()?));
            known.map(|ip| ip.parse().unwrap()).into_iter().collect()
        }
    }
}

/// A name server with answers that live for no time at all.
fn answer_names(rebinds: Arc<AtomicUsize>) {
    const HEAD: usize = 12;
    let socket = UdpSocket::bind("127.0.0.53:53").unwrap();
    thread::spawn(move || {
        let mut packet = [0; 512];
        while let Ok((_, peer)) = socket.recv_from(&mut packet) {
            let (mut at, mut labels) = (HEAD, Vec::new());
            while packet[at] != 0 {
                let end = at + 1 + usize::from(packet[at]);
                labels.push(String::from_utf8_lossy(&packet[at + 1..end]).to_lowercase());
                at = end;
            }
            if labels[0] == "silent" {
                continue;
            }
            let (is_v6, question_end) = (packet[at + 2] == 28, at + 5);
            let mut found = addresses(&labels.join("."), &rebinds);
            let code = if found.is_empty() { 3 } else { 0 };
            found.retain(|ip| ip.is_ipv6() == is_v6);
            let mut answer = packet[..question_end].to_vec();
            answer[2..HEAD].copy_from_slice(&[0x81, 0x80 | code, 0, 1, 0, found.len() as u8, 0, 0, 0, 0]);
            for ip in found {
                let bytes = match ip {
                    IpAddr::V4(ip) => ip.octets().to_vec(),
                    IpAddr::V6(ip) => ip.octets().to_vec(),
                };
                answer.extend([0xc0, HEAD as u8, 0, packet[at + 2], 0, 1, 0, 0, 0, 0, 0, bytes.len() as u8]);
                answer.extend(bytes);
            }
            socket.send_to(&answer, peer).unwrap();
        }
    });
}
