//! A page in one forward pass: what its head says, and its markup made lean. Scripts, styles, drawings,
//! comments and attributes that say nothing about the text go; what stays is well nested and at most
//! [`DEPTH_MAX`] deep, so that building a tree of it takes linear time whatever the page holds.

use super::head::Head;
use crate::text::{Attribute, Nest, attributes, tag_end, tag_name};
use memchr::{memchr, memmem};

/// Depth of a tree. The deepest of 500 news pages had 60 levels.
const DEPTH_MAX: usize = 200;
/// Attributes of one tag that are looked at.
const ATTRIBUTES_MAX: usize = 32;
/// Bytes of an attribute's value; what is longer says nothing about the text.
const VALUE_MAX: usize = 1_000;

/// Elements whose content is not markup.
const RAW: [&str; 9] =
    ["script", "style", "title", "textarea", "noscript", "iframe", "noframes", "noembed", "xmp"];
/// Elements that are left out whole, up to their end tag.
const DROPPED: [&str; 9] =
    ["svg", "template", "object", "video", "audio", "canvas", "math", "select", "datalist"];
/// Attributes that say what an element is for.
const KEPT: [&str; 16] = [
    "class",
    "id",
    "itemprop",
    "itemtype",
    "itemscope",
    "role",
    "style",
    "hidden",
    "aria-hidden",
    "href",
    "rel",
    "data-component",
    "data-testid",
    "datetime",
    "lang",
    "title",
];

/// A page, made lean.
pub(super) struct Lean {
    pub(super) html: String,
    pub(super) head: Head,
}

struct Walk<'a> {
    html: &'a str,
    at: usize,
    nest: Nest<'a>,
    head: Head,
    /// Names of elements whose end tag no longer comes.
    endless: Vec<&'a str>,
    /// From here on there is no `>`, and no end of a comment.
    tags_until: usize,
    comments_until: usize,
    quotes_broken: bool,
    /// Inside the first `h1`: where its text began in the output.
    heading: Option<usize>,
}

/// Reads `html` once.
pub(super) fn read(html: &str) -> Lean {
    let mut walk = Walk {
        html,
        at: 0,
        nest: Nest::new(DEPTH_MAX, html.len() / 2),
        head: Head::default(),
        endless: Vec::new(),
        tags_until: html.len(),
        comments_until: html.len(),
        quotes_broken: false,
        heading: None,
    };
    walk.run();
    Lean { html: walk.nest.finish(), head: walk.head }
}

impl<'a> Walk<'a> {
    fn run(&mut self) {
        while self.at < self.html.len() {
            let rest = &self.html[self.at..];
            let room = self.tags_until.saturating_sub(self.at);
            let Some(open) = memchr(b'<', &rest.as_bytes()[..room]) else {
                self.nest.out.push_str(&rest.replace('<', "&lt;"));
                return;
            };
            self.nest.out.push_str(&rest[..open]);
            self.at += open;
            match rest.as_bytes().get(open + 1) {
                Some(b'/' | b'a'..=b'z' | b'A'..=b'Z') => self.tag(),
                Some(b'!' | b'?') => self.declaration(),
                _ => {
                    self.nest.out.push_str("&lt;");
                    self.at += 1;
                }
            }
        }
    }

    fn declaration(&mut self) {
        let rest = &self.html.as_bytes()[self.at..];
        if rest.starts_with(b"<!--") && self.at < self.comments_until {
            match memmem::find(rest, b"-->") {
                Some(end) => return self.at += end + 3,
                None => self.comments_until = self.at,
            }
        }
        match memchr(b'>', rest) {
            Some(end) => self.at += end + 1,
            None => self.tags_until = self.at,
        }
    }

    fn tag(&mut self) {
        let rest = &self.html[self.at..];
        let Some(end) = tag_end(rest.as_bytes(), &mut self.quotes_broken) else {
            self.tags_until = self.at;
            return;
        };
        let inside = &rest[1..end];
        self.at += end + 1;
        if let Some(inside) = inside.strip_prefix('/') {
            return self.end(tag_name(inside));
        }
        let name = tag_name(inside);
        self.start(name, &inside[name.len()..]);
    }

    fn end(&mut self, name: &'a str) {
        if name.eq_ignore_ascii_case("h1")
            && let Some(from) = self.heading.take()
        {
            self.head.heading = Some(self.nest.out[from..].to_owned());
        }
        self.nest.end(name);
    }

    fn start(&mut self, name: &'a str, attributes: &'a str) {
        let is = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        if is(&RAW) {
            return self.raw(name, attributes);
        }
        if is(&DROPPED) {
            return self.skip_to_end(name);
        }
        if is(&["meta", "link", "base", "source", "track", "input", "param", "embed"]) {
            return self.head.note(name, attributes);
        }
        if is(&["html"]) {
            self.head.note(name, attributes);
        }
        if is(&["time"]) && self.head.times.is_empty() {
            self.head.note(name, attributes);
        }
        if !self.nest.start(name) {
            return;
        }
        self.attributes(attributes);
        self.nest.out.push('>');
        if self.head.heading.is_none() && self.heading.is_none() && is(&["h1"]) {
            self.heading = Some(self.nest.out.len());
        }
    }

    /// Writes the attributes that count, quoted.
    fn attributes(&mut self, text: &str) {
        for Attribute { name, value } in attributes(text).take(ATTRIBUTES_MAX) {
            let kept = KEPT.iter().any(|kept| kept.eq_ignore_ascii_case(name));
            if !kept || value.len() > VALUE_MAX {
                continue;
            }
            let quote = if value.contains('"') { '\'' } else { '"' };
            if value.contains(quote) {
                continue;
            }
            self.nest.out.push(' ');
            self.nest.out.push_str(name);
            self.nest.out.push('=');
            self.nest.out.push(quote);
            self.nest.out.push_str(value);
            self.nest.out.push(quote);
        }
    }

    /// An element whose content is no markup: what matters of it is noted, nothing is written.
    fn raw(&mut self, name: &'a str, attributes: &'a str) {
        let from = self.at;
        let Some(end) = self.find_end(name) else { return };
        let content = &self.html[from..end];
        if name.eq_ignore_ascii_case("title") {
            // A drawing has a title, too: the first is the page's.
            self.head.title.get_or_insert_with(|| content.to_owned());
        } else if name.eq_ignore_ascii_case("script") && is_linked_data(attributes) {
            self.head.linked_data.push(content.to_owned());
        }
    }

    fn skip_to_end(&mut self, name: &'a str) {
        let _ = self.find_end(name);
    }

    /// Moves behind the end tag of `name` and gives the offset at which the tag begins. Without one the
    /// start tag counts as not there.
    fn find_end(&mut self, name: &'a str) -> Option<usize> {
        if self.endless.iter().any(|endless| endless.eq_ignore_ascii_case(name)) {
            return None;
        }
        let rest = &self.html.as_bytes()[self.at..];
        let found = memmem::find_iter(rest, b"</").find(|at| {
            let after = rest.get(at + 2..at + 2 + name.len());
            after.is_some_and(|after| after.eq_ignore_ascii_case(name.as_bytes()))
        });
        let Some(offset) = found else {
            self.endless.push(name);
            return None;
        };
        let end = self.at + offset;
        self.at = end + memchr(b'>', &rest[offset..]).map_or(2 + name.len(), |close| close + 1);
        Some(end)
    }
}

fn is_linked_data(text: &str) -> bool {
    attributes(text).take(ATTRIBUTES_MAX).any(|attribute| {
        attribute.name.eq_ignore_ascii_case("type")
            && attribute.value.to_ascii_lowercase().contains("ld+json")
    })
}
