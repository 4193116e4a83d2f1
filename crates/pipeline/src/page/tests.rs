use super::*;
use crate::config::Pages;
use record::{Outlet, ParseMode, PublishedQuality, Quality, Rights};

fn article(fulltext: Fulltext, change: impl FnOnce(&mut Article)) -> Article {
    let feed = Feed {
        id: "f".parse().unwrap(),
        url: "https://h.example/feed".parse().unwrap(),
        title: None,
        labels: vec![],
        country: None,
        interval: None,
        first_poll: model::FirstPoll::Publish,
        polling: model::Polling { fulltext, ..Default::default() },
    };
    let mut article = Article {
        feed: Arc::new(feed),
        feed_title: None,
        outlet: Outlet { name: None, domain: None },
        guid: None,
        url: Some("https://h.example/1".into()),
        source_url: Some("https://h.example/1?utm_source=rss".into()),
        title: None,
        summary: None,
        text: Some("x".repeat(1000)),
        text_source: Some(TextSource::Feed),
        teaser: false,
        language_claim: None,
        authors: vec![],
        media: vec![],
        categories: vec![],
        published_at: None,
        published_quality: PublishedQuality::Missing,
        modified_at: None,
        fetched_at: Timestamp::UNIX_EPOCH,
        quality: Quality { parse_mode: ParseMode::Strict, flags: vec![] },
        rights: Rights::default(),
    };
    change(&mut article);
    article
}

fn check(fulltext: Fulltext, change: impl FnOnce(&mut Article), expect: bool) {
    let mut article = article(fulltext, change);
    let page = Wishes::new(&Pages::default()).of(&mut article);
    let is_wanted = matches!(page, Page::Wanted(Wish { ref url, .. }) if url.as_str() == "https://h.example/1?utm_source=rss");
    assert_eq!(
        (is_wanted, article.quality.flags.len()),
        (expect, usize::from(expect)),
        "{fulltext}: {page:?}"
    );
}

#[test]
fn pages_are_wanted_as_the_feed_says() {
    check(Fulltext::Never, |article| article.text = None, false);
    check(Fulltext::Always, |_| {}, true);
    check(Fulltext::WhenShort, |_| {}, false);
    check(Fulltext::WhenShort, |article| article.text = Some("x".repeat(999)), true);
    check(Fulltext::WhenShort, |article| article.text = None, true);
    check(Fulltext::WhenShort, |article| article.teaser = true, true);
    check(Fulltext::WhenShort, |article| article.text_source = Some(TextSource::Summary), true);
    check(Fulltext::Always, |article| (article.url, article.source_url) = (None, None), false);
}

#[test]
fn beyond_what_may_wait_articles_go_out_marked() {
    let wishes = Wishes::new(&Pages { waiting_max: 2, ..Pages::default() });
    wishes.waiting.store(2, Ordering::Relaxed);
    let mut article = article(Fulltext::Always, |_| {});
    assert_eq!(wishes.of(&mut article), Page::Unasked);
    assert_eq!(article.quality.flags, [page::UNREAD]);
}

#[test]
fn a_page_is_visited_again_while_there_is_time() {
    let now = Timestamp::now().as_millisecond();
    let waiting = |due_ms| Waiting {
        key: vec![],
        feed: "f".parse().unwrap(),
        url: "https://h.example/1".parse().unwrap(),
        due_ms,
    };
    let long = waiting(now + 3_600_000);
    let wait =
        |visits, host: Option<&(String, HostPace)>| again(visits, &long, host).map(|at| (at - now) / 1000);
    assert_eq!(
        [wait(0, None), wait(1, None), wait(2, None), wait(3, None)],
        [Some(20), Some(80), Some(180), None]
    );
    assert_eq!(again(0, &waiting(now + 15_000), None), None);
    let host = ("h".to_owned(), HostPace { until_ms: now + 600_999, ..HostPace::default() });
    assert_eq!(wait(0, Some(&host)), Some(600));
    let host = ("h".to_owned(), HostPace { until_ms: now + 7_200_000, ..HostPace::default() });
    assert_eq!(wait(0, Some(&host)), None);
}
