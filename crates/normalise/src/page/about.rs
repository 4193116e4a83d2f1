//! What a page says of its article, from OpenGraph, JSON-LD, `meta` and `link`, put into the words that
//! an entry of a feed has.

use super::head::Head;
use super::linked::{self, Linked};
use crate::text::line_of;
use model::{Category, Date, MediaLink, Person};
use serde_json::Value;

/// Characters of a short text.
const LINE_MAX: usize = 2_000;
/// Values of a list that are taken.
const LIST_MAX: usize = 50;

/// What a page says of its article, as given.
#[derive(Debug, Default)]
pub(super) struct About {
    pub(super) canonical: Option<String>,
    pub(super) title: Option<String>,
    pub(super) summary: Option<String>,
    pub(super) site: Option<String>,
    pub(super) authors: Vec<Person>,
    pub(super) published: Option<Date>,
    pub(super) updated: Option<Date>,
    pub(super) categories: Vec<Category>,
    pub(super) language: Option<String>,
    pub(super) copyright: Option<String>,
    pub(super) license: Option<String>,
    pub(super) ai_opt_out: Option<bool>,
    pub(super) media: Vec<MediaLink>,
    /// False: only some readers may read all of it.
    pub(super) free: Option<bool>,
    /// The article's text, where the page repeats it for machines.
    pub(super) body: Option<String>,
}

/// Reads what the head of a page holds.
pub(super) fn about(head: &Head) -> About {
    let linked = Linked::read(&head.linked_data);
    let article = linked.article();
    let said = |field: &str| article.and_then(|article| linked::first(article, field));
    let line = |text: &str| line_of(text, LINE_MAX);
    let meta = |names: &[&str]| head.meta(names).and_then(line);
    let site = meta(&["og:site_name", "application-name"]).or_else(|| said("publisher"));
    About {
        canonical: head.link("canonical").or_else(|| head.meta(&["og:url"])).map(str::to_owned),
        title: title(head, said("headline").or_else(|| said("name")), site.as_deref()),
        summary: meta(&["og:description", "description", "twitter:description", "dc.description"])
            .or_else(|| said("description")),
        authors: authors(head, article),
        published: date(said("datePublished"), head, &PUBLISHED)
            .or_else(|| head.times.first().map(|raw| dated(raw))),
        updated: date(said("dateModified"), head, &UPDATED),
        categories: categories(head, article),
        language: head
            .language
            .clone()
            .or_else(|| said("inLanguage"))
            .or_else(|| head.meta(&["content-language", "og:locale", "dc.language"]).map(str::to_owned)),
        copyright: said("copyrightNotice").or_else(|| meta(&["dc.rights", "dcterms.rights", "copyright"])),
        license: said("license").or_else(|| head.link("license").map(str::to_owned)),
        ai_opt_out: opts_out(head),
        media: media(head),
        free: article
            .and_then(|article| linked::truth(article, "isAccessibleForFree"))
            .or_else(|| head.meta(&["article:content_tier"]).map(|tier| tier.eq_ignore_ascii_case("free"))),
        body: article.and_then(|article| article.get("articleBody")?.as_str()).map(str::to_owned),
        site,
    }
}

const PUBLISHED: [&str; 14] = [
    "article:published_time",
    "og:published_time",
    "datepublished",
    "date",
    "dc.date.issued",
    "dcterms.created",
    "dc.date",
    "pubdate",
    "publish-date",
    "publishdate",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "article_date_original",
];
const UPDATED: [&str; 7] = [
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "last-modified",
    "dc.date.modified",
    "lastmod",
];

fn date(said: Option<String>, head: &Head, names: &[&str]) -> Option<Date> {
    said.or_else(|| head.meta(names).map(str::to_owned)).map(|raw| dated(&raw))
}

fn dated(raw: &str) -> Date {
    Date { raw: line_of(raw, 100), ..Date::default() }
}

/// The headline that is meant for readers elsewhere, without the name of the site behind it.
fn title(head: &Head, said: Option<String>, site: Option<&str>) -> Option<String> {
    let line = |text: &str| line_of(&crate::text::to_text(text), LINE_MAX);
    let given = head
        .meta(&["og:title"])
        .and_then(line)
        .or_else(|| said.as_deref().and_then(line))
        .or_else(|| head.meta(&["twitter:title", "dc.title"]).and_then(line))
        .or_else(|| head.heading.as_deref().and_then(line))
        .or_else(|| head.title.as_deref().and_then(line))?;
    Some(without_site(&given, site).to_owned())
}

