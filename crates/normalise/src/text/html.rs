//! Reads text out of markup in one forward pass, as a browser would show it and without a tree.
//!
//! Every search that ends at the end of the input is remembered as hopeless, and a region that is
//! skipped but never closed is taken back at most once for each kind: the work stays linear whatever
//! the input.

use super::build::{Builder, Gap};
use super::entities::{self, Meaning};
use super::safe::Safe;
use super::tags::{Kind, Tag, hides, is_furniture, kind, tag_end, tag_name};
use ::url::Url;
use memchr::{memchr, memmem};

/// Bytes of a form that is only a form, or of a box that is only a box. Some systems put whole pages into
/// one: a longer one is shown.
const BOX_MAX: usize = 8_192;

/// What one pass found.
pub(super) struct Pass {
    /// The text.
    pub(super) text: String,
    /// How many tags there were.
    pub(super) tags: usize,
    /// True when the markup shows code, in which escapes mean themselves.
    pub(super) code: bool,
    /// The markup that may be shown, where it was asked for.
    pub(super) safe: Option<String>,
}

/// A region that is not shown, up to its closing tag.
struct Skip<'a> {
    name: &'a str,
    depth: usize,
    resume: usize,
    why: Why,
}

/// Why a region is not shown.
#[derive(Clone, Copy, PartialEq)]
enum Why {
    Name,
    Hidden,
    Furniture,
}

struct Scanner<'a> {
    html: &'a str,
    at: usize,
    out: Builder,
    safe: Option<Safe<'a>>,
    skip: Option<Skip<'a>>,
    /// Names of regions that were never closed: they are shown after all.
    shown: Vec<&'a str>,
    hidden_shown: bool,
    furniture_shown: bool,
    quotes_broken: bool,
    /// From here on there is no `>`, and no end of a comment.
    tags_until: usize,
    comments_until: usize,
    /// Inside a CDATA section, which HTML does not know: its marks go, its content stays.
    section: bool,
    lists: usize,
    pre: usize,
    tags: usize,
    code: bool,
}

/// The text of `html`, about `max` characters at most; with a `base`, safe markup, too.
pub(super) fn scan(html: &str, max: usize, base: Option<&Url>) -> Pass {
    let mut scanner = Scanner {
        html,
        at: 0,
        out: Builder::new(max, html.len()),
        safe: base.map(|base| Safe::new(base, html.len())),
        skip: None,
        shown: Vec::new(),
        hidden_shown: false,
        furniture_shown: false,
        quotes_broken: false,
        tags_until: html.len(),
        comments_until: html.len(),
        section: false,
        lists: 0,
        pre: 0,
        tags: 0,
        code: false,
    };
    scanner.run();
    let safe = scanner.safe.map(Safe::finish);
    Pass { text: scanner.out.finish(), tags: scanner.tags, code: scanner.code, safe }
}

/// Appends text without tags: references resolved, line ends kept when `lines`.
pub(super) fn push_resolved(out: &mut Builder, text: &str, lines: bool) {
    let mut rest = text;
    loop {
        let end = memchr(b'&', rest.as_bytes()).unwrap_or(rest.len());
        let (plain, tail) = rest.split_at(end);
        if lines {
            out.push_lines(plain)
        } else {
            out.push_str(plain)
        }
        if tail.is_empty() {
            return;
        }
        let length = match entities::read(tail) {
            Some((meaning, length, _)) => {
                match meaning {
                    Meaning::Char(c) => out.push(c),
                    Meaning::Text(text) => text.chars().for_each(|c| out.push(c)),
                    Meaning::Nothing => {}
                }
                length
            }
            None => {
                out.push('&');
                1
            }
        };
        rest = &tail[length..];
    }
}

impl<'a> Scanner<'a> {
    fn run(&mut self) {
        loop {
            let rest = &self.html[self.at..];
            let open = memchr(b'<', &rest.as_bytes()[..self.tags_until.saturating_sub(self.at)]);
            self.text(&rest[..open.unwrap_or(rest.len())]);
            match open {
                Some(offset) => {
                    self.at += offset;
                    self.markup();
                }
                None if self.skip.is_some() => self.take_back(),
                None => return,
            }
        }
    }

    fn text(&mut self, text: &str) {
        if self.skip.is_some() {
            return;
        }
        let section_end = if self.section { text.split_once("]]>") } else { None };
        if let Some((inside, after)) = section_end {
            self.section = false;
            self.shown_text(inside);
            self.shown_text(after);
        } else {
            self.shown_text(text);
        }
    }

    fn shown_text(&mut self, text: &str) {
        push_resolved(&mut self.out, text, self.pre > 0);
        if let Some(safe) = &mut self.safe {
            safe.text(text);
        }
    }

    /// The region that is being skipped has no end, or is the text itself: go back and show it.
    fn take_back(&mut self) {
        let Some(skip) = self.skip.take() else { return };
        match skip.why {
            Why::Name => self.shown.push(skip.name),
            Why::Hidden => self.hidden_shown = true,
            Why::Furniture => self.furniture_shown = true,
        }
        self.at = skip.resume;
    }

    /// At a `<`.
    fn markup(&mut self) {
        let rest = &self.html[self.at..];
        match rest.as_bytes().get(1) {
            Some(b'/' | b'a'..=b'z' | b'A'..=b'Z') => self.tag(),
            Some(b'!' | b'?') => self.declaration(rest),
            _ => {
                self.text("<");
                self.at += 1;
            }
        }
    }

