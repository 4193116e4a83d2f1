//! One URL for one page: what `url` of the record says and what identity is taken over.
//!
//! Two URLs that name different articles must never meet; two that name one article should. So only
//! what is known to carry no meaning goes: user info, fragment, default port, trackers, the dress of
//! AMP and mobile pages. The scheme, `www.` and the case of the path stay as given: the record shows
//! them to readers, and the room that makes identity keys leaves scheme and `www.` out by itself.

use crate::limits::LIMITS;
use crate::trackers::is_tracker;
use url::{Host, Url};

/// Host labels in front of a registrable domain that mean another rendering of the same page.
/// Deeper ones (`m.` before `news.example.com`) stay: there the label may be a name.
const RENDERINGS: [&str; 3] = ["m.", "mobile.", "amp."];

/// How many wrappers (an AMP cache around a viewer around ...) are taken off.
const UNWRAP_MAX: usize = 3;

/// The canonical form of `url`, resolved against `base`. None when it is no http(s) URL, has no host,
/// or is longer than [`Limits::url`](crate::Limits::url) bytes. Idempotent.
pub fn canonical(url: &str, base: &Url) -> Option<Url> {
    let mut url = web(url, base)?;
    for _ in 0..UNWRAP_MAX {
        match unwrapped(&url) {
            Some(inner) => url = inner,
            None => break,
        }
    }
    url.set_fragment(None);
    let _ = url.set_username("");
    let _ = url.set_password(None);
    plain_host(&mut url);
    let path = plain_path(url.path());
    url.set_path(&path);
    let domain = url.host_str().and_then(registered_domain);
    let query = url.query().and_then(|query| plain_query(query, domain.as_deref()));
    url.set_query(query.as_deref());
    (url.as_str().len() <= LIMITS.url).then_some(url)
}

/// `url` resolved against `base`, when that is an http(s) URL with a host and within the limit.
pub(crate) fn web(url: &str, base: &Url) -> Option<Url> {
    let url = url.trim();
    if url.is_empty() || url.len() > LIMITS.url {
        return None;
    }
    let url = base.join(url).ok()?;
    let usable =
        matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| !host.is_empty());
    (usable && url.as_str().len() <= LIMITS.url).then_some(url)
}

/// `url` as given: made absolute and without a password, nothing else changed.
pub(crate) fn as_given(url: &str, base: &Url) -> Option<String> {
    let mut absolute = web(url, base)?;
    let bare = absolute.username().is_empty() && absolute.password().is_none();
    let _ = absolute.set_username("");
    let _ = absolute.set_password(None);
    let given = url.trim();
    let lower = given.get(..8).unwrap_or(given).to_ascii_lowercase();
    let whole = lower.starts_with("http://") || lower.starts_with("https://");
    let visible = given.chars().all(|c| !c.is_control() && !c.is_whitespace());
    Some(if whole && bare && visible { given.to_owned() } else { absolute.into() })
}

/// The registered domain of a host (`news.bbc.co.uk` → `bbc.co.uk`), lower case; None for an IP
/// address, a bare public suffix and a name without a dot.
pub fn registered_domain(host: &str) -> Option<String> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok() {
        return None;
    }
    psl::domain_str(&host).map(str::to_owned)
}

/// The canonical form of what a page calls its own address, when that can be so: of the same registered
/// domain, and not the front page for a page that is none (a common mistake of templates).
pub(crate) fn of_same_outlet(claimed: &str, page: &Url) -> Option<String> {
    let claimed = canonical(claimed, page)?;
    let domain = |url: &Url| url.host_str().and_then(registered_domain);
    let front = |url: &Url| url.path().trim_matches('/').is_empty() && url.query().is_none();
    let same = domain(&claimed).is_some() && domain(&claimed) == domain(page);
    (same && (!front(&claimed) || front(page))).then(|| claimed.into())
}

/// The page inside an AMP cache, an AMP viewer or a search engine's click counter.
fn unwrapped(url: &Url) -> Option<Url> {
    let host = url.host_str()?;
    if host == "cdn.ampproject.org" || host.ends_with(".cdn.ampproject.org") {
        // /c/s/host/path: c, v, i and wp are kinds of content, s means https.
        let rest = url.path().strip_prefix('/')?.split_once('/')?.1;
        return from_amp_path(rest, url.query());
    }
    if !matches!(host, "www.google.com" | "google.com") {
        return None;
    }
    if let Some(rest) = url.path().strip_prefix("/amp/") {
        return from_amp_path(rest, url.query());
    }
    if url.path() != "/url" {
        return None;
    }
    let target = url.query_pairs().find(|(name, _)| name == "url" || name == "q")?.1;
    let target = Url::parse(&target).ok()?;
    web(target.as_str(), &target)
}

