//! Rewrites a broken or dangerous XML feed as a harmless, well-formed one that says the same.
//!
//! One pass over the tokens, a bounded stack, and output that feed-rs cannot misread: no DOCTYPE,
//! comment or processing instruction, every element closed, every prefix declared, markup inside texts
//! escaped. Work is linear in the length of the text.

use crate::dialect::{Family, names_person, usual};
use crate::guard::{MAX_DEPTH, MAX_ELEMENTS, MAX_GROUPS, MAX_ITEM_ELEMENTS, MAX_ITEMS, bases_are_harmless};
use crate::lex::{Lexeme, Lexer, Token, local, prefix};
use crate::refs;
use crate::report::{Mend, Report};
use crate::tag::{Tag, ends_text, write_attributes};
use std::ops::Range;

/// A feed rewritten.
#[derive(Debug, Default)]
pub(crate) struct Mended {
    pub(crate) text: String,
    /// Items: where they are in `text`, and the byte of the source at which they began.
    pub(crate) items: Vec<(Range<usize>, usize)>,
    /// Attributes of the root element, as written.
    pub(crate) root_attributes: String,
    pub(crate) report: Report,
}

/// What an open element does with its tags and its inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Emit {
    /// Both are written.
    All,
    /// The tags are written, the inside is not.
    Hollow,
    /// The inside is written, the tags are not.
    Inside,
    /// Neither is written.
    Nothing,
}

#[derive(Debug)]
struct Frame<'a> {
    name: &'a str,
    written: &'a str,
    emit: Emit,
    /// Output before the start tag, and after it.
    start: usize,
    body: usize,
    /// Prefixes in scope before it.
    prefixes: usize,
    /// Source position of an item.
    item: Option<usize>,
    text: Option<Flat>,
}

/// An element whose inside is one text: markup in it is escaped.
#[derive(Clone, Copy, Debug, Default)]
struct Flat {
    /// Elements of the same name open inside.
    nested: usize,
    /// XHTML: its source is the text.
    raw: bool,
    /// Where the output says `text` and has to say `html` once markup turns up.
    type_at: Option<usize>,
}

#[derive(Debug)]
pub(crate) struct Rewriter<'a> {
    source: &'a str,
    family: Family,
    out: Mended,
    stack: Vec<Frame<'a>>,
    pub(crate) prefixes: Vec<&'a str>,
    pub(crate) keep_base: bool,
    pub(crate) atom03: bool,
    /// Open elements that are left out because of a limit.
    ignored: usize,
    /// Open elements whose inside is not written.
    silent: usize,
    elements: usize,
    item_elements: usize,
    groups: usize,
    /// The root was closed: only items still count.
    ended: bool,
    done: bool,
}

/// Rewrites `text`, a feed of `family`.
pub(crate) fn mend(text: &str, family: Family) -> Mended {
    let mut rewriter = Rewriter {
        source: text,
        family,
        out: Mended { text: String::with_capacity(text.len() + text.len() / 8 + 64), ..Mended::default() },
        stack: Vec::new(),
        prefixes: vec!["xml"],
        keep_base: bases_are_harmless(text),
        atom03: false,
        ignored: 0,
        silent: 0,
        elements: 0,
        item_elements: 0,
        groups: 0,
        ended: false,
        done: false,
    };
    if !rewriter.keep_base {
        rewriter.out.report.bomb("xml:base would be copied until the memory is full; it is ignored", 0);
    }
    for lexeme in Lexer::new(text) {
        rewriter.step(lexeme);
        if rewriter.done {
            break;
        }
    }
    rewriter.finish()
}

impl<'a> Rewriter<'a> {
    pub(crate) fn note(&mut self, kind: Mend, at: usize) {
        self.out.report.mend(kind, at);
    }

    pub(crate) fn defuse(&mut self, what: &'static str, at: usize) {
        self.out.report.bomb(what, at);
    }

