/// How large a part of an article may be. What is longer is cut (texts), left out (names, which would
/// mean something else when cut) or ends the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Characters of a title.
    pub title: usize,
    /// Characters of a summary.
    pub summary: usize,
    /// Characters of a text.
    pub text: usize,
    /// Bytes of a guid; a longer one is left out and flagged.
    pub guid: usize,
    /// Bytes of any URL; a longer one is left out.
    pub url: usize,
    /// Bylines of one article.
    pub authors: usize,
    /// Characters of a byline.
    pub author: usize,
    /// Media of one article.
    pub media: usize,
    /// Categories of one article.
    pub categories: usize,
    /// Characters of a category; a longer one is left out.
    pub category: usize,
    /// Characters of a copyright line.
    pub rights: usize,
}

/// The limits in force. A text of 1 Mi characters is at most 4 MiB, which is what the parser's 16 MiB
/// document can hold of one honest item; the rest are far above anything seen in feeds.
pub const LIMITS: Limits = Limits {
    title: 1_000,
    summary: 20_000,
    text: 1 << 20,
    guid: 2_000,
    url: 4_096,
    authors: 50,
    author: 200,
    media: 50,
    categories: 50,
    category: 200,
    rights: 1_000,
};

/// Cuts `text` to at most `max` characters and says whether it had to.
pub(crate) fn cut(text: &mut String, max: usize) -> bool {
    if text.len() <= max {
        return false;
    }
    match text.char_indices().nth(max) {
        None => false,
        Some((end, _)) => {
            text.truncate(end);
            text.truncate(text.trim_end().len());
            true
        }
    }
}
