use model::Article;

/// Beginnings of a headline by which publishers take an article back; folded to lower case.
const TITLES: [&str; 8] = [
    "withdrawn:",
    "retracted:",
    "retraction:",
    "story withdrawn",
    "article withdrawn",
    "story removed",
    "article removed",
    "kill:",
];
/// What stands in place of the text.
const NOTICES: [&str; 8] = [
    "story has been withdrawn",
    "article has been withdrawn",
    "story has been retracted",
    "article has been retracted",
    "story has been removed",
    "article has been removed",
    "this story was withdrawn",
    "this article was retracted",
];
/// A longer text tells of a retraction instead of being one, bytes.
const NOTICE_BYTES_MAX: usize = 600;

/// Whether the publisher takes the article back in its own words: a headline that says so, or a notice in
/// place of the text.
pub fn is_retraction(article: &Article) -> bool {
    let title = article.title.as_deref().unwrap_or_default().trim_start().to_lowercase();
    let text = [&article.text, &article.summary].into_iter().flatten().find(|text| !text.is_empty());
    let text = text.map_or("", String::as_str);
    let is_notice = text.len() <= NOTICE_BYTES_MAX && {
        let text = text.to_lowercase();
        NOTICES.iter().any(|notice| text.contains(notice))
    };
    is_notice || TITLES.iter().any(|beginning| title.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::tests::article;

    fn check(title: &str, text: &str, expect: bool) {
        let article = article(|a| {
            a.title = Some(title.into());
            a.text = Some(text.into());
        });
        assert_eq!(is_retraction(&article), expect, "{title}: {text}");
    }

    #[test]
    fn a_notice_takes_back_and_a_report_of_one_does_not() {
        check("WITHDRAWN: Ferry sinks", "The ferry sank.", true);
        check("Ferry sinks", "This story has been withdrawn because it was wrong.", true);
        check("Ferry sinks", "The ferry sank.", false);
        check("Troops withdrawn from the harbour", "They left.", false);
        let report = "The journal said that the article has been retracted. ".repeat(20);
        check("Study retracted after doubts", &report, false);
    }
}
