//! What an article is about, in IPTC Media Topics: what the publisher says, what the words of an English text
//! say by a trained model, and what the text names in a language of the vocabulary.

#[cfg(feature = "train")]
mod calibrate;
mod categories;
mod hash;
mod model;
#[cfg(feature = "train")]
pub mod train;
mod tree;
mod vocabulary;
mod words;

use self::model::{MODEL, Scores, TOPICS};
use crate::analysis::Analysis;
use ::model::Article;
use record::{EnrichmentState, Topic};
use tree::{Id, TREE};
use words::Counted;

/// Version of the vocabulary and the model.
pub(crate) const VERSION: &str = "iptc-2025-03-31+linear-2";

/// Topics of one article, best first.
const TOPICS_MAX: usize = 12;
/// A narrower topic is given from this score on.
const NAMED_MIN: f64 = 0.5;
/// The best of the measured topics is given from this score on, even below its own threshold.
const BEST_MIN: f32 = 0.2;
/// Threshold above which a topic was not measured: being the best is not enough for it.
const UNMEASURED: f32 = 0.7;
/// How fast mentions add up to certainty: a name of several words, of one word.
const MENTION: (f32, f32) = (0.6, 0.25);
/// Share of the text's topics from which on a narrower topic is at home in it.
const AT_HOME: f32 = 0.1;
/// Mentions from which on names bring in a top topic that the model ranks below its threshold, those of one word for
/// half, and the highest score that they give: a text has two topics more often than the training texts say.
const BROUGHT_IN: (f32, f64) = (3.0, 0.6);
/// Words that are shown as evidence for a topic.
const WORDS_SHOWN: usize = 8;

/// What speaks for a topic.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Evidence {
    /// One of the article's categories.
    Category(String),
    /// A section of its URL.
    Section(String),
    /// The words that the model weighs most, with what each adds.
    Words(Vec<(String, f32)>),
    /// A name of the topic in the text, and the weight of its mentions.
    Named(String, f32),
    /// A narrower topic.
    Narrower(Id),
}

/// A topic with its evidence.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) id: Id,
    pub(crate) score: f64,
    pub(crate) evidence: Vec<Evidence>,
}

/// The topics of an article, best first.
pub(crate) fn of(article: &Article, analysis: &Analysis<'_>) -> (Vec<Topic>, EnrichmentState) {
    let (found, state) = find(article, analysis, false);
    let topic = |found: Found| {
        let (id, label) = TREE.topic(found.id)?;
        let score = (found.score * 1000.0).round() / 1000.0;
        Some(Topic { id: format!("medtop:{id}"), label: label.to_owned(), score })
    };
    (found.into_iter().filter_map(topic).collect(), state)
}

/// The topics with what speaks for them; the words of the model only when they are to be shown.
pub(crate) fn find(article: &Article, analysis: &Analysis<'_>, show: bool) -> (Vec<Found>, EnrichmentState) {
    let mut found = Vec::new();
    from_publisher(article, &mut found);
    let judged = if analysis.is_english() { judge(analysis) } else { None };
    if let Some((words, known, scores)) = &judged {
        from_model(scores, &mut found, |topic| if show { telling(words, known, topic) } else { Vec::new() });
    }
    let language = analysis.language.as_ref().map_or("en", |language| language.code.as_str());
    let named = vocabulary::find(analysis, language);
    let is_known = judged.is_some() || named.is_some() || !found.is_empty();
    from_names(&named.unwrap_or_default(), judged.as_ref().map(|judged| &judged.2), &mut found);
    lift(&mut found);
    found.sort_by(|a, b| {
        b.score.total_cmp(&a.score).then_with(|| depth(a.id).cmp(&depth(b.id))).then(a.id.cmp(b.id))
    });
    found.truncate(TOPICS_MAX);
    let state = if is_known { EnrichmentState::Ok } else { EnrichmentState::UnsupportedLanguage };
    (found, state)
}

fn from_publisher(article: &Article, found: &mut Vec<Found>) {
    for category in &article.categories {
        if let Some((id, score)) = categories::of_category(category) {
            add(found, id, score, Evidence::Category(category.clone()));
        }
    }
    for (id, score, section) in article.url.as_deref().map(categories::of_url).unwrap_or_default() {
        add(found, id, score, Evidence::Section(section.to_owned()));
    }
}

type Judged<'a> = (Vec<Counted<'a>>, Vec<model::Known>, Scores);

fn judge<'a>(analysis: &'a Analysis<'_>) -> Option<Judged<'a>> {
    let model = MODEL.as_ref()?;
    let words = words::counted(analysis);
    let known = model.known(&words)?;
    let scores = model.scores(&known);
    Some((words, known, scores))
}

