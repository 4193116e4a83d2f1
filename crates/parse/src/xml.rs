//! RSS and Atom: the ladder from strict over repaired to salvaged.

use crate::charset::Decoded;
use crate::dialect::Family;
use crate::lex::{Lexer, Token};
use crate::read::{self, Read};
use crate::report::{Mend, Report};
use crate::{Error, extra, guard, map, repair, salvage};
use model::{Flaw, FlawKind, Format, Parsed};
use record::ParseMode;
use std::ops::Range;

/// What a text is, and where it stands in the body.
struct Source {
    family: Family,
    /// Byte of the body at which the text begins, when the body is the text byte for byte.
    shift: Option<usize>,
}

impl Source {
    fn offset(&self, at: usize) -> Option<usize> {
        self.shift.map(|shift| shift + at)
    }

    fn format(&self) -> Format {
        if self.family == Family::Atom { Format::Atom } else { Format::Rss }
    }
}

/// Reads a feed whose root element stands at `start` of the decoded text.
pub(crate) fn parse(
    decoded: &Decoded<'_>,
    family: Family,
    start: usize,
    base: &str,
) -> Result<Parsed, Error> {
    let (prolog, text) = decoded.text.split_at(start);
    let source = Source { family, shift: decoded.shift.map(|shift| shift + start) };
    let base = guard::base_fits(base.len(), text).then_some(base);
    let clean_prolog = prolog_is_clean(prolog);
    if clean_prolog
        && let Some(items) = guard::plain(text, family)
        && let Ok(read) = read::feed(text, base)
        && read.feed.entries.len() >= items.len()
    {
        let places: Vec<_> = items.iter().map(|item| (item.clone(), item.start)).collect();
        return Ok(whole(&source, text, &places, &read, &Report::default()));
    }
    let mut mended = repair::mend(text, family);
    if !clean_prolog {
        mended.report.mend(Mend::Junk, 0);
    }
    match read::feed(&mended.text, base) {
        Ok(read) if read.feed.entries.len() >= mended.items.len() => {
            Ok(whole(&source, &mended.text, &mended.items, &read, &mended.report))
        }
        _ => pieces(&source, &mended, base),
    }
}

/// True when nothing but declarations and comments stands before the root.
fn prolog_is_clean(prolog: &str) -> bool {
    Lexer::new(prolog).all(|lexeme| match lexeme.token {
        Token::Skip => true,
        Token::Text(text) => text.trim().is_empty(),
        _ => false,
    })
}

/// A document that was read in one go.
fn whole(
    source: &Source,
    text: &str,
    items: &[(Range<usize>, usize)],
    read: &Read,
    report: &Report,
) -> Parsed {
    let format = source.format();
    let mut parsed = Parsed {
        meta: map::meta(read),
        entries: Vec::with_capacity(items.len()),
        flaws: report.flaws(|at| source.offset(at)),
        mode: if report.mended() { ParseMode::Repaired } else { ParseMode::Strict },
        format,
    };
    let known = read.feed.entries.len() == items.len();
    for (position, given) in read.feed.entries.iter().take(guard::MAX_ITEMS).enumerate() {
        let place = items.get(position).filter(|_| known);
        let extra =
            place.map(|(place, _)| extra::read(&text[place.clone()], source.family)).unwrap_or_default();
        let entry = map::entry(read, given, extra, format, position);
        keep(&mut parsed, entry, place.and_then(|(_, at)| source.offset(*at)));
    }
    parsed
}

/// A document that was read item by item.
fn pieces(source: &Source, mended: &repair::Mended, base: Option<&str>) -> Result<Parsed, Error> {
    let meta = salvage::meta(mended, base);
    if mended.items.is_empty() {
        let read = meta.map_err(|reason| Error::Unreadable { reason })?;
        return Ok(whole(source, &mended.text, &[], &read, &mended.report));
    }
    let format = source.format();
    let mut parsed = Parsed {
        meta: meta.map(|read| map::meta(&read)).unwrap_or_default(),
        entries: Vec::with_capacity(mended.items.len()),
        flaws: mended.report.flaws(|at| source.offset(at)),
        mode: ParseMode::Salvaged,
        format,
    };
    let read = salvage::items(mended, source.family, base);
    for (position, ((place, at), read)) in mended.items.iter().zip(read).enumerate() {
        let offset = source.offset(*at);
        match &read {
            Some(read) => {
                let extra = extra::read(&mended.text[place.clone()], source.family);
                let entry = map::entry(read, &read.feed.entries[0], extra, format, position);
                keep(&mut parsed, entry, offset);
            }
            None => parsed.flaws.push(lost(position, offset, "the item could not be read, even alone")),
        }
    }
    Ok(parsed)
}

/// Adds an entry, or the flaw that it holds nothing.
pub(crate) fn keep(parsed: &mut Parsed, entry: model::Entry, offset: Option<usize>) {
    if map::is_hollow(&entry) {
        parsed.flaws.push(lost(
            entry.position,
            offset,
            "the item holds neither an id nor a link, title or text",
        ));
    } else {
        parsed.entries.push(entry);
    }
}

pub(crate) fn lost(position: usize, offset: Option<usize>, detail: &str) -> Flaw {
    Flaw { kind: FlawKind::LostItem, item: Some(position), offset, detail: detail.to_owned() }
}