fn from_amp_path(rest: &str, query: Option<&str>) -> Option<Url> {
    let (scheme, rest) = match rest.strip_prefix("s/") {
        Some(rest) => ("https", rest),
        None => ("http", rest),
    };
    // Without a dot the first segment is no host, and the path was not one of a cache.
    if !rest.split('/').next()?.contains('.') {
        return None;
    }
    let mut url = Url::parse(&format!("{scheme}://{rest}")).ok()?;
    url.set_query(query);
    Some(url)
}

fn plain_host(url: &mut Url) {
    let Some(Host::Domain(host)) = url.host() else { return };
    let host = host.trim_end_matches('.');
    let bare = RENDERINGS.iter().find_map(|label| host.strip_prefix(label));
    let bare = bare.filter(|rest| psl::domain_str(rest) == Some(rest)).unwrap_or(host).to_owned();
    let _ = url.set_host(Some(&bare));
}

/// AMP's marks at the end of the path, and escapes that RFC 3986 §6.2.2 calls equivalent.
fn plain_path(path: &str) -> String {
    let mut path = plain_escapes(path);
    loop {
        if let Some(stem) = path.strip_suffix(".amp.html") {
            path = format!("{stem}.html");
            continue;
        }
        let cut = match (path.strip_suffix("/amp"), path.strip_suffix("/amp/")) {
            (Some(stem), _) => stem.len(),
            (_, Some(stem)) => stem.len() + 1,
            _ => return path,
        };
        // A page that is called "amp" keeps its name.
        if path[..cut].trim_matches('/').is_empty() {
            return path;
        }
        path.truncate(cut);
    }
}

/// Trackers and AMP's switches gone, the others sorted by name; their values and the order of equal
/// names as given.
fn plain_query(query: &str, domain: Option<&str>) -> Option<String> {
    let query = plain_escapes(query);
    let mut kept: Vec<(&str, &str)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| (pair.split_once('=').map_or(pair, |(name, _)| name), pair))
        .filter(|(name, pair)| !is_tracker(name, domain) && !is_amp_switch(pair))
        .collect();
    kept.sort_by_key(|(name, _)| *name);
    let kept: Vec<&str> = kept.into_iter().map(|(_, pair)| pair).collect();
    (!kept.is_empty()).then(|| kept.join("&"))
}

fn is_amp_switch(pair: &str) -> bool {
    let pair = pair.to_ascii_lowercase();
    matches!(pair.as_str(), "amp" | "amp=" | "amp=1" | "amp=true" | "outputtype=amp" | "outputtype=valid_amp")
}

