//! Why an article got what it got: found again from the article, in words for people.

use crate::analysis::Analysis;
use crate::topics::{self, Evidence};
use crate::{Enricher, attribution, keywords, language};
use model::Article;

/// One thing that was found, and what speaks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// `topic`, `keyword`, `attribution` or `label`.
    pub kind: &'static str,
    /// The topic's id and label, the phrase, the outlet, or the label.
    pub found: String,
    /// What speaks for it, a phrase each.
    pub because: Vec<String>,
}

impl Enricher {
    /// Why each topic, keyword, credit and label of an article was found, in the record's order.
    pub fn reasons(&self, article: &Article) -> Vec<Reason> {
        let analysis = Analysis::of(article, language::of(article));
        let mut reasons = Vec::new();
        for topic in topics::find(article, &analysis, true).0 {
            let found = format!("medtop:{} {} {:.3}", topic.id, topics::label(topic.id), topic.score);
            reasons.push(Reason {
                kind: "topic",
                found,
                because: topic.evidence.iter().map(shown).collect(),
            });
        }
        for keyword in keywords::of(&analysis).unwrap_or_default() {
            let because = vec![format!("score {:.4}, lower is better", keyword.score)];
            reasons.push(Reason { kind: "keyword", found: keyword.text, because });
        }
        for credit in attribution::of(article, &analysis).unwrap_or_default() {
            let because = vec![format!("credited by {:?}", credit.cue)];
            reasons.push(Reason { kind: "attribution", found: credit.attribution.name, because });
        }
        let story = self.enrich(article.clone());
        let given = self.rules.given(&story).into_iter();
        reasons.extend(given.map(|given| Reason {
            kind: "label",
            found: given.label,
            because: given.because,
        }));
        reasons
    }
}

fn shown(evidence: &Evidence) -> String {
    match evidence {
        Evidence::Category(category) => format!("the publisher's category {category:?}"),
        Evidence::Section(section) => format!("the section {section:?} of the URL"),
        Evidence::Words(words) => {
            let words: Vec<String> = words.iter().map(|(word, part)| format!("{word} {part:+.2}")).collect();
            format!("words of the model: {}", words.join(", "))
        }
        Evidence::Named(surface, weight) => format!("the text names it: {surface:?}, {weight:.0} in all"),
        Evidence::Narrower(id) => format!("the narrower topic {}", topics::label(id)),
    }
}
