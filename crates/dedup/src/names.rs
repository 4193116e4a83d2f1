use crate::fold;
use model::settle::{FieldHashes, Sighting};
use model::{Article, ArticleId, Fingerprint, Key, Keys};

/// A text names its article when it has at least this many words: shorter ones are shared by chance.
const TEXT_KEY_WORDS_MIN: usize = 40;
/// Title and text together have at least this many words to be recognised in the same feed.
const SAID_KEY_WORDS_MIN: usize = 4;

/// Version of each rule; a new version adds keys, the old ones stay until they expire.
const GUID_RULE: &str = "guid/1";
const URL_RULE: &str = "url/1";
const TEXT_RULE: &str = "text/1";
const TITLE_RULE: &str = "title/1";
const SAID_RULE: &str = "said/1";
const FINGERPRINT_RULE: &str = "fingerprint/1";
const ID_RULE: &str = "id/1";

/// An article by its names and its meaning.
pub fn sighting(article: &Article) -> Sighting {
    let mut text = String::with_capacity(article.text.as_ref().map_or(0, String::len));
    let words = fold::words(article.text.as_deref().unwrap_or_default(), &mut text);
    let fingerprint = fingerprint(article, &text);
    Sighting {
        keys: keys(article, &text, words, &fingerprint),
        fingerprint,
        fields: field_hashes(article),
        published_day: article.published_at.map(|at| (at.as_second().div_euclid(86_400)) as i32),
        gist: None,
    }
}

fn keys(article: &Article, text: &str, words: usize, meaning: &Fingerprint) -> Keys {
    let feed = article.feed.id.as_str();
    let guid = article.guid.as_deref().map(|guid| key(GUID_RULE, &[feed, guid]));
    let url = article.url.as_deref().map(|url| key(URL_RULE, &[without_scheme(url)]));
    let mut folded = String::new();
    let said_words = words + fold::words(article.title.as_deref().unwrap_or(text), &mut folded);
    let published = article.published_at.map(|at| at.as_second().to_string()).unwrap_or_default();
    let title = Some(key(TITLE_RULE, &[feed, &folded, &published]));
    let names = TEXT_KEY_WORDS_MIN <= words;
    let said = (!names && SAID_KEY_WORDS_MIN <= said_words).then(|| {
        let mut hasher = rule(SAID_RULE, &[feed]);
        hasher.update(&meaning.0);
        Key(half(&hasher))
    });
    Keys { guid, url, text: names.then(|| key(TEXT_RULE, &[text])), title, said }
}

/// http and https, with and without `www.`, are one page: what a publisher switches over night.
fn without_scheme(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.strip_prefix("www.").unwrap_or(rest)
}

/// Title, lead and text; the summary only where it is all there is, since feeds cut it anew at will.
fn fingerprint(article: &Article, folded_text: &str) -> Fingerprint {
    let mut title = String::new();
    fold::words(article.title.as_deref().unwrap_or_default(), &mut title);
    let mut lead = String::new();
    if folded_text.is_empty() {
        fold::words(article.summary.as_deref().unwrap_or_default(), &mut lead);
    }
    Fingerprint(key(FINGERPRINT_RULE, &[&title, &lead, folded_text]).0)
}

fn field_hashes(article: &Article) -> FieldHashes {
    let text = |value: &Option<String>| short(value.as_deref().unwrap_or_default());
    let list = |values: &mut dyn Iterator<Item = &str>| short(&values.collect::<Vec<_>>().join("\u{1f}"));
    let time =
        |value: &Option<_>| short(&value.map(|at: jiff::Timestamp| at.to_string()).unwrap_or_default());
    [
        text(&article.title),
        text(&article.summary),
        text(&article.text),
        text(&article.url),
        list(&mut article.authors.iter().map(|author| author.name.as_str())),
        list(&mut article.media.iter().map(|media| media.url.as_str())),
        list(&mut article.categories.iter().map(String::as_str)),
        time(&article.published_at),
        time(&article.modified_at),
    ]
}

