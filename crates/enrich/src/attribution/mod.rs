//! Credits: the outlets and agencies that an English text names as its sources, each once, where it is first
//! credited. A name counts when words beside it give credit ("as reported by", "told", "according to",
//! "reported that", "(AP) —") and when it is an outlet's: from the table, by its shape ("… News"), by an
//! abbreviation that the text itself explains, or because only an outlet is credited with such words.

mod cues;
mod outlets;

use crate::analysis::{Analysis, Passage};
use crate::fold::fold;
use model::Article;
use outlets::{Origin, Outlet};
use record::{Attribution, Field};

/// Version of the rules and the table, for `producer.models`.
pub(crate) const VERSION: &str = "credits-1";
/// Credits of one article.
const CREDITS_MAX: usize = 20;

/// A credit and the words that gave it.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) attribution: Attribution,
    pub(crate) cue: String,
    key: String,
}

/// The credits of an article in the order of the text; none when its language is not English.
pub(crate) fn of(article: &Article, analysis: &Analysis<'_>) -> Option<Vec<Found>> {
    if !analysis.is_english() {
        return None;
    }
    // The outlet itself is no source, be it named in its own text.
    let own = article.outlet.name.as_deref().map(fold).unwrap_or_default();
    let mut outlets: Vec<Vec<Outlet>> =
        analysis.passages.iter().map(|passage| outlets::find(passage, &analysis.forms, &[])).collect();
    let mut abbreviations = Vec::new();
    for (passage, outlets) in analysis.passages.iter().zip(&outlets) {
        outlets::explained(passage, outlets, &mut abbreviations);
    }
    if !abbreviations.is_empty() {
        for (passage, outlets) in analysis.passages.iter().zip(&mut outlets) {
            *outlets = outlets::find(passage, &analysis.forms, &abbreviations);
        }
    }
    let mut found: Vec<Found> = Vec::new();
    for (passage, outlets) in analysis.passages.iter().zip(outlets) {
        for outlet in outlets {
            let Some(credit) = cues::credit(analysis, passage, &outlet) else { continue };
            let is_sure = outlet.origin != Origin::Unknown || credit.is_strong;
            let name = outlet.name(passage);
            let key = fold(name.trim_start_matches("The "));
            let is_new = key != own.trim_start_matches("the ") && found.iter().all(|known| known.key != key);
            if is_sure && is_new && found.len() < CREDITS_MAX {
                let attribution = told(passage, analysis, name, &outlet);
                found.push(Found { attribution, cue: credit.words, key });
            }
        }
    }
    found.sort_by_key(|found| (found.attribution.field != Field::Text, found.attribution.start));
    Some(found)
}

fn told(passage: &Passage<'_>, analysis: &Analysis<'_>, name: String, outlet: &Outlet) -> Attribution {
    let start = passage.tokens[outlet.tokens.start].from;
    let end = passage.tokens[outlet.tokens.end - 1].to;
    let linked = || {
        let entity = analysis.entities.iter().find(|entity| {
            entity.kind == "ORG"
                && entity.mentions.iter().any(|mention| {
                    mention.field == passage.field && start <= mention.start && mention.end <= end
                })
        });
        entity.and_then(|entity| entity.wikidata.clone())
    };
    let wikidata = outlet.wikidata.map(str::to_owned).or_else(linked);
    Attribution { name, wikidata, field: passage.field, start, end }
}

#[cfg(test)]
mod tests;
