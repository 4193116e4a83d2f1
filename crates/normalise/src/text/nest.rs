//! Writes markup that is well nested and not too deep, whatever tags come in: a parser that builds a tree
//! of it does so in linear time.

/// What an element that begins does to those that are open: it ends the nearest of `ends`, unless one of
/// `within` stands before it. HTML's optional end tags, and no more of them than news pages leave out.
struct Implied {
    ends: &'static [&'static str],
    within: &'static [&'static str],
}

const PARAGRAPH: Implied =
    Implied { ends: &["p"], within: &["table", "td", "th", "caption", "button", "object", "body"] };
const ITEM: Implied = Implied { ends: &["li"], within: &["ul", "ol", "menu", "dir", "table", "td"] };
const TERM: Implied = Implied { ends: &["dt", "dd"], within: &["dl", "table", "td"] };
const CELL: Implied = Implied { ends: &["td", "th"], within: &["tr", "table"] };
const ROW: Implied = Implied { ends: &["tr"], within: &["table", "tbody", "thead", "tfoot"] };
const ROWS: Implied = Implied { ends: &["tbody", "thead", "tfoot"], within: &["table"] };
const OPTION: Implied = Implied { ends: &["option"], within: &["select", "optgroup", "datalist"] };

/// Elements that have no content and no end tag.
pub(crate) fn is_void(name: &str) -> bool {
    [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
        "track", "wbr",
    ]
    .iter()
    .any(|void| void.eq_ignore_ascii_case(name))
}

/// Elements before which an open paragraph ends.
fn ends_a_paragraph(name: &str) -> bool {
    [
        "p",
        "div",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "dl",
        "table",
        "section",
        "article",
        "blockquote",
        "figure",
        "figcaption",
        "header",
        "footer",
        "aside",
        "nav",
        "main",
        "pre",
        "form",
        "hr",
        "address",
        "center",
        "details",
        "fieldset",
        "hgroup",
        "menu",
        "dir",
        "li",
    ]
    .iter()
    .any(|block| block.eq_ignore_ascii_case(name))
}

/// The markup so far and the elements that are open in it.
pub(crate) struct Nest<'a> {
    pub(crate) out: String,
    open: Vec<&'a str>,
    max: usize,
    /// Elements that were left out because they were too deep, and are still open in the source.
    deeper: usize,
}

impl<'a> Nest<'a> {
    /// Nests no deeper than `max`.
    pub(crate) fn new(max: usize, expected: usize) -> Self {
        Self { out: String::with_capacity(expected), open: Vec::new(), max, deeper: 0 }
    }

    /// Begins an element: writes the end tags that it implies, then `<name`. What follows (attributes and
    /// the `>`) is the caller's. False, with nothing written, when it would be too deep.
    pub(crate) fn start(&mut self, name: &'a str) -> bool {
        if is_void(name) {
            if name.eq_ignore_ascii_case("hr") {
                self.imply(&PARAGRAPH);
            }
            self.tag("<", name);
            return true;
        }
        if self.open.len() >= self.max {
            self.deeper += 1;
            return false;
        }
        match name.len() {
            2 if name.eq_ignore_ascii_case("li") => self.imply(&ITEM),
            2 if name.eq_ignore_ascii_case("dt") || name.eq_ignore_ascii_case("dd") => self.imply(&TERM),
            2 if name.eq_ignore_ascii_case("td") || name.eq_ignore_ascii_case("th") => self.imply(&CELL),
            2 if name.eq_ignore_ascii_case("tr") => self.imply(&ROW),
            5 if ROWS.ends.iter().any(|rows| rows.eq_ignore_ascii_case(name)) => self.imply(&ROWS),
            6 if name.eq_ignore_ascii_case("option") => self.imply(&OPTION),
            _ => {}
        }
        if ends_a_paragraph(name) {
            self.imply(&PARAGRAPH);
        }
        self.tag("<", name);
        self.open.push(name);
        true
    }

    /// Ends the nearest open element of this name, and those in it; nothing when there is none.
    pub(crate) fn end(&mut self, name: &str) {
        if is_void(name) {
            return;
        }
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        let found = self.open.iter().rposition(|open| open.eq_ignore_ascii_case(name));
        if let Some(at) = found {
            self.close_from(at);
        }
    }

    /// The markup, everything closed.
    pub(crate) fn finish(mut self) -> String {
        self.close_from(0);
        self.out
    }

    fn imply(&mut self, implied: &Implied) {
        let is = |names: &[&str], open: &str| names.iter().any(|name| name.eq_ignore_ascii_case(open));
        for at in (0..self.open.len()).rev() {
            let open = self.open[at];
            if is(implied.ends, open) {
                return self.close_from(at);
            }
            if is(implied.within, open) {
                return;
            }
        }
    }

    fn close_from(&mut self, at: usize) {
        while self.open.len() > at {
            let Some(name) = self.open.pop() else { return };
            self.tag("</", name);
            self.out.push('>');
        }
    }

    fn tag(&mut self, mark: &str, name: &str) {
        self.out.push_str(mark);
        self.out.extend(name.chars().map(|c| c.to_ascii_lowercase()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(tags: &str, expect: &str) {
        let mut nest = Nest::new(4, 0);
        for tag in tags.split(' ') {
            match tag.strip_prefix('/') {
                Some(name) => nest.end(name),
                None if nest.start(tag) => nest.out.push('>'),
                None => {}
            }
        }
        assert_eq!(nest.finish(), expect, "{tags}");
    }

    #[test]
    fn everything_is_closed_in_order() {
        check("div p b /div p", "<div><p><b></b></p></div><p></p>");
        check("/div p", "<p></p>");
        check("B /b br /br", "<b></b><br>");
    }

    #[test]
    fn ends_that_may_be_left_out_are_put_in() {
        check("p p", "<p></p><p></p>");
        check("p font p", "<p><font></font></p><p></p>");
        check("ul li li", "<ul><li></li><li></li></ul>");
        check("dl dt dd", "<dl><dt></dt><dd></dd></dl>");
        check("table tr td tr", "<table><tr><td></td></tr><tr></tr></table>");
        check("p table td p", "<p></p><table><td><p></p></td></table>");
    }

    #[test]
    fn what_is_too_deep_is_left_out() {
        check("i i i i u /u /i b", "<i><i><i><i></i><b></b></i></i></i>");
    }
}
