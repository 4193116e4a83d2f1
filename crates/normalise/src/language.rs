//! A publisher's language claim as a BCP 47 tag.

/// Codes that were withdrawn, and what they are now.
const RENAMED: [(&str, &str); 4] = [("iw", "he"), ("in", "id"), ("ji", "yi"), ("mo", "ro")];

/// `en-US` for `EN_us`; None for what is no language tag or names no language (`und`, `x-default`).
pub(crate) fn tag(claim: &str) -> Option<String> {
    let first = claim.split([',', ';']).next()?.trim();
    let first = first.split(['.', '@']).next()?.replace('_', "-");
    if first.len() > 35 {
        return None;
    }
    let mut subtags = first.split('-');
    let language = subtags.next()?.to_ascii_lowercase();
    if !(2..=3).contains(&language.len()) || !language.bytes().all(|b| b.is_ascii_lowercase()) {
        return None;
    }
    if matches!(language.as_str(), "und" | "mul" | "zxx" | "mis") {
        return None;
    }
    let mut out =
        RENAMED.iter().find(|(old, _)| *old == language).map_or(language.as_str(), |(_, new)| new).to_owned();
    for subtag in subtags {
        if !(1..=8).contains(&subtag.len()) || !subtag.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return None;
        }
        out.push('-');
        match subtag.len() {
            2 => out.push_str(&subtag.to_ascii_uppercase()),
            4 if !subtag.starts_with(|c: char| c.is_ascii_digit()) => {
                out.push_str(&subtag[..1].to_ascii_uppercase());
                out.push_str(&subtag[1..].to_ascii_lowercase());
            }
            _ => out.push_str(&subtag.to_ascii_lowercase()),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(claim: &str, expect: &str) {
        assert_eq!(tag(claim).unwrap_or_default(), expect, "{claim:?}");
    }

    #[test]
    fn claims() {
        check("en-US", "en-US");
        check("EN_us", "en-US");
        check(" de ", "de");
        check("en-us,fr", "en-US");
        check("zh_hans_cn", "zh-Hans-CN");
        check("de-1996", "de-1996");
        check("es-419", "es-419");
        check("iw", "he");
        check("pt_BR.UTF-8", "pt-BR");
        for none in ["", "English", "x-default", "und", "e", "en-", "en--US", "日本語"] {
            check(none, "");
        }
    }

    proptest! {
        #[test]
        fn a_tag_is_its_own_tag(claim in "[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,3}|\\PC{0,20}") {
            if let Some(once) = tag(&claim) {
                prop_assert_eq!(tag(&once), Some(once.clone()));
            }
        }
    }
}
