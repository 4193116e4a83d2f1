//! RSS, Atom, CDF and sitemaps: the walk's harvest as a document.

use crate::Error;
use crate::charset::Decoded;
use crate::dialect::Family;
use crate::lex::{Lexer, Token};
use crate::map::{lost, says_nothing};
use crate::raw::{Raw, Said};
use crate::report::Mend;
use crate::walk::{self, Walked};
use model::{Date, Doubt, FlawKind, Format, Habit};
use record::ParseMode;
use url::Url;

/// Reads a feed whose root element stands at `start` of the decoded text.
pub(crate) fn parse(
    decoded: &Decoded<'_>,
    family: Family,
    start: usize,
    base: Option<&Url>,
) -> Result<Raw, Error> {
    let (prolog, text) = decoded.text.split_at(start);
    let shift = decoded.shift.map(|shift| shift + start);
    let offset = |at: usize| shift.map(|shift| shift + at);
    let mut walked = walk::read(text, family, base);
    if !prolog_is_clean(prolog) {
        walked.report.mend(Mend::Junk, 0);
    }
    let index = family == Family::Sitemap && text.starts_with("<sitemapindex");
    if family == Family::Sitemap && !walked.aside.news && !index {
        return Err(Error::NotAFeed { what: "a sitemap without news entries".to_owned() });
    }
    let mut flaws = walked.report.flaws(offset);
    let mut mode = if walked.report.mended() { ParseMode::Repaired } else { ParseMode::Strict };
    settle(&mut walked);
    if index {
        let sitemaps = walked.items.into_iter().map(|(said, _)| said).collect();
        return Ok(Raw {
            feed: walked.feed,
            entries: Vec::new(),
            sitemaps,
            format: Format::Sitemap,
            parse_mode: mode,
            flaws,
        });
    }
    for (position, (said, at)) in walked.items.iter().enumerate() {
        if says_nothing(said) {
            flaws.push(lost(position, offset(*at), "the item holds neither an id nor a link, title or text"));
        }
    }
    if mode == ParseMode::Repaired && flaws.iter().any(|flaw| flaw.kind == FlawKind::LostItem) {
        mode = ParseMode::Salvaged;
    }
    let format = match family {
        Family::Atom => Format::Atom,
        Family::Sitemap => Format::Sitemap,
        Family::Rss | Family::Rdf => Format::Rss,
    };
    let entries = walked.items.into_iter().map(|(said, _)| said).collect();
    Ok(Raw { feed: walked.feed, entries, sitemaps: Vec::new(), format, parse_mode: mode, flaws })
}

/// What can only be said when all was read.
fn settle(walked: &mut Walked) {
    let aside = &walked.aside;
    let period = aside.period.map(|period| period / aside.frequency.unwrap_or(1).max(1));
    walked.feed.ttl = walked.feed.ttl.or(period);
    let doubted = walked.items.iter().any(|(said, _)| dates(said).any(|date| date.doubt.is_some()));
    let habit = if !doubted { Habit::default() } else { habit(walked) };
    for said in walked.items.iter_mut().map(|(said, _)| said).chain([&mut walked.feed]) {
        enclosures(said);
        for date in [&mut said.published, &mut said.updated, &mut said.created, &mut said.expired]
            .into_iter()
            .flatten()
        {
            if let (Some(Doubt::Zone | Doubt::Order), Some(raw)) = (date.doubt, date.raw.as_deref()) {
                *date = Date::read_as(raw, &habit);
            }
        }
    }
}

/// What the dates of the items have in common.
fn habit(walked: &Walked) -> Habit {
    Habit::of(walked.items.iter().flat_map(|(said, _)| dates(said)).filter_map(|date| date.raw.as_deref()))
}

fn dates(said: &Said) -> impl Iterator<Item = &Date> {
    [&said.published, &said.updated].into_iter().flatten()
}

fn enclosures(said: &mut Said) {
    let is_one = |rel: Option<&str>| rel.is_some_and(|rel| rel.eq_ignore_ascii_case("enclosure"));
    said.enclosures = said.links.iter().filter(|link| is_one(link.rel.as_deref())).cloned().collect();
}

/// True when nothing but declarations and comments stands before the root.
fn prolog_is_clean(prolog: &str) -> bool {
    Lexer::new(prolog).all(|lexeme| match lexeme.token {
        Token::Skip => true,
        Token::Text(text) => text.trim().is_empty(),
        _ => false,
    })
}
