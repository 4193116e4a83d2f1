//! News sitemaps: `<urlset>` with `news:` tags.

use crate::charset::Decoded;
use crate::guard::MAX_ITEMS;
use crate::lex::{Lexer, Token, local, prefix};
use crate::map::{clean, date, may_hold_markup, push_media};
use crate::refs::{all_plain, resolve};
use crate::report::{Mend, Report};
use crate::{Error, xml};
use model::{Category, Entry, FeedMeta, Format, Link, MediaLink, Parsed, Text, TextKind};
use record::ParseMode;

/// Keywords of one item.
const MAX_KEYWORDS: usize = 256;

struct Reader<'a> {
    parsed: Parsed,
    report: Report,
    /// The open `<url>`: what is known of it, and where it began.
    item: Option<(Entry, usize)>,
    field: Option<(&'a str, String)>,
    items: usize,
    news: bool,
    shift: Option<usize>,
}

/// Reads a sitemap whose root stands at `start` of the decoded text.
pub(crate) fn parse(decoded: &Decoded<'_>, start: usize) -> Result<Parsed, Error> {
    let text = &decoded.text[start..];
    let mut reader = Reader {
        parsed: Parsed {
            meta: FeedMeta::default(),
            entries: Vec::new(),
            flaws: Vec::new(),
            mode: ParseMode::Strict,
            format: Format::Sitemap,
        },
        report: Report::default(),
        item: None,
        field: None,
        items: 0,
        news: false,
        shift: decoded.shift.map(|shift| shift + start),
    };
    for lexeme in Lexer::new(text) {
        if lexeme.odd && lexeme.token != Token::Skip {
            reader.report.mend(Mend::Markup, lexeme.start);
        }
        match lexeme.token {
            Token::Open { name, empty, .. } if !reader.open(name, empty, lexeme.start) => break,
            Token::Open { .. } | Token::Skip => {}
            Token::Close(name) => reader.close(name, lexeme.start),
            Token::Text(text) => reader.text(text, false, lexeme.start),
            Token::CData(text) => reader.text(text, true, lexeme.start),
        }
    }
    reader.finish(text.len())
}

impl<'a> Reader<'a> {
    /// False once the document holds more items than the limit.
    fn open(&mut self, name: &'a str, empty: bool, at: usize) -> bool {
        self.news |= prefix(name) == "news" || matches!(local(name), "publication_date");
        if local(name) == "url" {
            if self.item.is_some() {
                self.report.mend(Mend::Unclosed, at);
                self.end_item();
            }
            if self.items == MAX_ITEMS {
                self.report.cut = Some(at);
                return false;
            }
            let position = self.items;
            self.items += 1;
            self.item = Some((Entry { position, ..Entry::default() }, at));
            if empty {
                self.end_item();
            }
        } else if !empty {
            self.field = Some((name, String::new()));
        }
        true
    }

    fn text(&mut self, text: &str, literal: bool, at: usize) {
        if let Some((_, field)) = &mut self.field {
            if literal {
                field.push_str(text);
            } else {
                if !all_plain(text) {
                    self.report.mend(Mend::Reference, at);
                }
                field.push_str(&resolve(text));
            }
        }
    }

    fn close(&mut self, name: &str, at: usize) {
        if local(name) == "url" {
            if self.item.is_none() {
                self.report.mend(Mend::Stray, at);
            }
            self.end_item();
        } else if let Some((open, text)) = self.field.take() {
            if open != name {
                self.report.mend(Mend::Unclosed, at);
            }
            if let Some(text) = clean(&text) {
                self.field(open, text);
            }
        }
    }

    fn field(&mut self, name: &str, text: String) {
        let Some((entry, _)) = &mut self.item else { return };
        match (prefix(name), local(name)) {
            ("image" | "video", "loc" | "thumbnail_loc" | "content_loc") => {
                push_media(&mut entry.media, MediaLink { url: text, ..MediaLink::default() });
            }
            ("image" | "video", _) => {}
            (_, "loc") => entry.links.push(Link { href: text, ..Link::default() }),
            (_, "lastmod") => entry.updated = Some(date(&text)),
            (_, "publication_date") => entry.published = Some(date(&text)),
            (_, "title") => {
                let kind = if may_hold_markup(&text) { TextKind::Html } else { TextKind::Plain };
                entry.title = Some(Text { value: text, kind });
            }
            (_, "language") => entry.language = Some(text),
            (_, "name") => self.parsed.meta.title = self.parsed.meta.title.take().or(Some(text)),
            (_, "keywords") => {
                let terms = text.split(',').filter_map(clean).take(MAX_KEYWORDS);
                entry.categories.extend(terms.map(|term| Category { term, ..Category::default() }));
            }
            _ => {}
        }
    }

    fn end_item(&mut self) {
        self.field = None;
        if let Some((entry, at)) = self.item.take() {
            let offset = self.shift.map(|shift| shift + at);
            xml::keep(&mut self.parsed, entry, offset);
        }
    }

    fn finish(mut self, end: usize) -> Result<Parsed, Error> {
        if self.item.is_some() {
            self.report.mend(Mend::Unclosed, end);
            self.end_item();
        }
        if !self.news {
            return Err(Error::NotAFeed { what: "a sitemap without news entries".to_owned() });
        }
        let shift = self.shift;
        self.parsed.flaws.splice(0..0, self.report.flaws(|at| shift.map(|shift| shift + at)));
        if self.report.mended() {
            self.parsed.mode = ParseMode::Repaired;
        }
        Ok(self.parsed)
    }
}
