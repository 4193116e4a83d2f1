//! Pages for people where a feed was asked for: refusals in words, and tests whether we are human.

/// What a page says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// Nothing that is known.
    #[default]
    Other,
    /// Prove that you are human.
    Challenge,
    /// You ask too often.
    Throttled,
}

/// Marks of the common gatekeepers, lower case.
const CHALLENGES: [&str; 10] = [
    "cf-chl-",
    "/cdn-cgi/challenge-platform/",
    "<title>just a moment...</title>",
    "_incapsula_resource",
    "captcha-delivery.com",
    "px-captcha",
    "<title>ddos-guard</title>",
    "awswafintegration",
    "sucuri_cloudproxy_js",
    "/.within.website/x/cmd/anubis/",
];
const THROTTLES: [&str; 4] = ["too many requests", "rate limit", "rate-limit", "request limit exceeded"];
/// Such a page says what it is within this many bytes.
const LOOKED_AT: usize = 64 << 10;

/// Reads what a page says; any bytes will do.
pub fn page(body: &[u8]) -> Page {
    let head = String::from_utf8_lossy(&body[..body.len().min(LOOKED_AT)]).to_ascii_lowercase();
    let has = |marks: &[&str]| marks.iter().any(|mark| head.contains(mark));
    match () {
        () if has(&CHALLENGES) => Page::Challenge,
        () if has(&THROTTLES) => Page::Throttled,
        () => Page::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_known_by_their_words() {
        let check = |body: &str, expect| assert_eq!(page(body.as_bytes()), expect, "{body}");
        check("<html><title>Just a moment...</title>", Page::Challenge);
        check("<script src=\"/cdn-cgi/challenge-platform/h/b/orchestrate\">", Page::Challenge);
        check("<h1>403</h1> You have sent Too Many Requests.", Page::Throttled);
        check("<h1>403 Forbidden</h1>", Page::Other);
        check("", Page::Other);
        assert_eq!(page(&[0xff; 100]), Page::Other);
    }
}
