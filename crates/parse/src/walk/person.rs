//! People: with parts of their own, or all in one line.

use super::{Frame, Walk};
use crate::dialect::El;
use crate::limits::MAX_EACH;
use crate::raw::Person;

/// What a person is to the article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Author,
    Contributor,
    Publisher,
}

impl<'a> Walk<'a> {
    pub(super) fn begin_person(&mut self, el: El) {
        let role = match el {
            El::Author => Role::Author,
            El::Owner | El::Publisher => Role::Publisher,
            _ => Role::Contributor,
        };
        if self.inside.person.is_none() {
            self.inside.person = Some((role, Person::default(), self.stack.len()));
        }
    }

    pub(super) fn end_person(&mut self, frame: &mut Frame<'a>) {
        let depth = self.stack.len() + 1;
        let Some((role, mut person, _)) = self.inside.person.take_if(|(.., at)| *at == depth) else { return };
        if person == Person::default() {
            person = of_line(&crate::charset::restored(std::mem::take(&mut frame.text)));
        }
        if person == Person::default() {
            return;
        }
        let said = self.said();
        match role {
            Role::Author if said.authors.len() < MAX_EACH => said.authors.push(person),
            Role::Contributor if said.contributors.len() < MAX_EACH => said.contributors.push(person),
            Role::Publisher => said.publisher = Some(person),
            _ => {}
        }
    }

    /// A part of the person that is open; false when none is.
    pub(super) fn person_part(&mut self, el: El, text: &str) -> bool {
        let uri = (el == El::Uri).then(|| self.scope.resolve(text));
        let Some((_, person, _)) = &mut self.inside.person else { return false };
        let place = match el {
            El::Name => &mut person.name,
            El::Email => &mut person.email,
            _ => &mut person.uri,
        };
        let text = uri.unwrap_or_else(|| text.strip_prefix("mailto:").unwrap_or(text).to_owned());
        if !text.is_empty() && place.is_none() {
            *place = Some(text);
        }
        true
    }
}

/// Bytes that stand in an address, `@` apart.
fn is_address(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'+' | b'%')
}

/// `name`, `address`, `address (name)`, `name <address>` and the like.
fn of_line(line: &str) -> Person {
    let line = line.trim();
    let Some((start, end)) = address(line) else {
        return Person { name: (!line.is_empty()).then(|| line.to_owned()), ..Person::default() };
    };
    // RFC 6068: what follows the address of a mailto is no part of it.
    let after = line[end..]
        .strip_prefix('?')
        .map_or(end, |query| end + 1 + query.find(|c: char| c.is_whitespace()).unwrap_or(query.len()));
    let before = line[..start].trim_end_matches("mailto:");
    let mut name = format!("{before}{}", &line[after..]);
    for brackets in ["()", "<>", "&lt;&gt;", "[]", "（）"] {
        name = name.replace(brackets, "");
    }
    let name = name.trim();
    let name = name.strip_prefix(['(', '（']).unwrap_or(name);
    let name = name.strip_suffix([')', '）']).unwrap_or(name).trim().trim_matches('"');
    Person {
        name: (!name.is_empty()).then(|| name.to_owned()),
        email: Some(line[start..end].to_owned()),
        uri: None,
    }
}

/// Where the first e-mail address of a line stands.
fn address(line: &str) -> Option<(usize, usize)> {
    let bytes = line.as_bytes();
    for at in memchr::memchr_iter(b'@', bytes).take(8) {
        let local = bytes[..at].iter().rev().take(64).take_while(|b| is_address(**b)).count();
        let domain = bytes[at + 1..].iter().take(255).take_while(|b| is_address(**b)).count();
        let host = line[at + 1..at + 1 + domain].trim_end_matches(['.', '-', '_']);
        if local > 0 && host.contains('.') {
            return Some((at - local, at + 1 + host.len()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_taken_apart() {
        let check = |line: &str, name: &str, email: &str| {
            let person = of_line(line);
            let found = (person.name.as_deref().unwrap_or(""), person.email.as_deref().unwrap_or(""));
            assert_eq!(found, (name, email), "{line}");
        };
        check("Ada Holm", "Ada Holm", "");
        check("ada@a.example", "", "ada@a.example");
        check("ada@a.example (Ada Holm)", "Ada Holm", "ada@a.example");
        check("Ada Holm <ada+news@a.example>", "Ada Holm", "ada+news@a.example");
        check("Ada Holm (ada@a.example)", "Ada Holm", "ada@a.example");
        check("mailto:ada@a.example?subject=Hello Ada", "Ada", "ada@a.example");
        check("ada@a.example（张三）", "张三", "ada@a.example");
        check("@ada", "@ada", "");
        check("ada@localhost", "ada@localhost", "");
        check("", "", "");
    }
}
