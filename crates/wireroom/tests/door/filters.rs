use crate::support::{HARBOUR, Home};
use expect_test::expect;
use serde_json::Value;
use std::fs;

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn documents_become_articles() {
    let home = Home::new("");
    let ended = home.pipe(&["parse", "--url", "https://harbour.example/rss"], HARBOUR);
    ended.check(0, "", "");
    let articles = lines(&ended.stdout);
    let urls: Vec<&Value> = articles.iter().map(|article| &article["url"]).collect();
    assert_eq!(urls, ["https://harbour.example/2026/ferry", "https://harbour.example/2026/pier"]);
    expect![[r#"
        {
          "authors": [
            {
              "name": "Ada Quay",
              "uri": null
            }
          ],
          "categories": [
            "Transport"
          ],
          "feed": {
            "country": null,
            "id": "harbour.example",
            "labels": [],
            "title": "Harbour News"
          },
          "guid": "ferry-1",
          "language_claim": "en-GB",
          "media": [],
          "modified_at": null,
          "outlet": {
            "domain": "harbour.example",
            "name": "Harbour News"
          },
          "published_at": "2026-11-23T09:30:00Z",
          "published_quality": "claimed",
          "quality": {
            "flags": [],
            "parse_mode": "strict"
          },
          "rights": {
            "ai_opt_out": null,
            "copyright": null,
            "license": null
          },
          "source_url": "https://harbour.example/2026/ferry?utm_source=rss",
          "summary": "The ferry between the islands runs again from Monday, the port authority said.",
          "teaser": false,
          "text": "The ferry between the islands runs again from Monday, the port authority said.",
          "text_source": "summary",
          "title": "Ferry line reopens after storm & repairs",
          "url": "https://harbour.example/2026/ferry"
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&articles[0]).unwrap());
}

#[test]
fn one_bad_document_does_not_cost_its_neighbours() {
    let home = Home::new("");
    fs::write(home.path("good.xml"), HARBOUR).unwrap();
    fs::write(home.path("bad.xml"), "<html><body>Please log in</body></html>").unwrap();
    fs::write(home.path("torn.xml"), HARBOUR.replace("storm &amp; repairs", "storm & repairs")).unwrap();
    let ended = home.run(&["parse", "bad.xml", "gone.xml", "good.xml", "torn.xml"]);
    ended.check(1, "", "bad.xml: error: the body is not a feed");
    ended.check(1, "", "gone.xml: error: No such file");
    ended.check(1, "", "torn.xml: markup");
    assert_eq!(lines(&ended.stdout).len(), 4);
}

#[test]
fn raw_lines_stand_in_the_order_of_the_files() {
    let home = Home::new("");
    let names: Vec<String> = (0..40).map(|n| format!("{n}.xml")).collect();
    for (n, name) in names.iter().enumerate() {
        let body = match n % 10 {
            3 => String::new(),
            _ => format!("<rss><channel><title>feed {n}</title><item><link>/a</link></item></channel></rss>"),
        };
        fs::write(home.path(name), body).unwrap();
    }
    let files: Vec<&str> = names.iter().map(String::as_str).chain(["gone.xml"]).collect();
    let ended = home.run(&[&["parse", "--raw", "--with-file"], &files[..]].concat());
    ended.check(1, "", "3.xml: error: the body is not a feed but empty");
    let told = lines(&ended.stdout);
    assert_eq!(told.len(), files.len());
    for (n, (line, file)) in told.iter().zip(&files).enumerate() {
        assert_eq!(line["file"], **file);
        if n % 10 == 3 || n == 40 {
            assert!(line["error"].is_string(), "{line}");
        } else {
            assert_eq!(line["feed"]["title"]["value"], format!("feed {n}"));
            assert_eq!(line["entries"][0]["link"], "/a");
            assert_eq!(line["entries"][0]["published"], Value::Null);
        }
    }
}

#[test]
fn articles_are_tagged() {
    let home = Home::new("");
    let parsed = home.pipe(&["parse", "--url", "https://harbour.example/rss"], HARBOUR).stdout;
    let input = format!("{parsed}\nnot json\n{{\"title\": 5}}\n{{\"id\": \"kept\", \"title\": null}}\n");
    let ended = home.pipe(&["enrich"], &input);
    ended.check(1, "", "line 4: error: expected");
    ended.check(1, "", "line 5: error: invalid type");
    let tagged = lines(&ended.stdout);
    assert_eq!(tagged.len(), 3);
    assert_eq!(tagged[0]["language"]["code"], "en");
    assert_eq!(tagged[0]["title"], "Ferry line reopens after storm & repairs");
    let topics = tagged[1]["topics"].as_array().unwrap();
    assert!(topics.iter().any(|topic| topic["id"].as_str().unwrap().starts_with("medtop:")), "{topics:?}");
    assert_eq!(tagged[2]["id"], "kept");
    assert_eq!(tagged[2]["language"], Value::Null);
}

#[test]
fn pages_become_articles_one_line_each_and_in_order() {
    let home = Home::new("");
    let paragraph = "<p>The ferry between the islands runs again from Monday, the port authority said, after the storm of last week.</p>";
    let page = |title: &str, body: &str| {
        format!(
            "<html lang=en><head><title>{title}</title></head><body><article>{body}</article></body></html>"
        )
    };
    let whole = page("Ferry runs again", &paragraph.repeat(4));
    fs::write(home.path("one.html"), &whole).unwrap();
    fs::write(home.path("two.html"), page("404 - Page not found", "<p>Nothing here.</p>")).unwrap();
    fs::write(home.path("three.html"), &whole).unwrap();
    let files = ["one.html", "two.html", "missing.html", "three.html"].map(|name| home.path(name));
    let mut args = vec!["extract", "--url", "https://harbour.example/2026/ferry?utm_source=x", "--with-file"];
    args.extend(files.iter().map(|file| file.to_str().unwrap()));
    let ended = home.run(&args);
    let told = lines(&ended.stdout);
    let named: Vec<bool> =
        told.iter().zip(&files).map(|(line, file)| line["file"] == file.to_str().unwrap()).collect();
    assert_eq!(named, [true; 4], "{}", ended.stdout);
    assert_eq!(told[0]["title"], "Ferry runs again");
    assert_eq!(told[0]["url"], "https://harbour.example/2026/ferry");
    assert_eq!(told[0]["text_source"], "page");
    assert_eq!(told[1]["error"], "not the article but an error page");
    assert!(told[2]["error"].is_string() && told[2].get("text").is_none());
    assert_eq!(told[3]["text"], told[0]["text"]);
}