    fn step(&mut self, lexeme: Lexeme<'a>) {
        if lexeme.odd && lexeme.token != Token::Skip && !self.beside() {
            self.note(Mend::Markup, lexeme.start);
        }
        match lexeme.token {
            Token::Skip => {}
            Token::Text(text) => self.text(text, lexeme.start, false),
            Token::CData(text) => self.text(text, lexeme.start, true),
            Token::Open { name, attrs, empty } => {
                self.open(Tag { name, attrs, empty }, lexeme.start, lexeme.end)
            }
            Token::Close(name) => self.close(name, lexeme.start, lexeme.end),
        }
    }

    /// True where nothing belongs to the feed: before the root, or after it.
    fn beside(&self) -> bool {
        self.stack.is_empty() || self.ended && self.stack.len() <= self.container()
    }

    /// Open elements around an item.
    fn container(&self) -> usize {
        if self.family == Family::Rss { 2 } else { 1 }
    }

    fn text(&mut self, text: &str, at: usize, cdata: bool) {
        if self.beside() {
            if !text.trim().is_empty() {
                self.note(Mend::Junk, at);
            }
            return;
        }
        if self.silent > 0 || self.ignored > 0 {
            return;
        }
        let Some(frame) = self.stack.last() else { return };
        let out = &mut self.out.text;
        if frame.text.is_some_and(|flat| flat.raw) {
            // The source of XHTML becomes the text; what CDATA held was escaped by it.
            if cdata {
                let mut once = String::with_capacity(text.len());
                refs::escape(text, &mut once);
                refs::escape(&once, out);
            } else {
                refs::escape(text, out);
            }
        } else if names_person(frame.name) && text.contains('@') && !text.is_ascii() {
            let spaced = refs::space_addresses(text);
            if cdata {
                refs::escape(&spaced, out);
            } else if refs::mend(&spaced, out) {
                self.note(Mend::Reference, at);
            }
        } else if cdata {
            out.push_str("<![CDATA[");
            out.push_str(text);
            out.push_str("]]>");
        } else if refs::mend(text, out) {
            self.note(Mend::Reference, at);
        }
    }

    fn open(&mut self, tag: Tag<'a>, start: usize, end: usize) {
        // A prefixed namesake inside an item is something else.
        let item = self.family.is_item(tag.name) && (prefix(tag.name).is_empty() || !self.in_item());
        if item {
            if self.out.items.len() + usize::from(self.in_item()) >= MAX_ITEMS {
                self.out.report.cut = Some(start);
                self.done = true;
                return;
            }
            self.make_room_for_item(start);
        } else if self.ended && self.stack.len() <= self.container() {
            self.note(Mend::Junk, start);
            return;
        } else if let Some(frame) = self.stack.last_mut()
            && let Some(flat) = frame.text.as_mut()
        {
            if !ends_text(self.family, frame.name, &tag) {
                flat.nested += usize::from(tag.name == frame.name && !tag.empty);
                self.flat_markup(start, end);
                return;
            }
            self.note(Mend::Unclosed, start);
            self.pop();
        }
        if self.ignored > 0 {
            self.ignored += usize::from(!tag.empty);
            return;
        }
        if !self.make_room_for_root(&tag, start) {
            return;
        }
        if self.over_limit(&tag, start) {
            self.ignored += usize::from(!tag.empty);
            return;
        }
        self.push(&tag, start, item.then_some(start));
    }

    fn in_item(&self) -> bool {
        self.stack.get(self.container()).is_some_and(|frame| frame.item.is_some())
    }

    /// Markup inside a text: its source, escaped.
    fn flat_markup(&mut self, start: usize, end: usize) {
        if self.silent > 0 || self.ignored > 0 {
            return;
        }
        if let Some(at) = self.stack.last_mut().and_then(|frame| frame.text.as_mut()?.type_at.take()) {
            self.out.text.replace_range(at..at + 4, "html");
        }
        refs::escape(&self.source[start..end], &mut self.out.text);
    }

    /// Closes what is open above the place where items stand.
    fn make_room_for_item(&mut self, at: usize) {
        self.ignored = 0;
        (self.item_elements, self.groups) = (0, 0);
        if self.stack.len() > self.container() {
            self.note(Mend::Unclosed, at);
        }
        while self.stack.len() > self.container() {
            self.pop();
        }
    }

