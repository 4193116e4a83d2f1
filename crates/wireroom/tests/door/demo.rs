use crate::support::{Home, wait_for};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::process::Stdio;

/// The demo in a pipe: enough of everything within a minute, and every record as it was promised.
#[test]
fn the_demo_shows_everything_and_keeps_its_word() {
    let home = Home::new("");
    let mut command = home.command(&["demo", "--every", "200ms", "--http", "127.0.0.1:0"]);
    command.env("TMPDIR", home.dir.path()).env_remove("HOME");
    command.stdout(File::create(home.path("out")).unwrap()).stderr(File::create(home.path("err")).unwrap());
    let mut demo = command.stdin(Stdio::null()).spawn().unwrap();
    wait_for("an update and a duplicate among 40 records", || {
        let out = home.read("out");
        let lines = out.matches("\"schema_version\"").count();
        40 <= lines && out.contains("\"change\":\"updated\"") && out.contains("\"duplicate\":{")
    });
    kill_process(Pid::from_raw(i32::try_from(demo.id()).unwrap()).unwrap(), Signal::INT).unwrap();
    assert!(demo.wait().unwrap().success());
    let (out, err) = (home.read("out"), home.read("err"));
    home.pipe(&["schema", "check"], &out).check(0, "0 of them faulty", "");
    assert!(
        err.contains("wireroom demo: 12 invented outlets") && err.contains("of them repeating another"),
        "{err}"
    );
    for feed in ["harbour-news", "lantern", "tidewater", "islander", "old-mill", "el-faro", "morgenblatt"] {
        assert!(out.contains(&format!("\"feed\":{{\"id\":\"{feed}\"")), "{feed} is silent");
    }
    let left: Vec<_> =
        std::fs::read_dir(home.dir.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("wireroom-demo")), "{left:?}");
}
