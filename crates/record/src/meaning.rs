use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A person, organisation, place or other that the article names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entity {
    /// Fullest form found.
    pub name: String,
    /// `PER`, `ORG`, `LOC` or `MISC`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Wikidata id, `Q…`; null rather than a guess.
    pub wikidata: Option<String>,
    /// Weight in the article, 0 to 1.
    pub salience: f64,
    /// 0 to 1.
    pub confidence: f64,
    /// Where it is named.
    pub mentions: Vec<Mention>,
}

/// One place where an entity is named.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Mention {
    /// The record's field.
    pub field: Field,
    /// First Unicode scalar value of the field, from 0.
    pub start: u32,
    /// One past the last.
    pub end: u32,
    /// The words themselves.
    pub surface: String,
}

/// A text field of the record that offsets count in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// `title`
    Title,
    /// `summary`
    Summary,
    /// `text`
    Text,
    /// A word that this version does not know: lists of words are open.
    #[serde(other)]
    #[schemars(skip)]
    Other,
}

/// One IPTC Media Topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Topic {
    /// `medtop:` and eight digits.
    pub id: String,
    /// English label.
    pub label: String,
    /// 0 to 1, three places.
    pub score: f64,
}

/// An outlet or agency that the text credits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Attribution {
    /// Name as credited.
    pub name: String,
    /// Wikidata id.
    pub wikidata: Option<String>,
    /// The record's field.
    pub field: Field,
    /// First Unicode scalar value of the field, from 0.
    pub start: u32,
    /// One past the last.
    pub end: u32,
}

/// What became of each enrichment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Enrichment {
    /// Entities.
    pub entities: EnrichmentState,
    /// Topics.
    pub topics: EnrichmentState,
    /// Keywords.
    pub keywords: EnrichmentState,
    /// Attribution.
    pub attribution: EnrichmentState,
}

/// What became of an enrichment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EnrichmentState {
    /// Done; an empty list means that nothing was found.
    Ok,
    /// Not offered in the article's language.
    UnsupportedLanguage,
    /// Took too long.
    Timeout,
    /// Switched off, or not in this build.
    Disabled,
    /// A word that this version does not know: lists of words are open.
    #[serde(other)]
    #[schemars(skip)]
    Other,
}
