//! One name, one kind: what most of a document says outweighs a single slip of the tagger.

use super::mentions::Mention;
use crate::link::{Base, COUNTRY};
use crate::tagger::Kind;
use std::collections::HashMap;

/// A mention that is at least this sure keeps its kind.
const SURE: f32 = 0.97;
/// Share of a name's weight that one kind must have to speak for all.
const MAJORITY: f32 = 0.66;

/// Settles the kinds of mentions of one name. A country that acts is a place all the same, but in sport a team.
pub(super) fn kinds(base: &Base, mentions: &mut [Mention], sport: bool) {
    let (names, weights) = weights(mentions);
    let people = people(mentions);
    for (mention, name) in mentions.iter_mut().zip(names) {
        let weight = &weights[name];
        let total: f32 = weight.iter().sum();
        let top = Kind::ALL.into_iter().fold(mention.kind, |top, kind| {
            if weight[top as usize] < weight[kind as usize] { kind } else { top }
        });
        let agreed = weight[top as usize] / total;
        if mention.confidence < SURE && MAJORITY <= agreed {
            mention.kind = top;
        }
        if mention.kind != Kind::Person
            && mention.confidence < 0.9
            && people.contains_key(mention.key.as_str())
        {
            mention.kind = Kind::Person;
        }
        if mention.confidence < SURE && 2 <= mention.words() {
            mention.kind = listed_kind(base, mention).unwrap_or(mention.kind);
        }
        let is_country =
            || base.find_key(&mention.key).any(|item| item.kind == Kind::Place && COUNTRY <= item.prior);
        let may_err = match mention.kind {
            Kind::Person => mention.confidence < SURE,
            Kind::Organisation => !sport,
            _ => false,
        };
        if may_err && is_country() {
            mention.kind = Kind::Place;
        }
    }
}

/// Person for who is listed as one and nothing else, something else for what is never one: of a name of several words.
fn listed_kind(base: &Base, mention: &Mention) -> Option<Kind> {
    let mut items = base.find_key(&mention.key);
    let best = items.next().filter(|best| best.sure && 0.4 <= best.prior && best.kind != Kind::Other)?;
    let is_person = |kind: Kind| kind == Kind::Person;
    let differs = is_person(best.kind) != is_person(mention.kind);
    (differs && items.all(|item| is_person(item.kind) == is_person(best.kind))).then_some(best.kind)
}

/// For each mention the number of its name, and by name the sums of confidences for each kind.
fn weights(mentions: &[Mention]) -> (Vec<usize>, Vec<[f32; 4]>) {
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut weights = Vec::new();
    let mut names = Vec::with_capacity(mentions.len());
    for mention in mentions {
        let next = weights.len();
        let name = *numbers.entry(&mention.key).or_insert(next);
        if name == next {
            weights.push([0.0; 4]);
        }
        weights[name][mention.kind as usize] += mention.confidence;
        names.push(name);
    }
    (names, weights)
}

/// Surnames of the people that the document names in full, each with how often.
fn people(mentions: &[Mention]) -> HashMap<String, usize> {
    let mut out = HashMap::new();
    for mention in mentions.iter().filter(|mention| mention.kind == Kind::Person && 2 <= mention.words()) {
        if let Some((_, surname)) = mention.key.split_once(' ') {
            *out.entry(surname.to_owned()).or_insert(0) += 1;
        }
    }
    out
}
