//! Bylines: names without e-mail addresses, one person each.

use crate::limits::LIMITS;
use crate::text::line_of;
use crate::url;
use ::url::Url;
use model::Person;
use record::Author;

/// Accounts that publish for everybody; as a byline they say nothing.
const NOBODY: [&str; 7] = ["admin", "administrator", "webmaster", "root", "unknown", "author", "no author"];

/// The bylines of `people`, in order, each name once.
pub(crate) fn authors(people: &[Person], base: &Url) -> Vec<Author> {
    let mut out: Vec<Author> = Vec::new();
    for person in people {
        if out.len() >= LIMITS.authors {
            break;
        }
        let uri = person.uri.as_deref().and_then(|uri| url::as_given(uri, base));
        let Some(name) = person.name.as_deref().and_then(|name| line_of(name, LIMITS.author * 4)) else {
            continue;
        };
        for name in split(&without_addresses(&name)) {
            if out.len() < LIMITS.authors {
                add(&mut out, name, uri.clone());
            }
        }
    }
    out
}

/// Adds `name` unless it is nobody's, too long, or there already.
pub(crate) fn add(authors: &mut Vec<Author>, name: &str, uri: Option<String>) {
    let name = name.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, ',' | ';' | '|' | '-' | '–' | '—' | ':' | '"')
    });
    let lower = name.to_lowercase();
    let usable = name.chars().any(char::is_alphanumeric) && name.chars().count() <= LIMITS.author;
    if usable
        && !NOBODY.contains(&lower.as_str())
        && !authors.iter().any(|known| known.name.to_lowercase() == lower)
    {
        authors.push(Author { name: name.to_owned(), uri });
    }
}

/// `a@b.c (Name)` and `Name <a@b.c>` are Name; an address alone is nothing.
fn without_addresses(name: &str) -> String {
    if !name.contains('@') {
        return without_by(name).to_owned();
    }
    let words = name.split(' ').filter(|word| !is_address(word));
    let rest = words.collect::<Vec<_>>().join(" ");
    let rest = rest.trim();
    let bare = rest.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(rest);
    without_by(bare.trim()).to_owned()
}

/// True for a word with an `@` between other characters; `@handle` is a name.
fn is_address(word: &str) -> bool {
    let word = word.trim_start_matches("mailto:");
    word.match_indices('@').any(|(at, _)| {
        let before = word[..at].trim_start_matches(['<', '(', '[']);
        !before.is_empty() && word[at + 1..].starts_with(|c: char| c.is_alphanumeric() || c == '[')
    })
}

fn without_by(name: &str) -> &str {
    let (first, rest) = name.split_at_checked(3).unwrap_or((name, ""));
    if first.eq_ignore_ascii_case("by ") || first.eq_ignore_ascii_case("by:") { rest.trim() } else { name }
}

/// Several people in one byline, when every part looks like a whole name; else the byline as it is.
pub(crate) fn split(byline: &str) -> Vec<&str> {
    let mut parts = vec![byline];
    for separator in
        [";", ",", " and ", " AND ", " & ", " und ", " UND ", " et ", " ET ", " y ", " Y ", " e ", " и "]
    {
        parts = parts.into_iter().flat_map(|part| part.split(separator)).collect();
    }
    let parts: Vec<&str> = parts
        .into_iter()
        .map(|part| part.trim().trim_start_matches("and "))
        .filter(|part| !part.is_empty())
        .collect();
    if parts.len() > 1 && parts.iter().all(|part| is_whole_name(part)) { parts } else { vec![byline] }
}

/// True for a word of a name that is written in lower case: `van`, `de la`.
pub(crate) fn is_particle(word: &str) -> bool {
    const PARTICLES: [&str; 20] = [
        "de", "del", "della", "der", "den", "di", "da", "dos", "du", "la", "le", "van", "von", "zu", "al",
        "el", "bin", "ibn", "ben", "ter",
    ];
    PARTICLES.contains(&word.to_lowercase().as_str())
}

/// Two to five words, capitals in front but for particles, no digits: the name of one person.
pub(crate) fn is_whole_name(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let named = words.iter().filter(|word| !is_particle(word)).count();
    let fits = |word: &&str| {
        let first = word.chars().next().unwrap_or(' ');
        let clean = word
            .chars()
            .all(|c| c.is_alphabetic() || matches!(c, '.' | '-' | '\'' | '’' | '\u{300}'..='\u{36f}'));
        clean
            && (is_particle(word)
                || first.is_uppercase()
                || word.starts_with("al-")
                || word.starts_with("d'"))
    };
    (2..=5).contains(&words.len()) && named >= 2 && words.iter().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(names: &[&str], expect: &str) {
        let people: Vec<Person> =
            names.iter().map(|name| Person { name: Some((*name).into()), ..Person::default() }).collect();
        let base = Url::parse("https://example.com/").unwrap();
        let found: Vec<String> = authors(&people, &base).into_iter().map(|author| author.name).collect();
        assert_eq!(found.join(" | "), expect, "{names:?}");
    }

    #[test]
    fn addresses_are_never_published() {
        check(&["jane@example.com (Jane Doe)"], "Jane Doe");
        check(&["Jane Doe <jane@example.com>"], "Jane Doe");
        check(&["Jane Doe (jane@example.com)"], "Jane Doe");
        check(&["jane@example.com"], "");
        check(&["mailto:jane@example.com"], "");
        check(&["foo@example.com（张三）"], "");
        check(&["@janedoe"], "@janedoe");
    }

    #[test]
    fn people_part_only_where_it_is_sure() {
        check(&["Jane Doe and John Q. Smith"], "Jane Doe | John Q. Smith");
        check(&["By Jane Doe, John Smith and Ana de la Cruz"], "Jane Doe | John Smith | Ana de la Cruz");
        check(&["Smith, John"], "Smith, John");
        check(&["Johnson and Johnson"], "Johnson and Johnson");
        check(&["Jane Doe, Reuters"], "Jane Doe, Reuters");
        check(&["Mary-Kate O’Brien & Khalil al-Hayya"], "Mary-Kate O’Brien | Khalil al-Hayya");
    }

    #[test]
    fn everybody_once_and_nobody_never() {
        check(&["Jane Doe", "jane doe", "admin", "", " - "], "Jane Doe");
        check(&["Tom &amp; Jerry Press"], "Tom & Jerry Press");
        check(&["Agence France-Presse\n<script>"], "Agence France-Presse <script>");
    }

    proptest! {
        #[test]
        fn no_address_gets_through(name in "[A-Za-z<>()@. ,;]{0,40}") {
            let people = [Person { name: Some(name), ..Person::default() }];
            for author in authors(&people, &Url::parse("https://example.com/").unwrap()) {
                prop_assert!(!author.name.split(' ').any(|word| {
                    word.split_once('@').is_some_and(|(a, b)| {
                        a.ends_with(char::is_alphanumeric) && b.starts_with(char::is_alphanumeric)
                    })
                }), "{}", author.name);
            }
        }
    }
}