    /// Sees to the root and the channel. False when the tag is one that is already there.
    fn make_room_for_root(&mut self, tag: &Tag<'a>, at: usize) -> bool {
        let root = self.family.is_root(tag.name);
        if self.stack.is_empty() {
            if root {
                self.push_root(tag, at);
                return false;
            }
            self.note(Mend::Root, at);
            let name = match self.family {
                Family::Atom => "feed",
                Family::Rdf => "rdf:RDF",
                Family::Rss | Family::Sitemap => "rss",
            };
            self.push_root(&Tag { name, attrs: "", empty: false }, at);
        } else if root {
            self.note(Mend::Junk, at);
            return false;
        }
        if self.family == Family::Rss {
            let channel = tag.name.eq_ignore_ascii_case("channel");
            match (self.stack.len(), channel) {
                (1, true) => return true,
                (1, false) => {
                    self.note(Mend::Root, at);
                    self.push(&Tag { name: "channel", attrs: "", empty: false }, at, None);
                }
                (2, true) => {
                    self.note(Mend::Junk, at);
                    return false;
                }
                _ => {}
            }
        }
        true
    }

    fn over_limit(&mut self, tag: &Tag<'a>, at: usize) -> bool {
        self.elements += 1;
        self.item_elements += 1;
        if self.elements > MAX_ELEMENTS {
            self.defuse("the document holds more elements than any feed; the rest is left", at);
            self.done = true;
            return true;
        }
        if self.stack.len() >= MAX_DEPTH {
            self.defuse("elements are nested deeper than in any feed; the deepest are left out", at);
            return true;
        }
        if self.item_elements > MAX_ITEM_ELEMENTS && self.in_item() {
            self.defuse("an item holds more elements than any article; the rest is left out", at);
            return true;
        }
        self.groups += usize::from(local(tag.name) == "group");
        if self.groups > MAX_GROUPS {
            self.defuse("an item holds too many media groups; they are read as one", at);
        }
        false
    }

    fn emit(&self, tag: &Tag<'a>) -> Emit {
        match (local(tag.name), prefix(tag.name)) {
            // What feed-rs panics on, copies without bound or loses the feed over, and nobody reads.
            ("rating" | "duration", _) | ("person", "podcast") => Emit::Nothing,
            ("group", _) if self.groups > MAX_GROUPS => Emit::Inside,
            _ => Emit::All,
        }
    }

    fn push_root(&mut self, tag: &Tag<'a>, at: usize) {
        let root = crate::tag::root(self, tag, self.family, at);
        self.out.text.push('<');
        self.out.text.push_str(root.name);
        let start = self.out.text.len();
        write_attributes(self, &root.attributes, at);
        self.out.root_attributes = self.out.text[start..].to_owned();
        self.out.text.push('>');
        self.stack.push(Frame {
            name: tag.name,
            written: root.name,
            emit: Emit::All,
            start: 0,
            body: self.out.text.len(),
            prefixes: self.prefixes.len(),
            item: None,
            text: None,
        });
    }

    fn push(&mut self, tag: &Tag<'a>, at: usize, item: Option<usize>) {
        let prefixes = self.prefixes.len();
        let start = self.out.text.len();
        let mut emit = self.emit(tag);
        let mut text = None;
        let mut written = tag.name;
        if self.silent == 0 && emit == Emit::All {
            let element = crate::tag::element(self, tag, self.family, at);
            written = element.name;
            self.out.text.push('<');
            self.out.text.push_str(written);
            let type_at = write_attributes(self, &element.attributes, at);
            self.out.text.push('>');
            if element.hollow {
                emit = Emit::Hollow;
            }
            let flat = self.family.holds_text(tag.name) && emit == Emit::All;
            text = flat.then_some(Flat { nested: 0, raw: element.raw, type_at });
        }
        self.silent += usize::from(matches!(emit, Emit::Nothing | Emit::Hollow));
        let body = self.out.text.len();
        self.stack.push(Frame { name: tag.name, written, emit, start, body, prefixes, item, text });
        if tag.empty {
            self.pop();
        }
    }

