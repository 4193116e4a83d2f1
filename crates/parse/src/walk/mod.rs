//! The one walk over the markup of a feed, as tolerant as a reader can be: whatever order, nesting, namespace
//! or damage, each piece goes to the field that it was meant for.
//!
//! A bounded stack of open elements, no recursion, no expansion of anything; work and memory are linear in the
//! length of the text.

mod field;
mod person;
mod scope;
mod text;

use crate::dialect::{El, Family, Ns, element, is_namesake};
use crate::lex::{Lexeme, Lexer, Token, attributes, local, prefix};
use crate::limits::{MAX_ATTRIBUTES, MAX_DEPTH, MAX_ELEMENTS, MAX_ITEM_ELEMENTS, MAX_ITEMS};
use crate::raw::{Person, Said};
use crate::refs;
use crate::report::{Mend, Report};
use person::Role;
use scope::Scope;
use std::borrow::Cow;
use text::Flat;
use url::Url;

/// What a walk brings home.
#[derive(Debug, Default)]
pub(crate) struct Walked {
    pub(crate) feed: Said,
    /// Items, and the byte of the text at which each began.
    pub(crate) items: Vec<(Said, usize)>,
    pub(crate) report: Report,
    pub(crate) aside: Aside,
}

/// What is said of neither feed nor items.
#[derive(Debug, Default)]
pub(crate) struct Aside {
    /// Something of a news sitemap was seen.
    pub(crate) news: bool,
    /// `sy:updatePeriod`, minutes, and how often in it.
    pub(crate) period: Option<u32>,
    pub(crate) frequency: Option<u32>,
}

/// Attributes of a tag: name as written, value with its references resolved.
type Attributes<'a> = Vec<(&'a str, Cow<'a, str>)>;

/// An open element.
#[derive(Debug)]
struct Frame<'a> {
    name: &'a str,
    el: El,
    /// The characters in it so far.
    text: String,
    flat: Option<Flat>,
    attributes: Attributes<'a>,
    at: usize,
}

/// Containers that change what their inside says something of.
#[derive(Debug, Default)]
struct Inside {
    /// The open item.
    item: Option<Box<Said>>,
    item_at: usize,
    /// The source of the item, and the depth of its element.
    source: Option<(Box<Said>, usize)>,
    /// Depth of an open `image`, of an open `textInput`.
    image: Option<usize>,
    text_input: Option<usize>,
    /// An open person.
    person: Option<(Role, Person, usize)>,
    depths: [Depths; 3],
}

/// Depth at which a field was found: what stands higher up says more of the whole.
#[derive(Clone, Copy, Debug, Default)]
struct Depths {
    title: Option<usize>,
    subtitle: Option<usize>,
    summary: Option<usize>,
    rights: Option<usize>,
    id: Option<usize>,
}

#[derive(Debug)]
struct Walk<'a> {
    source: &'a str,
    family: Family,
    stack: Vec<Frame<'a>>,
    scope: Scope<'a>,
    inside: Inside,
    out: Walked,
    /// Open elements that are left out because of a limit.
    ignored: usize,
    elements: usize,
    item_elements: usize,
    ended: bool,
    done: bool,
    spare: Vec<Attributes<'a>>,
}

/// Reads `text`, a feed of `family`, whose address is `base`.
pub(crate) fn read(text: &str, family: Family, base: Option<&Url>) -> Walked {
    let mut walk = Walk {
        source: text,
        family,
        stack: Vec::new(),
        scope: Scope::new(base, text.len()),
        inside: Inside::default(),
        out: Walked::default(),
        ignored: 0,
        elements: 0,
        item_elements: 0,
        ended: false,
        done: false,
        spare: Vec::new(),
    };
    for lexeme in Lexer::new(text) {
        walk.step(&lexeme);
        if walk.done {
            break;
        }
    }
    walk.finish()
}

impl<'a> Walk<'a> {
    fn note(&mut self, kind: Mend, at: usize) {
        self.out.report.mend(kind, at);
    }

