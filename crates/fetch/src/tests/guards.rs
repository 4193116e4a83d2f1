use super::server::{Server, answer};
use super::{config, document, failed};
use crate::address::Allowed;
use crate::failure::of_client;
use crate::{Config, Fetch, client};
use model::FailureClass::{self, Connect, Dns, Forbidden, Redirect, Timeout};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn the_peer_guard_alone_lets_no_byte_through() {
    let server = Server::says(answer("200 OK", &[], "ok"));
    // Straight to the client, past the checks of the URL: what a hole in them would look like.
    let client = client::build(&config(), &Arc::new(Allowed::default()), None).unwrap();
    for host in ["127.0.0.1", "2130706433", "0x7f.1", "[::ffff:7f00:1]"] {
        let url = format!("http://{host}:{}/", server.address.port());
        let failure = of_client(client.get(url).send().await.unwrap_err());
        assert_eq!(failure.class, Forbidden, "{failure:?}");
    }
    // The server may hear of a connection later than the client gave it up.
    for _ in 0..200 {
        if server.accepts() == 4 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!((server.accepts(), server.heads().len()), (4, 0));
}

#[tokio::test]
async fn an_allowed_name_is_allowed_on_its_port_only() {
    let (server, other) =
        (Server::says(answer("200 OK", &[], "ok")), Server::says(answer("200 OK", &[], "ok")));
    let entry = format!("localhost:{}", server.address.port());
    let fetch = Fetch::new(&Config { allow: vec![entry.clone()], ..config() }).unwrap();
    document(&fetch, &format!("http://{entry}/feed")).await;
    for url in [server.url("/"), other.url("/"), format!("http://localhost:{}/", other.address.port())] {
        assert_eq!(failed(&fetch, &url).await.class, Forbidden, "{url}");
    }
    assert_eq!((server.accepts(), other.accepts()), (1, 0));
}

/// Runs itself again with proxies in the environment: the child must reach its server directly.
#[tokio::test]
async fn proxies_of_the_environment_are_not_used() {
    if std::env::var_os("WIREROOM_TEST_BEHIND_PROXY").is_some() {
        let server = Server::says(answer("200 OK", &[], "direct"));
        let document = document(&Fetch::new(&config()).unwrap(), &server.url("/feed")).await;
        assert_eq!((&document.body[..], server.accepts()), (&b"direct"[..], 1));
        return;
    }
    let proxy = Server::says(answer("200 OK", &[], "proxied"));
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "tests::guards::proxies_of_the_environment_are_not_used"]);
    child.env("WIREROOM_TEST_BEHIND_PROXY", "1");
    for name in ["http_proxy", "https_proxy", "all_proxy"] {
        child.env(name, proxy.url("/")).env(name.to_uppercase(), proxy.url("/"));
    }
    for name in ["no_proxy", "NO_PROXY", "REQUEST_METHOD"] {
        child.env_remove(name);
    }
    let output = child.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
    assert_eq!(proxy.accepts(), 0);
}

#[tokio::test]
async fn secrets_are_in_no_failure() {
    let config = config();
    let fetch = Fetch::with_stretch(&config, Duration::from_millis(100));
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let says = |text: &str| Server::says(text.as_bytes());
    let servers = [
        (says("HTTP/1.1 500 No\r\n\r\n"), FailureClass::ServerError),
        (says("HTTP/1.1 401 No\r\n\r\n"), FailureClass::Denied),
        (says("nonsense\r\n\r\n"), FailureClass::BadHttp),
        (says("HTTP/1.1 302 To\r\nLocation: http://10.0.0.9/?token=tok-8471\r\n\r\n"), Forbidden),
        (says("HTTP/1.1 302 To\r\nLocation: http://u:pw-5529@[/?token=tok-8471\r\n\r\n"), Redirect),
        (says("HTTP/1.1 302 To\r\nLocation: ?token=tok-8471\r\n\r\n"), Redirect),
        (says("HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n"), FailureClass::TooLarge),
        (says("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"), Connect),
        (
            Server::start(|_, _| {
                std::thread::sleep(Duration::from_secs(2));
                Ok(())
            }),
            Timeout,
        ),
    ];
    let mut cases: Vec<(String, FailureClass)> =
        servers.iter().map(|(server, class)| (format!("http://{}", server.address), *class)).collect();
    cases.push((format!("http://{gone}"), Connect));
    cases.push((format!("https://{}", servers[0].0.address), Timeout));
    cases.push(("http://10.0.0.9".into(), Forbidden));
    cases.push(("http://kafka".into(), Forbidden));
    cases.push(("ftp://127.0.0.1".into(), Forbidden));
    cases.push(("http://wireroom-no-such-name.invalid".into(), Dns));
    for (base, class) in cases {
        let url = base.replacen("://", "://user-3310:pw-5529@", 1) + "/feed?token=tok-8471&q=1";
        let failure = failed(&fetch, &url).await;
        assert_eq!(failure.class, class, "{base}: {failure:?}");
        for secret in ["user-3310", "pw-5529", "tok-8471"] {
            assert!(!format!("{failure:?}").contains(secret), "{failure:?}");
        }
        assert!(!failure.detail.is_empty() && !failure.detail.contains('\n'));
    }
    assert!(!format!("{fetch:?}").contains("pw-5529"));
}