    fn pop(&mut self) {
        let Some(frame) = self.stack.pop() else { return };
        self.prefixes.truncate(frame.prefixes);
        self.silent -= usize::from(matches!(frame.emit, Emit::Nothing | Emit::Hollow));
        if self.silent == 0 && matches!(frame.emit, Emit::All | Emit::Hollow) {
            let hollow_title = frame.body == self.out.text.len()
                && matches!(local(frame.name), "title" | "description" | "summary")
                && !prefix(frame.name).is_empty();
            if hollow_title {
                // feed-rs loses the whole feed over an empty media:title.
                self.out.text.truncate(frame.start);
            } else {
                self.out.text.push_str("</");
                self.out.text.push_str(frame.written);
                self.out.text.push('>');
            }
        }
        if let Some(source) = frame.item {
            self.out.items.push((frame.start..self.out.text.len(), source));
            (self.item_elements, self.groups) = (0, 0);
        }
    }

    fn close(&mut self, name: &'a str, start: usize, end: usize) {
        let item = self.closes_item(name);
        let structural = item
            || self.family.is_root(name)
            || self.family == Family::Rss && name.eq_ignore_ascii_case("channel");
        if !structural
            && let Some(frame) = self.stack.last_mut()
            && let Some(flat) = frame.text.as_mut()
        {
            if frame.name != name || flat.nested > 0 {
                flat.nested -= usize::from(frame.name == name);
                self.flat_markup(start, end);
            } else {
                self.pop();
            }
            return;
        }
        if structural {
            self.close_structure(name, item, start);
        } else if self.ignored > 0 {
            self.ignored -= 1;
        } else if !self.beside() {
            self.close_element(name, start);
        }
    }

    fn closes_item(&self, name: &str) -> bool {
        let own = || self.stack.get(self.container()).is_some_and(|frame| frame.name == name);
        self.family.is_item(name) && (prefix(name).is_empty() || own())
    }

    fn close_structure(&mut self, name: &str, item: bool, at: usize) {
        let kept = match item {
            true if !self.in_item() => return self.note(Mend::Stray, at),
            true => self.container(),
            // The root and the channel stay open to the end, so that items after them are not lost.
            false => self.container().min(self.stack.len()),
        };
        let expected = kept + usize::from(item);
        if self.stack.len() > expected {
            self.note(Mend::Unclosed, at);
        }
        while self.stack.len() > kept {
            self.pop();
        }
        self.ignored = 0;
        self.ended |= self.family.is_root(name);
    }

    fn close_element(&mut self, name: &str, at: usize) {
        let floor = self.container() + usize::from(self.in_item());
        let above = self.stack.get(floor.min(self.stack.len())..).unwrap_or_default();
        let found = above
            .iter()
            .rposition(|frame| frame.name == name)
            .or_else(|| above.iter().rposition(|frame| frame.name.eq_ignore_ascii_case(name)));
        let Some(found) = found else {
            return self.note(Mend::Stray, at);
        };
        if floor + found + 1 < self.stack.len() {
            self.note(Mend::Unclosed, at);
        }
        while self.stack.len() > floor + found {
            self.pop();
        }
    }

    fn finish(mut self) -> Mended {
        let open = if self.ended { self.container() } else { 0 };
        if self.stack.len() > open && !self.done {
            self.note(Mend::Unclosed, self.source.len());
        }
        while !self.stack.is_empty() {
            self.pop();
        }
        self.out
    }

    pub(crate) fn output(&mut self) -> &mut String {
        &mut self.out.text
    }

    /// Declares the prefix of `name` when nothing does; what to write for it.
    pub(crate) fn undeclared(&mut self, name: &'a str, at: usize) -> Option<(&'a str, &'static str)> {
        let prefix = prefix(name);
        if prefix.is_empty() || self.prefixes.contains(&prefix) {
            return None;
        }
        self.note(Mend::Prefix, at);
        self.prefixes.push(prefix);
        Some((prefix, usual(prefix)))
    }
}