    fn step(&mut self, lexeme: &Lexeme<'a>) {
        if lexeme.odd && lexeme.token != Token::Skip {
            self.note(if self.beside() { Mend::Junk } else { Mend::Markup }, lexeme.start);
        }
        match lexeme.token {
            Token::Skip => {}
            Token::Text(text) => self.text(text, lexeme.start),
            Token::CData(text) => self.cdata(text, lexeme.start),
            Token::Open { name, attrs, empty } => self.open(name, attrs, empty, lexeme.start),
            Token::Close(name) => self.close(name, lexeme.start),
        }
    }

    /// True where nothing belongs to the feed: before the root, or after it.
    fn beside(&self) -> bool {
        self.stack.is_empty()
    }

    fn text(&mut self, text: &str, at: usize) {
        let Some(frame) = self.stack.last_mut() else {
            if !text.trim().is_empty() {
                self.note(Mend::Junk, at);
            }
            return;
        };
        if self.ignored > 0 || frame.el.is_mute() {
            return;
        }
        let mended = match &frame.flat {
            Some(flat) if flat.is_markup() => refs::markup(text, false, &mut frame.text),
            _ => refs::resolve_into(text, &mut frame.text),
        };
        if mended {
            self.note(Mend::Reference, at);
        }
    }

    fn cdata(&mut self, text: &str, at: usize) {
        let Some(frame) = self.stack.last_mut() else {
            self.note(Mend::Junk, at);
            return;
        };
        if self.ignored > 0 || frame.el.is_mute() {
            return;
        }
        match &frame.flat {
            Some(flat) if flat.is_markup() => refs::escape(text, &mut frame.text),
            _ => frame.text.push_str(text),
        }
    }

    fn open(&mut self, name: &'a str, attrs: &'a str, empty: bool, at: usize) {
        let item = self.family.is_item(name) && !is_namesake(name, self.inside.item.is_some());
        if item {
            if self.out.items.len() + usize::from(self.inside.item.is_some()) >= MAX_ITEMS {
                self.out.report.cut = Some(at);
                self.done = true;
                return;
            }
            self.make_room_for_item(at);
        } else if let Some(frame) = self.stack.last_mut()
            && let Some(flat) = &mut frame.flat
        {
            if !text::ends_text(self.family, frame.el, name, attrs) {
                if self.ignored == 0 {
                    flat.open(&mut frame.text, frame.name, name, attrs, empty);
                }
                return;
            }
            self.note(Mend::Unclosed, at);
            self.pop();
        }
        if self.ignored > 0 || self.over_limit(at) {
            self.ignored += usize::from(!empty);
            return;
        }
        let attributes = self.attributes(attrs, at);
        self.scope.enter(self.stack.len(), &attributes);
        let ns = self.namespace(name, at);
        let el = if item { El::Item } else { element(self.family, ns, name) };
        self.out.aside.news |= ns == Ns::News || el == El::NewsName;
        self.push(Frame { name, el, text: String::new(), flat: None, attributes, at }, empty);
    }

    /// Opens an element of the feed itself.
    fn push(&mut self, frame: Frame<'a>, empty: bool) {
        let (name, at, el) = (frame.name, frame.at, frame.el);
        if el == El::Frame && self.stack.iter().any(|open| open.name.eq_ignore_ascii_case(name)) {
            self.note(Mend::Junk, at);
        }
        if self.stack.is_empty() {
            if self.ended && el != El::Item {
                self.note(Mend::Junk, at);
            }
            if el != El::Frame {
                self.note(Mend::Root, at);
            }
        }
        self.stack.push(frame);
        self.begin();
        if empty {
            self.pop();
        }
    }

