use crate::support::{HARBOUR, Home, Server, all_text, wait_for};
use rustix::process::Signal;
use std::fs;

/// Found nowhere but where it was planted.
const PLANTED: &str = "pl4nted";

fn config(server: &Server) -> String {
    format!(
        "[state]\ndir = \"state\"\n[fetch]\nallow = [\"127.0.0.0/8\"]\nper_host_gap = \"0ms\"\n\
         [http]\nlisten = \"127.0.0.1:0\"\ntoken_file = \"token\"\n[log]\nlevel = \"trace\"\n\
         [kafka.security.sasl]\npassword = \"{PLANTED}\"\n[kafka.librdkafka]\n\"ssl.key.pem\" = \"{PLANTED}\"\n\
         [[feed]]\nid = \"harbour\"\nurl = \"http://me:{PLANTED}@{0}/rss?key={PLANTED}\"\nfirst_poll = \"publish\"\n\
         [[feed]]\nid = \"lost\"\nurl = \"http://me:{PLANTED}@127.0.0.1:1/rss?key={PLANTED}\"\n",
        server.address
    )
}

#[test]
fn a_daemon_shows_no_secret() {
    let server = Server::new(HARBOUR);
    let home = Home::new(&config(&server));
    fs::write(home.path("token"), PLANTED).unwrap();
    home.run(&["validate"]).check(0, "the config is good", "");
    let daemon = home.start();
    home.run(&["health", "--ready"]).check(0, "ready", "");
    wait_for("articles", || home.read("out").lines().count() == 2);
    wait_for("a feed that fails", || home.read("log").contains("lost brought nothing"));
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.end().0, Some(0));
    for name in ["log", "out"] {
        let text = home.read(name);
        assert!(!text.contains(PLANTED), "{name}: {text}");
    }
    assert!(!all_text(&home.path("state")).contains(PLANTED));
}

/// Each line of the config is spoilt in several ways; whatever is said then, no secret is in it.
#[test]
fn mistakes_show_no_secret() {
    let server = Server::new(HARBOUR);
    let good = config(&server);
    let home = Home::new(&good);
    fs::write(home.path("token"), PLANTED).unwrap();
    let spoil: [fn(&str) -> String; 6] = [
        |line| line.replacen('"', "", 1),
        |line| line.replace(" = ", " "),
        |line| format!("x{line}"),
        |line| line.replace(" = ", " = [") + "]",
        |line| line.replacen("ss", "s", 1).replacen("tok", "tk", 1).replacen("url", "ulr", 1),
        |line| line.replace("http://", "htp:/"),
    ];
    let mut mistakes = 0;
    for (number, line) in good.lines().enumerate() {
        for spoil in spoil {
            let mut lines: Vec<String> = good.lines().map(str::to_owned).collect();
            lines[number] = spoil(line);
            fs::write(home.path("wireroom.toml"), lines.join("\n")).unwrap();
            let ended = home.run(&["validate"]);
            assert!(!ended.stdout.contains(PLANTED), "{}", ended.stdout);
            assert!(!ended.stderr.contains(PLANTED), "{}", ended.stderr);
            mistakes += usize::from(ended.code == Some(78));
        }
    }
    assert!(60 < mistakes, "{mistakes}");
    let mut command = home.command(&["validate"]);
    fs::write(home.path("wireroom.toml"), "").unwrap();
    command.env("WIREROOM__KAFKA__SECURITY__SASL__PASWORD", PLANTED);
    command.env("WIREROOM__HTTP__TOKEN", format!("{PLANTED} {PLANTED}"));
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("2 mistakes") && !said.contains(PLANTED), "{said}");
}
