//! Pages that stand in an article's place: errors, checks for robots, requests for consent or payment.

use super::about::About;
use super::lean::Lean;
use crate::text::{line_of, to_text};
use std::fmt;

/// A page, or a part of one, that keeps a reader from the article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wall {
    /// `Page not found`, `Access denied`, `Service unavailable`.
    Error,
    /// A check that a robot does not pass.
    Check,
    /// A request for consent to cookies, and nothing else.
    Consent,
    /// Only subscribers read on: what is there is a part of the article.
    Payment,
}

impl Wall {
    /// True when nothing of the article is to be seen.
    pub(super) fn hides_all(self) -> bool {
        self != Self::Payment
    }

    /// The name used in logs, metrics and `quality.flags`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error_page",
            Self::Check => "robot_check",
            Self::Consent => "consent_page",
            Self::Payment => "paywall",
        }
    }
}

impl fmt::Display for Wall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "an error page",
            Self::Check => "a check for robots",
            Self::Consent => "a request for consent",
            Self::Payment => "a paywall",
        })
    }
}

/// Characters of text above which a page is more than a wall.
const WALL_MAX: usize = 1_500;
/// Characters of text above which an article that is for subscribers is there all the same.
const TEASER_MAX: usize = 3_000;

/// Titles of errors, folded; `404` and the like may stand before or after.
const ERRORS: [&str; 26] = [
    "page not found",
    "not found",
    "page introuvable",
    "seite nicht gefunden",
    "página no encontrada",
    "página não encontrada",
    "pagina non trovata",
    "страница не найдена",
    "ページが見つかりません",
    "页面不存在",
    "الصفحة غير موجودة",
    "access denied",
    "forbidden",
    "bad gateway",
    "service unavailable",
    "gateway timeout",
    "internal server error",
    "site unavailable",
    "error",
    "404",
    "403",
    "410",
    "500",
    "502",
    "503",
    "this page could not be found",
];
/// Titles of checks, folded.
const CHECKS: [&str; 12] = [
    "just a moment",
    "attention required",
    "are you a robot",
    "are you a human",
    "robot check",
    "security check",
    "verify you are human",
    "checking your browser",
    "captcha",
    "pardon our interruption",
    "human verification",
    "ddos-guard",
];
/// Titles of requests for consent, folded.
const CONSENTS: [&str; 12] = [
    "before you continue",
    "your privacy choices",
    "privacy settings",
    "cookie consent",
    "consent",
    "we value your privacy",
    "datenschutz-einstellungen",
    "datenschutzeinstellungen",
    "zustimmung",
    "privacy gate",
    "avant de continuer",
    "we use cookies",
];
/// What a request for consent says, folded: two of them make one.
const CONSENT_WORDS: [&str; 16] = [
    "cookie",
    "consent",
    "partners",
    "privacy",
    "accept all",
    "accept and continue",
    "alle akzeptieren",
    "zustimmen",
    "einwilligung",
    "tout accepter",
    "aceptar todo",
    "accetta tutto",
    "aceitar",
    "personalised",
    "personalized",
    "iab",
];
/// What stands where the rest of an article is for subscribers, folded.
const PAYMENTS: [&str; 30] = [
    "subscribe to continue reading",
    "subscribe to read",
    "to continue reading",
    "to read the full story",
    "already a subscriber",
    "already have an account",
    "subscribers only",
    "for subscribers",
    "subscriber-only",
    "create a free account to",
    "register to continue",
    "register to read",
    "unlock this article",
    "nur für abonnenten",
    "weiterlesen mit",
    "jetzt abonnieren",
    "artikel freischalten",
    "bereits abonnent",
    "réservé aux abonnés",
    "réservé à nos abonnés",
    "déjà abonné",
    "il vous reste",
    "solo para suscriptores",
    "exclusivo para suscriptores",
    "ya soy suscriptor",
    "exclusivo para assinantes",
    "riservato agli abbonati",
    "для подписчиков",
    "この記事は有料会員限定",
    "本文为付费内容",
];

