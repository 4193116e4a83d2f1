//! One name, one kind: what most of a document says outweighs a single slip of the tagger.

use super::mentions::Mention;
use crate::link::Base;
use crate::tagger::Kind;
use std::collections::HashMap;

/// A mention that is at least this sure keeps its kind.
const SURE: f32 = 0.97;
/// Share of a name's weight that one kind must have to speak for all.
const MAJORITY: f32 = 0.66;
/// Prior from which on a place is a country, which no one else is named after without more words.
const COUNTRY: f32 = 0.9;

/// Settles the kinds of mentions of one name.
pub(super) fn kinds(base: &Base, mentions: &mut [Mention]) {
    let mut weights: HashMap<String, [f32; 4]> = HashMap::new();
    for mention in mentions.iter() {
        weights.entry(mention.key.clone()).or_default()[mention.kind as usize] += mention.confidence;
    }
    let people = people(mentions);
    for mention in mentions.iter_mut() {
        let Some(weight) = weights.get(&mention.key) else { continue };
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
        let is_country =
            || base.find_key(&mention.key).any(|item| item.kind == Kind::Place && COUNTRY <= item.prior);
        if mention.kind == Kind::Person && mention.confidence < SURE && is_country() {
            mention.kind = Kind::Place;
        }
    }
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
