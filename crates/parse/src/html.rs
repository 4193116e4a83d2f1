//! What is needed of HTML to hand a text on: does it look like it, and where do its addresses lead?

use crate::lex::attributes;
use memchr::{memchr, memmem};

/// Elements without an inside.
pub(crate) fn is_void(name: &str) -> bool {
    matches!(
        name,
        "br" | "img"
            | "hr"
            | "input"
            | "meta"
            | "link"
            | "area"
            | "base"
            | "col"
            | "embed"
            | "source"
            | "track"
            | "wbr"
            | "BR"
            | "IMG"
            | "HR"
    )
}

/// True when attributes declare namespaces.
pub(crate) fn spells_xmlns(attrs: &str) -> bool {
    memmem::find(attrs.as_bytes(), b"xmlns").is_some()
}

/// Writes attributes without the declarations of namespaces, which mean nothing in HTML.
pub(crate) fn without_xmlns(attrs: &str, out: &mut String) {
    out.truncate(out.trim_end().len());
    for (key, value, _) in attributes(attrs).filter(|(key, ..)| !key.starts_with("xmlns")) {
        let quote = if value.contains('"') { '\'' } else { '"' };
        out.push(' ');
        out.push_str(key);
        out.push('=');
        out.push(quote);
        crate::refs::markup(value, true, out);
        out.push(quote);
    }
}

/// The markup inside the one `div` that XHTML in Atom is wrapped in; as it is when there is more than one.
pub(crate) fn unwrapped(text: String) -> String {
    let Some(rest) = text.strip_prefix("<div") else { return text };
    let (Some(inside), true) = (memchr(b'>', rest.as_bytes()), rest.starts_with(['>', ' '])) else {
        return text;
    };
    let Some(inner) = rest[inside + 1..].strip_suffix("</div>") else { return text };
    let mut depth = 0_usize;
    for at in memchr::memchr_iter(b'<', inner.as_bytes()) {
        let tag = &inner[at + 1..];
        if tag.starts_with("div>") || tag.starts_with("div ") {
            depth += 1;
        } else if tag.starts_with("/div>") {
            let Some(outer) = depth.checked_sub(1) else { return text };
            depth = outer;
        }
    }
    inner.trim().to_owned()
}

/// Elements that people write in texts; a text with others is more likely about markup than of it.
const USUAL: [&str; 66] = [
    "a",
    "abbr",
    "acronym",
    "address",
    "article",
    "aside",
    "audio",
    "b",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "nav",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "section",
    "small",
    "source",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
    "video",
];

/// True when a text that claims to be plain is HTML: an end tag or a reference, and nothing that HTML has not.
pub(crate) fn looks_like_html(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut seen = false;
    for at in memchr::memchr2_iter(b'<', b'&', bytes) {
        let rest = &text[at + 1..];
        if bytes[at] == b'&' {
            let len = rest.bytes().take(34).take_while(|b| b.is_ascii_alphanumeric() || *b == b'#').count();
            if len == 0 || rest.as_bytes().get(len) != Some(&b';') {
                continue;
            }
            if !rest.starts_with('#') && crate::refs::named(&rest[..len]).is_none() {
                return false;
            }
            seen = true;
            continue;
        }
        let close = rest.starts_with('/');
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        let len = rest.bytes().take(20).take_while(u8::is_ascii_alphanumeric).count();
        if len == 0 {
            continue;
        }
        if !USUAL.iter().any(|usual| usual.eq_ignore_ascii_case(&rest[..len])) {
            return false;
        }
        seen |= close && rest.as_bytes().get(len) == Some(&b'>');
    }
    seen
}

/// Attributes of elements that hold an address.
fn holds_address(element: &str, attribute: &str) -> bool {
    match attribute {
        "href" => matches!(element, "a" | "area" | "link"),
        "src" => matches!(
            element,
            "img"
                | "audio"
                | "video"
                | "source"
                | "iframe"
                | "frame"
                | "script"
                | "input"
                | "embed"
                | "track"
        ),
        "cite" => matches!(element, "blockquote" | "q" | "del" | "ins"),
        "longdesc" => matches!(element, "img" | "frame" | "iframe"),
        "usemap" => matches!(element, "img" | "input" | "object"),
        "poster" => element == "video",
        "background" => element == "body",
        "action" => element == "form",
        "profile" => element == "head",
        "classid" | "data" => element == "object",
        "codebase" => matches!(element, "object" | "applet"),
        _ => false,
    }
}

/// Elements with such attributes, by their first letter.
fn may_hold_address(tag: &str) -> bool {
    tag.starts_with(|c: char| {
        matches!(
            c.to_ascii_lowercase(),
            'a' | 'b' | 'd' | 'e' | 'f' | 'h' | 'i' | 'l' | 'o' | 'q' | 's' | 't' | 'v'
        )
    })
}

/// The text with each address that `resolve` changes.
pub(crate) fn resolve(text: String, mut resolve: impl FnMut(&str) -> Option<String>) -> String {
    let bytes = text.as_bytes();
    let mut out = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = memchr(b'<', &bytes[at..]) {
        let start = at + found + 1;
        at = start;
        if !may_hold_address(&text[start..]) {
            continue;
        }
        let Some(len) = memchr(b'>', &bytes[start..]) else { break };
        let tag = &text[start..start + len];
        at = start + len;
        // Without a value there is no address.
        let Some(name_len) = tag.find(|c: char| c.is_ascii_whitespace()) else { continue };
        if memchr(b'=', tag.as_bytes()).is_none() {
            continue;
        }
        let element = tag[..name_len].to_ascii_lowercase();
        for (key, value, _) in attributes(&tag[name_len..]) {
            if value.is_empty() || !holds_address(&element, &key.to_ascii_lowercase()) {
                continue;
            }
            let place = value.as_ptr() as usize - text.as_ptr() as usize;
            let (meant, _) = crate::refs::resolved(value.trim());
            let Some(resolved) = resolve(&meant) else { continue };
            out.push_str(&text[copied..place]);
            crate::refs::escape(&resolved, &mut out);
            copied = place + value.len();
        }
    }
    if copied == 0 {
        return text;
    }
    out.push_str(&text[copied..]);
    out
}

/// True when HTML could be meant: a tag, or a reference that survived the reading of the XML.
pub(crate) fn may_hold_markup(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'<', b'&', bytes).any(|at| match (bytes[at], bytes.get(at + 1)) {
        (b'<', Some(next)) => next.is_ascii_alphabetic() || matches!(next, b'/' | b'!'),
        (b'&', _) => crate::refs::read(&text[at..]) != crate::refs::Ref::Bare,
        _ => false,
    })
}
