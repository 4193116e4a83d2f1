use crate::support::{Home, Server, wait_for};
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const PARAGRAPH: &str = "<p>The council voted on Monday to close the old harbour, after a debate that went on until midnight.</p>";

#[test]
fn what_waits_for_its_page_outlives_kill_9_and_is_published_once() {
    let answers = Arc::new(AtomicBool::new(false));
    let (may, asked) = (answers.clone(), Arc::new(AtomicBool::new(false)));
    let pages = asked.clone();
    let server = Server::site(move |path| {
        match path {
        "/rss" => Some(
            "<rss version='2.0'><channel><title>T</title><item><guid>1</guid><link>/a/1</link><title>Harbour</title>\
             <description>In short.</description></item></channel></rss>"
                .to_owned(),
        ),
        "/robots.txt" => Some(String::new()),
        _ => {
            pages.store(true, Ordering::SeqCst);
            may.load(Ordering::SeqCst).then(|| format!("<article><h1>Harbour</h1>{}</article>", PARAGRAPH.repeat(6)))
        }
    }
    });
    let home = Home::with_feed(&server);
    let config = home.read("wireroom.toml")
        + "fulltext = \"when_short\"\n[sink]\ntype = \"file\"\npath = \"articles\"\n";
    fs::write(home.path("wireroom.toml"), config).unwrap();
    let lines = || fs::read_to_string(home.path("articles")).unwrap_or_default();
    for _ in 0..2 {
        asked.store(false, Ordering::SeqCst);
        let daemon = home.start();
        wait_for("a visit of the page", || asked.load(Ordering::SeqCst));
        home.run(&["feeds", "show", "harbour"]).check(0, "when_short, 1 wait for it", "");
        home.run(&["held", "list", "--json"]).check(0, "\"pages\": 1", "");
        // As kill -9 does it.
        drop(daemon);
        let _ = fs::remove_file(home.path("state/http.address"));
        assert_eq!(lines(), "");
    }
    home.run(&["state", "check"]).check(0, "every value could be read", "");
    answers.store(true, Ordering::SeqCst);
    let _daemon = home.start();
    wait_for("the article", || lines().contains("\"text_source\":\"page\""));
    assert_eq!(lines().lines().count(), 1, "{}", lines());
    home.run(&["held", "list"]).check(0, "nothing is held", "");
}