    fn declaration(&mut self, rest: &str) {
        const CDATA: &str = "<![CDATA[";
        if rest.starts_with(CDATA) {
            self.section = true;
            self.at += CDATA.len();
            return;
        }
        if rest.starts_with("<!--") && self.at < self.comments_until {
            if let Some(end) = memmem::find(rest.as_bytes(), b"-->") {
                self.at += end + 3;
                return;
            }
            self.comments_until = self.at;
        }
        match memchr(b'>', rest.as_bytes()) {
            Some(end) => self.at += end + 1,
            None => self.no_more_tags(),
        }
    }

    /// Nothing from here on can be a tag. One that was cut off in the middle goes, a lone `<` is text.
    fn no_more_tags(&mut self) {
        self.tags_until = self.at;
        let rest = &self.html[self.at..];
        if rest.contains('=') || !rest.contains(char::is_whitespace) {
            self.html = &self.html[..self.at];
        }
    }

    fn tag(&mut self) {
        let Some(tag) = self.read_tag() else { return };
        self.tags += 1;
        let what = kind(tag.name);
        if what == Kind::Raw && !tag.closing && !tag.empty {
            return self.raw(tag.name);
        }
        if self.skip.is_some() {
            return self.skipped(&tag);
        }
        if let Some(why) = self.why_not(what, &tag) {
            self.skip = Some(Skip { name: tag.name, depth: 1, resume: self.at, why });
            return;
        }
        if let Some(safe) = &mut self.safe {
            safe.tag(&tag);
        }
        self.apply(what, tag.closing);
    }

    /// Why the region that a tag begins is not shown; none when it is, or when the tag begins none.
    fn why_not(&self, what: Kind, tag: &Tag<'_>) -> Option<Why> {
        if tag.closing || tag.empty || matches!(what, Kind::Void | Kind::Break | Kind::Rule) {
            return None;
        }
        let shown = || self.shown.iter().any(|name| name.eq_ignore_ascii_case(tag.name));
        if what == Kind::Skip && !shown() {
            Some(Why::Name)
        } else if !self.hidden_shown && hides(tag.attributes) {
            Some(Why::Hidden)
        } else if !self.furniture_shown && is_furniture(tag.attributes) {
            Some(Why::Furniture)
        } else {
            None
        }
    }

    /// Reads the tag at the cursor and moves past it; without an end it is text.
    fn read_tag(&mut self) -> Option<Tag<'a>> {
        let rest = &self.html[self.at..];
        let Some(end) = tag_end(rest.as_bytes(), &mut self.quotes_broken) else {
            self.no_more_tags();
            return None;
        };
        self.at += end + 1;
        let inside = &rest[1..end];
        let closing = inside.starts_with('/');
        let inside = inside.strip_prefix('/').unwrap_or(inside);
        let name = tag_name(inside);
        let attributes = &inside[name.len()..];
        Some(Tag { name, attributes, closing, empty: attributes.trim_end().ends_with('/') })
    }

    /// Jumps over an element whose content is not markup.
    fn raw(&mut self, name: &'a str) {
        if self.shown.iter().any(|shown| shown.eq_ignore_ascii_case(name)) {
            return;
        }
        let rest = &self.html.as_bytes()[self.at..];
        let ends = memmem::find_iter(rest, b"</").find(|at| {
            let found = rest.get(at + 2..at + 2 + name.len());
            found.is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
        });
        match ends {
            // The closing tag is read as any other.
            Some(end) => self.at += end,
            None if is_program(name) => self.at = self.html.len(),
            None => self.shown.push(name),
        }
    }

    fn skipped(&mut self, tag: &Tag<'_>) {
        let Some(skip) = &mut self.skip else { return };
        if !tag.name.eq_ignore_ascii_case(skip.name) || (tag.empty && !tag.closing) {
            return;
        }
        // A paragraph ends where the next begins.
        let ends = tag.closing || tag.name.eq_ignore_ascii_case("p");
        skip.depth = if ends { skip.depth - 1 } else { skip.depth + 1 };
        if skip.depth > 0 {
            return;
        }
        let is_box = skip.why == Why::Furniture || skip.name.eq_ignore_ascii_case("form");
        if is_box && self.at - skip.resume > BOX_MAX {
            return self.take_back();
        }
        self.skip = None;
        self.out.part(Gap::Space);
    }

    fn apply(&mut self, what: Kind, closing: bool) {
        let block = if self.lists > 0 { Gap::Line } else { Gap::Paragraph };
        match what {
            Kind::Paragraph | Kind::Rule => self.out.part(block),
            Kind::Line => self.out.part(Gap::Line),
            Kind::Cell => self.out.part(Gap::Space),
            Kind::Break => self.out.break_line(),
            Kind::List => {
                self.lists = if closing { self.lists.saturating_sub(1) } else { self.lists + 1 };
                let outer = if closing { self.lists == 0 } else { self.lists == 1 };
                self.out.part(if outer { Gap::Paragraph } else { Gap::Line });
            }
            Kind::Pre => {
                self.code = true;
                self.pre = if closing { self.pre.saturating_sub(1) } else { self.pre + 1 };
                self.out.part(block);
            }
            Kind::Code => self.code = true,
            Kind::Skip => self.out.part(Gap::Space),
            Kind::Inline | Kind::Void | Kind::Raw => {}
        }
    }
}

/// What an unclosed `<script>` or `<style>` leaves is no text.
fn is_program(name: &str) -> bool {
    name.eq_ignore_ascii_case("script") || name.eq_ignore_ascii_case("style")
}