/// Escapes of unreserved characters undone, the others in upper case. A text with a stray `%` stays as
/// it is: undoing an escape beside it could make up a new one.
fn plain_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split('%');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let escape = part.get(..2).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(hex) = escape else { return text.to_owned() };
        match u8::from_str_radix(hex, 16) {
            Ok(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => out.push(byte as char),
            _ => {
                out.push('%');
                out.push_str(&hex.to_ascii_uppercase());
            }
        }
        out.push_str(&part[2..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn base() -> Url {
        Url::parse("https://feeds.example.com/rss/world.xml").unwrap()
    }

    fn plain(url: &str) -> String {
        canonical(url, &base()).map(String::from).unwrap_or_default()
    }

    /// `fixtures/urls.tsv`: same or different, and two URLs.
    #[test]
    fn one_page_has_one_url_and_two_pages_have_two() {
        let table = include_str!("../fixtures/urls.tsv");
        let rows: Vec<&str> =
            table.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
        assert!(rows.len() >= 200, "only {} rows", rows.len());
        for row in rows {
            let cells: Vec<&str> = row.split('\t').collect();
            let [verdict, a, b] = cells[..] else { panic!("not three cells: {row:?}") };
            let (x, y) = (plain(a), plain(b));
            assert!(!x.is_empty() && !y.is_empty(), "unusable: {row:?}");
            match verdict {
                "same" => assert_eq!(x, y, "{row:?}"),
                "different" => assert_ne!(x, y, "{row:?}"),
                other => panic!("{other:?} is no verdict"),
            }
        }
    }

    #[test]
    fn the_form_itself() {
        let seed = "https://news.example/world/a-b/?utm_source=rss&utm_medium=rss";
        assert_eq!(plain(seed), "https://news.example/world/a-b/");
        assert_eq!(plain("HTTP://User:Pw@Example.COM:80/A?b=2&a=1#x"), "http://example.com/A?a=1&b=2");
        assert_eq!(plain("../story/7"), "https://feeds.example.com/story/7");
        assert_eq!(plain("//cdn.example.org/x"), "https://cdn.example.org/x");
        assert_eq!(plain("https://www.example.com/%7euser/%c3%a9"), "https://www.example.com/~user/%C3%A9");
    }

    #[test]
    fn what_is_no_page_is_none() {
        for url in [
            "",
            "  ",
            "mailto:a@b.example",
            "javascript:alert(1)",
            "ftp://example.com/a",
            "data:text/html,x",
            "http://",
        ] {
            assert_eq!(canonical(url, &base()), None, "{url:?}");
        }
        assert_eq!(canonical(&format!("https://example.com/{}", "a".repeat(5_000)), &base()), None);
    }

    #[test]
    fn the_given_url_loses_only_its_password() {
        let given = |url| as_given(url, &base()).unwrap_or_default();
        assert_eq!(given(" https://Example.com/A?utm_source=x#y "), "https://Example.com/A?utm_source=x#y");
        assert_eq!(given("https://u:p@example.com/a"), "https://example.com/a");
        assert_eq!(given("/a b"), "https://feeds.example.com/a%20b");
    }

    #[test]
    fn a_page_names_itself_only_within_its_outlet() {
        let page = Url::parse("https://www.paper.co.uk/story?id=7").unwrap();
        let named = |claimed| of_same_outlet(claimed, &page).unwrap_or_default();
        assert_eq!(named("https://paper.co.uk/story?id=7&utm_source=x"), "https://paper.co.uk/story?id=7");
        assert_eq!(named("/other"), "https://www.paper.co.uk/other");
        assert_eq!(named("https://agency.example/story"), "");
        assert_eq!(named("https://other.co.uk/story"), "");
        assert_eq!(named("https://www.paper.co.uk/"), "");
        assert_eq!(named("javascript:alert(1)"), "");
    }

    #[test]
    fn domains() {
        let domain = |host| registered_domain(host).unwrap_or_default();
        assert_eq!(domain("news.BBC.co.uk"), "bbc.co.uk");
        assert_eq!(domain("jewishvoicenews.example"), "jewishvoicenews.example");
        assert_eq!(domain("a.blogspot.com"), "a.blogspot.com");
        assert_eq!(domain("127.0.0.1"), "");
        assert_eq!(domain("[::1]"), "");
        assert_eq!(domain("co.uk"), "");
    }

    proptest! {
        #[test]
        fn canonical_is_idempotent(
            host in "(m\\.|amp\\.|mobile\\.|www\\.|cdn\\.)?(m\\.)?[a-z]{1,8}\\.(com|co\\.uk|example)(:80|:8080)?",
            path in "(/[a-zA-Z0-9%.~ é+-]{0,8}|/amp|/c/s/x\\.org|\\.amp\\.html){0,5}/?",
            query in "(\\?([a-z_]{1,6}=[a-zA-Z0-9%&=+]{0,8}|utm_source=x|amp=1|&){0,4})?",
        ) {
            let url = format!("https://{host}{path}{query}");
            if let Some(once) = canonical(&url, &base()) {
                let twice = canonical(once.as_str(), &base());
                prop_assert_eq!(Some(once), twice);
            }
        }

        #[test]
        fn no_string_makes_it_panic(url in "\\PC{0,200}", tail in "(%[0-9a-f]{0,2}|/amp|[?&=#@:]){0,20}") {
            let _ = canonical(&url, &base());
            if let Some(once) = canonical(&format!("{url}{tail}"), &base()) {
                let twice = canonical(once.as_str(), &base());
                prop_assert_eq!(Some(once), twice);
            }
        }
    }
}