/// `Council votes | Daily Sun` is `Council votes`, when the site is the Daily Sun.
fn without_site<'a>(title: &'a str, site: Option<&str>) -> &'a str {
    let Some(site) = site.map(str::to_lowercase).filter(|site| !site.is_empty()) else { return title };
    for mark in [" | ", " - ", " – ", " — ", " :: ", " · ", " » "] {
        if let Some((kept, tail)) = title.rsplit_once(mark)
            && !kept.trim().is_empty()
            && tail.trim().to_lowercase() == site
        {
            return kept.trim_end();
        }
    }
    title
}

fn authors(head: &Head, article: Option<&Value>) -> Vec<Person> {
    let mut out = Vec::new();
    if let Some(article) = article {
        for field in ["author", "creator"] {
            linked::each(article.get(field), &mut |value| out.extend(person(value)));
            if !out.is_empty() {
                break;
            }
        }
    }
    for name in [
        "author",
        "article:author",
        "og:article:author",
        "dc.creator",
        "dcterms.creator",
        "parsely-author",
        "sailthru.author",
        "byl",
    ] {
        if !out.is_empty() {
            break;
        }
        out.extend(head.all(name).filter_map(|value| named(value, None)));
    }
    out.truncate(LIST_MAX);
    out
}

fn person(value: &Value) -> Option<Person> {
    match value {
        Value::String(name) => named(name, None),
        Value::Object(_) => named(value.get("name")?.as_str()?, value.get("url").and_then(Value::as_str)),
        _ => None,
    }
}

/// A person by name; an address in place of one names nobody.
fn named(name: &str, uri: Option<&str>) -> Option<Person> {
    let name = line_of(name, LINE_MAX)?;
    let is_address = name.contains("://") || name.starts_with("www.") || name.starts_with('/');
    (!is_address).then(|| Person { name: Some(name), email: None, uri: uri.map(str::to_owned) })
}

fn categories(head: &Head, article: Option<&Value>) -> Vec<Category> {
    let mut terms: Vec<String> =
        article.map(|article| linked::texts(article, "articleSection")).unwrap_or_default();
    terms.extend(head.all("article:section").map(str::to_owned));
    terms.extend(head.all("article:tag").map(str::to_owned));
    if terms.is_empty() {
        let listed = article.map(|article| linked::texts(article, "keywords")).unwrap_or_default();
        let listed = listed.into_iter().chain(head.meta(&["news_keywords", "keywords"]).map(str::to_owned));
        terms.extend(listed.flat_map(|list| list.split([',', ';']).map(str::to_owned).collect::<Vec<_>>()));
    }
    let terms = terms.into_iter().filter(|term| !term.trim().is_empty()).take(LIST_MAX);
    terms.map(|term| Category { term, ..Category::default() }).collect()
}

/// TDM reservation protocol, and what some publishers write into `robots`.
fn opts_out(head: &Head) -> Option<bool> {
    if let Some(reserved) = head.meta(&["tdm-reservation"]) {
        return Some(reserved.trim() == "1");
    }
    let robots = head.all("robots").chain(head.all("googlebot"));
    let words = robots.flat_map(|words| words.split(',')).map(|word| word.trim().to_ascii_lowercase());
    words.into_iter().any(|word| matches!(word.as_str(), "noai" | "noimageai" | "noml")).then_some(true)
}

fn media(head: &Head) -> Vec<MediaLink> {
    let number = |name: &str| head.meta(&[name]).and_then(|value| value.parse().ok());
    let Some(url) =
        head.meta(&["og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src"])
    else {
        return Vec::new();
    };
    vec![MediaLink {
        url: url.to_owned(),
        mime: head.meta(&["og:image:type"]).map(str::to_owned),
        title: head.meta(&["og:image:alt", "twitter:image:alt"]).map(str::to_owned),
        width: number("og:image:width"),
        height: number("og:image:height"),
        length: None,
    }]
}
