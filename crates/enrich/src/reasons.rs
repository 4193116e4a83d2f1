//! Why an article got what it got: found again from the article, in words for people.

use crate::analysis::Analysis;
use crate::link::{Base, OwnNames, key};
use crate::topics::{self, Evidence};
use crate::{Enricher, attribution, keywords};
use model::Article;
use record::{Entity, Field};
use serde::Serialize;
use std::collections::BTreeMap;

/// Ways of naming an entity that are told.
const NAMED_MAX: usize = 6;

/// One thing that was found, and what speaks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// `entity`, `topic`, `keyword`, `attribution` or `label`.
    pub kind: &'static str,
    /// The name with its Wikidata id, the topic's id and label, the phrase, the outlet, or the label.
    pub found: String,
    /// What speaks for it, a phrase each.
    pub because: Vec<String>,
}

impl Enricher {
    /// Why each entity, topic, keyword, credit and label of an article was found, in the record's order.
    pub fn reasons(&self, article: &Article) -> Vec<Reason> {
        let story = self.enrich(article.clone());
        let mut analysis = Analysis::of(article, story.language.clone());
        analysis.entities.clone_from(&story.entities);
        let mut reasons = Vec::new();
        reasons.extend(story.entities.iter().map(|found| entity(found, self.own_names.as_deref())));
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
        let given = self.rules.given(&story).into_iter();
        reasons.extend(given.map(|given| Reason {
            kind: "label",
            found: given.label,
            because: given.because,
        }));
        reasons
    }
}

/// How the text names an entity, and what makes it the item that it is linked to.
fn entity(entity: &Entity, own: Option<&OwnNames>) -> Reason {
    let id = entity.wikidata.as_deref().unwrap_or("no item");
    let found = format!("{} ({}, {id}) {:.3}", entity.name, entity.kind, entity.salience);
    let mut named: BTreeMap<&str, (usize, bool)> = BTreeMap::new();
    for mention in &entity.mentions {
        let (count, in_title) = named.entry(mention.surface.as_str()).or_default();
        *count += 1;
        *in_title |= mention.field == Field::Title;
    }
    let mut ways: Vec<(&str, (usize, bool))> = named.into_iter().collect();
    ways.sort_by(|a, b| b.1.0.cmp(&a.1.0).then(b.0.len().cmp(&a.0.len())));
    let way = |(surface, (count, in_title)): &(&str, (usize, bool))| {
        format!("{surface:?}{}{}", times(*count), if *in_title { " (in the title)" } else { "" })
    };
    let told: Vec<String> = ways.iter().take(NAMED_MAX).map(way).collect();
    let rest = ways.len().saturating_sub(NAMED_MAX);
    let rest = if rest == 0 { String::new() } else { format!(" and {rest} other ways") };
    let is_own = ways.iter().any(|(surface, _)| own.is_some_and(|own| own.find_key(&key(surface)).is_some()));
    let mut because = vec![format!("the text names it: {}{rest}", told.join(", "))];
    if is_own {
        because.push("a name of your own file".into());
    } else {
        because.push(format!("seen as a name with confidence {:.3}", entity.confidence));
        // The fullest name is the one that decides.
        ways.sort_by_key(|(surface, _)| std::cmp::Reverse(surface.len()));
        because.push(linked(entity, ways.iter().map(|(surface, _)| *surface)));
    }
    Reason { kind: "entity", found, because }
}

fn times(count: usize) -> String {
    if count == 1 { String::new() } else { format!(" {count} times") }
}

/// What the base says of the entity's item, or why there is none.
fn linked<'a>(entity: &Entity, surfaces: impl Iterator<Item = &'a str>) -> String {
    let base = Base::built_in();
    let id = entity.wikidata.as_deref().and_then(|id| id.strip_prefix('Q')?.parse::<u32>().ok());
    let mut namesakes = 0;
    for surface in surfaces {
        let all: Vec<_> = base.find(surface).collect();
        namesakes = namesakes.max(all.len());
        if let Some(item) = id.and_then(|id| all.iter().find(|item| item.qid == id)) {
            let others = match all.len() {
                1 => "the only one of this name".to_owned(),
                count => format!("of {count} of this name"),
            };
            return format!(
                "linked by the name {surface:?} to {:?}, {others}, known by {:.2} of 1",
                item.label, item.prior
            );
        }
    }
    match (id, namesakes) {
        (Some(_), _) => "linked by another name in the document".to_owned(),
        (None, 0) => "not linked: no item of this name is known".to_owned(),
        (None, count) => format!("not linked: none of {count} known items of this name stands out"),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Rule;
    use crate::tests::article;
    use crate::{Config, Enricher};

    #[test]
    fn each_tag_has_its_evidence() {
        let own = OwnNames::parse("Q99\tAcme Rockets\tORG\tAcme\n", "own.tsv").unwrap();
        let rule = Rule { label: "rockets".into(), names: vec!["rocket".into()], ..Rule::default() };
        let config = Config { names: Some(own.into()), rules: vec![rule], ..Config::default() };
        let text = "Angela Merkel met the owners of Acme in Berlin on Wednesday to talk about a rocket, Reuters \
                    reported. Merkel said that the parliament will vote on the election law next week.";
        let article = article("Merkel visits Acme Rockets", text, Some("en"), vec!["Politics".into()]);
        let enricher = Enricher::new(&config).unwrap();
        let reasons = enricher.reasons(&article);
        let check = |kind: &str, found: &str, because: &str| {
            let is_it = |reason: &&Reason| reason.kind == kind && reason.found.contains(found);
            let reason = reasons.iter().find(is_it).unwrap_or_else(|| panic!("{kind} {found}: {reasons:#?}"));
            assert!(reason.because.iter().any(|why| why.contains(because)), "{because}: {reason:#?}");
        };
        check("entity", "Angela Merkel (", "linked by the name \"Angela Merkel\"");
        check("entity", "Q99)", "a name of your own file");
        check("entity", "Q99)", "\"Acme Rockets\" (in the title)");
        check("entity", "Berlin (", "linked by the name \"Berlin\" to \"Berlin\"");
        check("topic", "politics", "the publisher's category \"Politics\"");
        check("attribution", "Reuters", "credited by");
        check("label", "rockets", "rocket");
        // Nothing is explained that is not in the record, and everything that is.
        let story = enricher.enrich(article);
        let count = |kind: &str| reasons.iter().filter(|reason| reason.kind == kind).count();
        assert_eq!(count("entity"), story.entities.len());
        assert_eq!(count("topic"), story.topics.len());
        assert_eq!(count("keyword"), story.keywords.len());
        assert_eq!(count("attribution"), story.attribution.len());
        assert_eq!(count("label"), story.labels.len());
    }
}