    fn attributes(&mut self, attrs: &'a str, at: usize) -> Attributes<'a> {
        let mut kept = self.spare.pop().unwrap_or_default();
        if attrs.is_empty() {
            return kept;
        }
        let mut bad = false;
        for (count, (key, value, odd)) in attributes(attrs).enumerate() {
            if count >= MAX_ATTRIBUTES {
                self.out.report.bomb("a tag has more attributes than any feed; the rest is left out", at);
                break;
            }
            let double = kept.iter().any(|(known, _)| *known == key);
            bad |= odd || double;
            if !double {
                let (value, mended) = refs::resolved(value);
                bad |= mended;
                kept.push((key, value));
            }
        }
        if bad {
            self.note(Mend::Attribute, at);
        }
        kept
    }

    fn namespace(&mut self, name: &str, at: usize) -> Ns {
        let prefix = prefix(name);
        self.scope.namespace(prefix).unwrap_or_else(|| {
            if !prefix.is_empty() {
                self.note(Mend::Prefix, at);
            }
            crate::dialect::usual(prefix)
        })
    }

    fn over_limit(&mut self, at: usize) -> bool {
        self.elements += 1;
        self.item_elements += 1;
        if self.elements > MAX_ELEMENTS {
            self.out.report.bomb("the document holds more elements than any feed; the rest is left", at);
            self.done = true;
            return true;
        }
        if self.stack.len() >= MAX_DEPTH {
            self.out.report.bomb("elements are nested deeper than in any feed; the deepest are left out", at);
            return true;
        }
        if self.item_elements > MAX_ITEM_ELEMENTS && self.inside.item.is_some() {
            self.out.report.bomb("an item holds more elements than any article; the rest is left out", at);
            return true;
        }
        false
    }

    /// Closes what is open above the place where items stand.
    fn make_room_for_item(&mut self, at: usize) {
        self.ignored = 0;
        self.item_elements = 0;
        while self.stack.last().is_some_and(|frame| frame.el != El::Frame) {
            self.note(Mend::Unclosed, at);
            self.pop();
        }
    }

    fn close(&mut self, name: &'a str, at: usize) {
        let structural = self.family.is_item(name) || self.family.is_frame(name);
        if !structural
            && self.ignored == 0
            && let Some(frame) = self.stack.last_mut()
            && let Some(flat) = &mut frame.flat
        {
            if flat.close(&mut frame.text, frame.name, name) {
                self.pop();
            }
            return;
        }
        if self.ignored > 0 && !structural {
            self.ignored -= 1;
            return;
        }
        let same = |frame: &Frame<'_>| {
            frame.name == name || structural && local(frame.name).eq_ignore_ascii_case(local(name))
        };
        let found = self.stack.iter().rposition(same).or_else(|| {
            self.stack.iter().rposition(|frame| local(frame.name).eq_ignore_ascii_case(local(name)))
        });
        let Some(found) = found else {
            self.note(Mend::Stray, at);
            return;
        };
        // The end of a container inside an item closes the item only when it is the container's own.
        self.ignored = if structural { 0 } else { self.ignored };
        while self.stack.len() > found + 1 {
            self.note(Mend::Unclosed, at);
            self.pop();
        }
        self.pop();
        self.ended |= self.stack.is_empty();
    }

    fn pop(&mut self) {
        let Some(mut frame) = self.stack.pop() else { return };
        self.end(&mut frame);
        self.scope.leave(self.stack.len());
        frame.attributes.clear();
        self.spare.push(frame.attributes);
    }

    fn finish(mut self) -> Walked {
        let end = self.source.len();
        self.ignored = 0;
        while !self.stack.is_empty() {
            if !self.done {
                self.note(Mend::Unclosed, end);
            }
            self.pop();
        }
        if self.scope.spent() {
            self.out
                .report
                .bomb("links would be resolved until the memory is full; the rest stay as they are", 0);
        }
        self.out
    }
}

/// The value of an attribute, trimmed; none when it is empty.
fn value<'v>(attributes: &'v Attributes<'_>, wanted: &str) -> Option<&'v str> {
    let (_, value) = attributes.iter().find(|(key, _)| key.eq_ignore_ascii_case(wanted))?;
    let value = value.trim();
    (!value.is_empty()).then_some(value)
}

fn owned(attributes: &Attributes<'_>, wanted: &str) -> Option<String> {
    value(attributes, wanted).map(str::to_owned)
}
