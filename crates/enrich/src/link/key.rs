use unicode_normalization::UnicodeNormalization;

/// The form in which names are compared: without accents, articles, stops and apostrophes, hyphens as spaces,
/// in lower case; a single word of two to six capitals keeps them ("WHO" is not "who").
pub(crate) fn key(name: &str) -> String {
    let name = name.trim();
    let name = ["The ", "the "].iter().find_map(|article| name.strip_prefix(article)).unwrap_or(name);
    let name = name.strip_suffix("'s").or_else(|| name.strip_suffix("’s")).unwrap_or(name);
    let mut out = String::with_capacity(name.len());
    if name.is_ascii() {
        name.chars().for_each(|c| push(&mut out, c));
    } else {
        name.nfkd().for_each(|c| push(&mut out, c));
    }
    out.truncate(out.trim_end().len());
    let is_short =
        (2..=6).contains(&out.len()) && out.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if !is_short {
        out = out.to_lowercase();
    }
    out
}

fn push(out: &mut String, c: char) {
    match c {
        '.' | '\'' | '’' | 'ʼ' | '‘' | '`' | '"' | '\u{300}'..='\u{36f}' => {}
        '-' | '\u{2010}'..='\u{2015}' | ',' | '/' | '_' => space(out),
        _ if c.is_whitespace() => space(out),
        'ı' => out.push('i'),
        'ł' => out.push('l'),
        'Ł' => out.push('L'),
        'ø' => out.push('o'),
        'Ø' => out.push('O'),
        'đ' => out.push('d'),
        'Đ' => out.push('D'),
        _ => out.push(c),
    }
}

fn space(out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn spellings_meet() {
        let check = |name: &str, expected: &str| assert_eq!(key(name), expected);
        check("the U.N. Security Council", "un security council");
        check("UN Security Council", "un security council");
        check("U.N.", "UN");
        check("Recep Tayyip Erdoğan", "recep tayyip erdogan");
        check("Kim Jong-un", "kim jong un");
        check("Trump’s", "trump");
        check("WHO", "WHO");
        check("Who", "who");
        check("Côte d'Ivoire", "cote divoire");
        check("Владимир Путин", "владимир путин");
        check("The", "the");
    }
}
