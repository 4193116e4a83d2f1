//! `feeds discover` against sites on loopback.

use crate::support::{HARBOUR, Home, Server};

const LOCAL: &str = "[fetch]\nallow = [\"127.0.0.0/8\"]\nper_host_gap = \"0ms\"\n";

fn check(page: fn(&str, &str) -> Option<String>, args: &[&str], code: i32, expect: &[&str]) {
    let (home, site) = (Home::new(LOCAL), Server::pages(page));
    let url = format!("http://{}/", site.address);
    let ended = home.run(&[&["feeds", "discover", &url], args].concat());
    let found: Vec<String> = ended.stdout.lines().map(|line| line.replace(&url, "/")).collect();
    assert_eq!(
        (ended.code, found),
        (Some(code), expect.iter().map(|&line| line.to_owned()).collect()),
        "{}",
        ended.stderr
    );
}

const NEWS_SITEMAP: &str = r#"<?xml version="1.0"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>http://harbour.example/pier</loc><news:news><news:publication><news:name>Harbour Post</news:name>
<news:language>en</news:language></news:publication><news:publication_date>2026-11-02T08:00:00Z</news:publication_date>
<news:title>Pier closes</news:title></news:news></url></urlset>"#;

#[test]
fn the_links_of_the_page_come_first() {
    let page = |path: &str, _: &str| match path {
        "/" => Some(
            "<!doctype html><title>Harbour Post</title>\
             <link rel=alternate type=application/rss+xml href=/gone.xml>\
             <link rel=alternate type=application/rss+xml title=News href=\"/news.xml\">"
                .to_owned(),
        ),
        // At a usual place as well: not looked at where the page itself says it.
        "/news.xml" | "/feed" => Some(HARBOUR.to_owned()),
        _ => None,
    };
    check(page, &[], 0, &["/news.xml  RSS, 2 articles, Harbour News (linked from the page)"]);
}

#[test]
fn usual_places_and_robots_txt_are_asked_where_the_page_says_nothing() {
    let page = |path: &str, host: &str| match path {
        "/" => Some("<!doctype html><title>Harbour Post</title><p>Welcome.".to_owned()),
        "/robots.txt" => Some(format!("User-agent: *\nSitemap: http://{host}/news/map.xml\n")),
        "/news/map.xml" => Some(NEWS_SITEMAP.to_owned()),
        "/rss.xml" => Some(HARBOUR.to_owned()),
        _ => None,
    };
    let expect = [
        "/rss.xml  RSS, 2 articles, Harbour News (at a usual place)",
        "/news/map.xml  news sitemap, 1 article, Harbour Post (named in robots.txt)",
    ];
    check(page, &[], 0, &expect);
}

#[test]
fn a_feed_is_itself_and_a_site_without_one_is_told() {
    let feed = |_: &str, _: &str| Some(HARBOUR.to_owned());
    check(feed, &[], 0, &["/  RSS, 2 articles, Harbour News (this very address)"]);
    let bare = |path: &str, _: &str| (path == "/").then(|| "<!doctype html><p>Nothing.".to_owned());
    check(bare, &[], 1, &[]);
}