/// What a body is when it is no HTML; none when it may be.
pub(super) fn other_than_html(body: &[u8], content_type: Option<&str>) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 9] = [
        (b"%PDF", "a PDF"),
        (b"\x89PNG", "an image"),
        (b"\xff\xd8\xff", "an image"),
        (b"GIF8", "an image"),
        (b"RIFF", "an image or a sound"),
        (b"\x1f\x8b", "compressed data"),
        (b"PK\x03\x04", "an archive"),
        (b"ID3", "a sound"),
        (b"\0\0\0", "a film"),
    ];
    if body.trim_ascii().is_empty() {
        return Some("empty");
    }
    if let Some((_, kind)) = KINDS.iter().find(|(magic, _)| body.starts_with(magic)) {
        return Some(kind);
    }
    let head = body.trim_ascii_start();
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if matches!(head.first(), Some(b'{' | b'[')) {
        return Some("JSON");
    }
    let start = head[..head.len().min(1_000)].to_ascii_lowercase();
    let holds = |tag: &[u8]| memchr::memmem::find(&start, tag).is_some();
    if (holds(b"<rss") || holds(b"<feed") || holds(b"<rdf:rdf")) && !holds(b"<html") {
        return Some("a feed");
    }
    let kind = content_type.and_then(|value| value.split(['/', ';']).next()).unwrap_or_default();
    match kind.trim().to_ascii_lowercase().as_str() {
        "image" => Some("an image"),
        "audio" => Some("a sound"),
        "video" => Some("a film"),
        _ => None,
    }
}

/// The wall that a page is, or that cuts its article off.
pub(super) fn judge(lean: &Lean, about: &About, found: &str) -> Option<Wall> {
    let text = to_text(found);
    let length = text.chars().count();
    let titles: Vec<String> =
        [lean.head.title.as_deref(), about.title.as_deref(), lean.head.heading.as_deref()]
            .into_iter()
            .flatten()
            .filter_map(|title| line_of(&to_text(title), 300))
            .map(|title| title.to_lowercase())
            .collect();
    if length <= WALL_MAX {
        let page = to_text(&lean.html).to_lowercase();
        let begins = |words: &[&str]| titles.iter().any(|title| words.iter().any(|word| starts(title, word)));
        if begins(&CHECKS) {
            return Some(Wall::Check);
        }
        let asked = CONSENT_WORDS.iter().filter(|word| page.contains(**word)).count();
        if page.chars().count() <= 4 * WALL_MAX && (begins(&CONSENTS) && asked >= 1) {
            return Some(Wall::Consent);
        }
        if titles.iter().any(|title| is_error(title)) {
            return Some(Wall::Error);
        }
        if about.free != Some(true)
            && PAYMENTS.iter().any(|words| page.contains(words))
            && about.free.is_some()
        {
            return Some(Wall::Payment);
        }
    }
    let tail = text.char_indices().rev().nth(400).map_or(0, |(at, _)| at);
    let tail = text[tail..].to_lowercase();
    let asks = length <= TEASER_MAX && PAYMENTS.iter().any(|words| tail.contains(words));
    (asks || (about.free == Some(false) && length <= TEASER_MAX)).then_some(Wall::Payment)
}

/// True when `title` begins with `word` and the word ends there.
fn starts(title: &str, word: &str) -> bool {
    title.strip_prefix(word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// `404 - Page not found | Daily Sun`, and not `Error in the count: council votes again`.
fn is_error(title: &str) -> bool {
    let head = title.split(['|', '–', ':']).next().unwrap_or(title);
    let words: Vec<&str> =
        head.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let rest: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| word.parse::<u16>().is_err() && *word != "error" && *word != "http")
        .collect();
    let numbered = words.iter().any(|word| ERRORS.contains(word) && word.parse::<u16>().is_ok());
    ERRORS.contains(&rest.join(" ").as_str()) || (rest.is_empty() && (numbered || words == ["error"]))
}
