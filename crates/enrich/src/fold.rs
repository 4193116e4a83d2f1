use unicode_normalization::UnicodeNormalization;

/// The form in which labels and categories are compared: compatibility forms, case, punctuation and
/// white space do not matter, `&` is "and"; accents do matter.
pub(crate) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut apart = false;
    for c in text.nfkc().flat_map(char::to_lowercase) {
        let mark = matches!(c, '\u{300}'..='\u{36f}');
        if !(c.is_alphanumeric() || mark || c == '&') {
            apart = true;
            continue;
        }
        if (apart || c == '&') && !out.is_empty() {
            out.push(' ');
        }
        apart = c == '&';
        if apart { out.push_str("and") } else { out.push(c) }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dress_does_not_matter() {
        for text in ["Arts & Culture", "arts and culture", " ARTS  AND-CULTURE ", "Arts&Culture"] {
            assert_eq!(fold(text), "arts and culture");
        }
        assert_eq!(fold("Économie"), fold("E\u{301}CONOMIE"));
        assert_ne!(fold("Économie"), fold("Economie"));
        assert_eq!(fold("文化・芸能"), "文化 芸能");
        assert_eq!(fold(" … "), "");
    }
}
