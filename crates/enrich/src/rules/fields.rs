//! An article's fields as conditions see them: each a list of texts.

use model::Story;
use std::borrow::Cow;

/// Names that a condition may use.
pub(super) const NAMES: [&str; 16] = [
    "title",
    "summary",
    "text",
    "url",
    "language",
    "outlet",
    "domain",
    "feed",
    "feed_labels",
    "country",
    "authors",
    "categories",
    "topics",
    "entities",
    "keywords",
    "attribution",
];

/// The fields of one story.
#[derive(Debug)]
pub(super) struct Fields<'a>(&'a Story);

impl<'a> Fields<'a> {
    pub(super) fn new(story: &'a Story) -> Self {
        Self(story)
    }

    /// Title, summary and text.
    pub(super) fn texts(&self) -> impl Iterator<Item = &'a str> {
        let article = &self.0.article;
        [&article.title, &article.summary, &article.text].into_iter().flatten().map(String::as_str)
    }

    /// The values of a field; none for what the article does not have. Entities are given by name and by
    /// Wikidata id, topics by id and by label, credits by name and by id.
    pub(super) fn get(&self, name: &str) -> Vec<Cow<'a, str>> {
        let (story, article) = (self.0, &self.0.article);
        fn one(value: &Option<String>) -> Vec<Cow<'_, str>> {
            value.as_deref().map(Cow::Borrowed).into_iter().collect()
        }
        fn all<'b>(values: impl Iterator<Item = &'b String>) -> Vec<Cow<'b, str>> {
            values.map(|value| Cow::Borrowed(value.as_str())).collect()
        }
        match name {
            "title" => one(&article.title),
            "summary" => one(&article.summary),
            "text" => one(&article.text),
            "url" => one(&article.url),
            "language" => {
                story.language.iter().map(|language| Cow::Borrowed(language.code.as_str())).collect()
            }
            "outlet" => one(&article.outlet.name),
            "domain" => one(&article.outlet.domain),
            "feed" => vec![Cow::Owned(article.feed.id.to_string())],
            "feed_labels" => all(article.feed.labels.iter()),
            "country" => one(&article.feed.country),
            "authors" => all(article.authors.iter().map(|author| &author.name)),
            "categories" => all(article.categories.iter()),
            "topics" => all(story.topics.iter().flat_map(|topic| [&topic.id, &topic.label])),
            "entities" => all(story
                .entities
                .iter()
                .flat_map(|entity| std::iter::once(&entity.name).chain(&entity.wikidata))),
            "keywords" => all(story.keywords.iter()),
            "attribution" => all(story
                .attribution
                .iter()
                .flat_map(|credit| std::iter::once(&credit.name).chain(&credit.wikidata))),
            _ => Vec::new(),
        }
    }
}
