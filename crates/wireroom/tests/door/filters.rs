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