fn short(text: &str) -> u32 {
    let hash = blake3::hash(text.as_bytes());
    let [a, b, c, d, ..] = *hash.as_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// The id of a new article: 128 bits of BLAKE3 over its first identity key. When that id already belongs
/// to another article (a URL or guid that was used again), the published day tells them apart, then a counter.
pub fn name(sighting: &Sighting, attempt: u32) -> ArticleId {
    let keys = &sighting.keys;
    let first = keys.url.or(keys.guid).or(keys.title).or(keys.text).unwrap_or(Key(sighting.fingerprint.0));
    let mut hasher = blake3::Hasher::new_derive_key(ID_RULE);
    hasher.update(&first.0);
    if attempt > 0 {
        hasher.update(&sighting.published_day.unwrap_or(i32::MIN).to_le_bytes());
    }
    if attempt > 1 {
        hasher.update(&attempt.to_le_bytes());
    }
    ArticleId(half(&hasher))
}

/// Keyed by the rule and with lengths in between, so that no two different lists of parts meet.
fn key(name: &str, parts: &[&str]) -> Key {
    Key(half(&rule(name, parts)))
}

fn rule(name: &str, parts: &[&str]) -> blake3::Hasher {
    let mut hasher = blake3::Hasher::new();
    for part in std::iter::once(&name).chain(parts) {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher
}

fn half(hasher: &blake3::Hasher) -> [u8; 16] {
    let mut out = [0; 16];
    out.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::tests::article;

    #[test]
    fn tracking_dress_and_scheme_change_nothing() {
        let base = article(|_| {});
        let dressed = article(|a| {
            a.url = a.url.as_ref().map(|url| url.replace("https://", "http://www."));
            a.title = a.title.as_ref().map(|title| format!(" {}! ", title.to_uppercase()));
            a.text = a.text.as_ref().map(|text| text.replace(' ', "  \n").replace('\'', "’"));
            a.summary = Some("cut elsewhere".into());
        });
        let (a, b) = (sighting(&base), sighting(&dressed));
        assert_eq!(a.keys, b.keys);
        assert_eq!(a.fingerprint, b.fingerprint);
        assert_ne!(a.fields, b.fields);
    }

    #[test]
    fn a_changed_number_changes_the_meaning() {
        let base = sighting(&article(|a| a.text = Some("twelve dead 12".into())));
        let other = sighting(&article(|a| a.text = Some("twelve dead 13".into())));
        assert_ne!(base.fingerprint, other.fingerprint);
        assert_eq!(base.keys.url, other.keys.url);
    }

    #[test]
    fn short_texts_name_nothing() {
        assert_eq!(sighting(&article(|a| a.text = Some("word ".repeat(39)))).keys.text, None);
        assert!(sighting(&article(|a| a.text = Some("word ".repeat(40)))).keys.text.is_some());
    }

    #[test]
    fn the_title_names_only_what_has_no_other_name() {
        assert_ne!(name(&sighting(&article(|_| {})), 0).0, sighting(&article(|_| {})).keys.title.unwrap().0);
        let nameless = sighting(&article(|a| {
            a.guid = None;
            a.url = None;
        }));
        assert!(nameless.keys.title.is_some());
    }

    #[test]
    fn guids_belong_to_their_feed_and_parts_do_not_run_together() {
        assert_ne!(key(GUID_RULE, &["ab", "c"]), key(GUID_RULE, &["a", "bc"]));
        assert_ne!(key(GUID_RULE, &["a", "b"]), key(URL_RULE, &["a", "b"]));
    }

    #[test]
    fn a_taken_id_is_told_apart_by_day_then_counter() {
        let monday = sighting(&article(|_| {}));
        let mut tuesday = monday;
        tuesday.published_day = monday.published_day.map(|day| day + 1);
        assert_eq!(name(&monday, 0), name(&tuesday, 0));
        assert_ne!(name(&monday, 1), name(&tuesday, 1));
        assert_ne!(name(&monday, 1), name(&monday, 2));
        assert_ne!(name(&monday, 2), name(&monday, 3));
    }
}
