//! Which part of a page is the article.

use super::about::About;
use crate::text::to_text;
use trafilatura::{ExtractionFocus, HtmlDateMode, Options};

/// Characters below which a text makes one look again, less strictly.
const SHORT: usize = 2_000;
/// A strict reading that gives less than this share of a generous one has missed the article.
const SHARE: f64 = 0.4;
/// Characters by which a lead is recognised.
const LEAD_START: usize = 40;
/// Characters of a lead. A shorter one is a line under the headline: the summary has it.
const LEAD_MIN: usize = 100;
const LEAD_MAX: usize = 1_000;
/// Characters of a text below which the one that the page gives to machines is the better, when longer.
const STUB: usize = 400;

/// The markup of the article in a page that was made lean; none when there is none.
pub(super) fn find(lean: &str, about: &About) -> Option<String> {
    let strict = extract(lean, ExtractionFocus::FavorPrecision);
    let length = strict.as_ref().map_or(0, Found::length);
    let found = if length < SHORT || length * 5 < to_text(lean).chars().count() {
        let generous = extract(lean, ExtractionFocus::FavorRecall);
        let wider = generous.filter(|found| (length as f64) < SHARE * found.length() as f64);
        wider.or(strict)
    } else {
        strict
    };
    let stated = about.body.as_deref().map(to_text).unwrap_or_default();
    let Some(found) = found else { return (!stated.is_empty()).then(|| paragraphs(&stated)) };
    if found.length() < STUB && stated.chars().count() > 2 * found.length() {
        return Some(paragraphs(&stated));
    }
    match about.summary.as_deref().and_then(|summary| lead(lean, summary, &found.text)) {
        Some(lead) => Some(paragraphs(&lead) + &found.html),
        None => Some(found.html),
    }
}

struct Found {
    html: String,
    text: String,
}

impl Found {
    fn length(&self) -> usize {
        self.text.chars().count()
    }
}

fn extract(lean: &str, focus: ExtractionFocus) -> Option<Found> {
    let options = Options::default()
        .with_fallback(true)
        .with_exclude_comments(true)
        .with_focus(focus)
        .with_html_date_mode(HtmlDateMode::Disabled);
    let found = trafilatura::extract(lean, &options).ok()?;
    let text = to_text(&found.content_html);
    (!text.is_empty()).then_some(Found { html: found.content_html, text })
}

/// The paragraph between headline and text that extraction leaves out for its class (`teaser`, `lead`,
/// `intro`): the page shows it, and gives it to machines as its description.
fn lead(lean: &str, summary: &str, text: &str) -> Option<String> {
    let start: String = summary.trim().chars().take(LEAD_START).collect();
    if start.chars().count() < LEAD_START || text.contains(&start) {
        return None;
    }
    let page = to_text(lean);
    let line = page.lines().find(|line| line.trim_start().starts_with(&start))?;
    (LEAD_MIN..=LEAD_MAX).contains(&line.chars().count()).then(|| line.to_owned())
}

/// Plain text as paragraphs of HTML.
fn paragraphs(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let lines = escaped.lines().filter(|line| !line.is_empty());
    lines.map(|line| format!("<p>{line}</p>\n")).collect()
}