fn from_model(scores: &Scores, found: &mut Vec<Found>, shown: impl Fn(usize) -> Vec<(String, f32)>) {
    let Some(model) = MODEL.as_ref() else { return };
    let measured = (0..scores.len()).filter(|topic| model.threshold[*topic] < UNMEASURED);
    let best = measured.max_by(|a, b| scores[*a].total_cmp(&scores[*b]));
    for (number, score) in scores.iter().enumerate() {
        let threshold = model.threshold[number];
        let leads = best == Some(number) && BEST_MIN <= *score;
        if let Some(id) = tree::top_id(number).filter(|_| leads || threshold <= *score) {
            add(found, id, f64::from(*score), Evidence::Words(shown(number)));
        }
    }
}

/// The words that add most to a topic.
fn telling(words: &[Counted<'_>], known: &[model::Known], topic: usize) -> Vec<(String, f32)> {
    let Some(model) = MODEL.as_ref() else { return Vec::new() };
    let mut parts: Vec<(String, f32)> = known
        .iter()
        .map(|word| (words[word.at].word.clone().into_owned(), model.parts(word)[topic]))
        .filter(|(_, part)| 0.0 < *part)
        .collect();
    parts.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    parts.truncate(WORDS_SHOWN);
    parts
}

/// A named topic counts by its mentions and by how much of the text is about its top topic: of English by
/// the model, else by what else is named.
fn from_names(named: &[vocabulary::Named], scores: Option<&Scores>, found: &mut Vec<Found>) {
    let all: f32 = named.iter().map(|name| name.weight).sum();
    let (mut beside, mut brought) = ([0.0_f32; TOPICS], [0.0_f32; TOPICS]);
    for name in named {
        let top = tree::number(TREE.top(name.id));
        beside[top] += name.weight;
        brought[top] += if name.is_phrase { name.weight } else { name.weight / 2.0 };
    }
    // What is brought in does not lead.
    let highest = found.iter().map(|known| known.score).fold(0.0, f64::max).min(BROUGHT_IN.1);
    for name in named {
        let top = TREE.top(name.id);
        let number = tree::number(top);
        let at_home = match scores {
            Some(scores) if ranks_high(scores, number) => 1.0,
            Some(scores) => (scores[number] / AT_HOME).min(1.0),
            None => (beside[number] / all / AT_HOME).min(1.0),
        };
        let rate = if name.is_phrase { MENTION.0 } else { MENTION.1 };
        let certainty = 1.0 - (-rate * name.weight).exp();
        let score = f64::from(certainty * at_home);
        // Where the model has spoken, nothing narrower is surer than its top topic.
        let limit = match (scores, found.iter().find(|known| known.id == top)) {
            (Some(_), Some(known)) => known.score,
            (Some(_), None) if BROUGHT_IN.0 <= brought[number] => highest,
            (Some(_), None) => continue,
            (None, _) => 1.0,
        };
        if NAMED_MIN <= score {
            add(found, name.id, score.min(limit), Evidence::Named(name.surface.clone(), name.weight));
        }
    }
}

/// Whether a topic is one of the model's two best: of a long text it is surer of the best than the text is.
fn ranks_high(scores: &Scores, topic: usize) -> bool {
    scores.iter().filter(|score| scores[topic] < **score).count() < 2
}

/// Independent evidence adds up: what is left of the doubt is the product of the doubts.
fn add(found: &mut Vec<Found>, id: Id, score: f64, evidence: Evidence) {
    match found.iter_mut().find(|known| known.id == id) {
        Some(known) => {
            known.score = 1.0 - (1.0 - known.score) * (1.0 - score);
            known.evidence.push(evidence);
        }
        None => found.push(Found { id, score, evidence: vec![evidence] }),
    }
}

/// Whatever is about a topic is about all broader ones: they are given, with no lower score.
fn lift(found: &mut Vec<Found>) {
    for at in 0..found.len() {
        let (id, score) = (found[at].id, found[at].score);
        let broader = std::iter::successors(TREE.broader(id), |broader| TREE.broader(broader));
        for broader in broader.take(6) {
            match found.iter_mut().find(|known| known.id == broader) {
                Some(known) if known.score < score => {
                    known.score = score;
                    known.evidence.push(Evidence::Narrower(id));
                }
                Some(_) => {}
                None => found.push(Found { id: broader, score, evidence: vec![Evidence::Narrower(id)] }),
            }
        }
    }
}

/// A topic's English label.
pub(crate) fn label(id: &str) -> &'static str {
    TREE.topic(id).map_or("", |(_, label)| label)
}

fn depth(id: Id) -> usize {
    std::iter::successors(Some(id), |id| TREE.broader(id)).take(7).count()
}
