//! What the head of a feed says about being polled: `sy:updatePeriod` and `sy:updateFrequency` (RSS 1.0
//! syndication module), `skipHours` (RSS 2.0).

use crate::lex::{Lexer, Token, local};

/// The head of a feed is looked for within this many bytes.
const HEAD: usize = 16 * 1024;

/// A publisher's wishes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// Minutes between two updates; 0: not said.
    pub period_minutes: u32,
    /// Hours of the day, UTC, in which it need not be polled: bit 0 is midnight.
    pub skip_hours: u32,
}

/// Reads the wishes in front of a feed's first item; any bytes will do.
pub fn hints(body: &[u8]) -> Hints {
    let head = String::from_utf8_lossy(&body[..body.len().min(HEAD)]);
    let (mut period, mut frequency, mut skip_hours) = (0, 1, 0);
    let mut field = "";
    for lexeme in Lexer::new(&head) {
        match lexeme.token {
            Token::Open { name, .. } if matches!(local(name), "item" | "entry") => break,
            Token::Open { name, .. } => field = local(name),
            Token::Close(_) => field = "",
            Token::Text(text) | Token::CData(text) => {
                let text = text.trim();
                let number = text.parse::<u32>().ok();
                match field {
                    "updatePeriod" => period = minutes(text),
                    "updateFrequency" => frequency = number.filter(|n| 0 < *n).unwrap_or(1),
                    // Some count 1 to 24.
                    "hour" => skip_hours |= number.filter(|n| *n <= 24).map_or(0, |n| 1 << (n % 24)),
                    _ => {}
                }
            }
            Token::Skip => {}
        }
    }
    Hints { period_minutes: period / frequency, skip_hours }
}

fn minutes(period: &str) -> u32 {
    match period.to_ascii_lowercase().as_str() {
        "hourly" => 60,
        "daily" => 24 * 60,
        "weekly" => 7 * 24 * 60,
        "monthly" => 30 * 24 * 60,
        "yearly" => 365 * 24 * 60,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(head: &str, period_minutes: u32, skip_hours: u32) {
        let feed =
            format!("<?xml version='1.0'?><rss><channel>{head}<item><hour>5</hour></item></channel></rss>");
        assert_eq!(hints(feed.as_bytes()), Hints { period_minutes, skip_hours }, "{head}");
    }

    #[test]
    fn wishes_are_read_from_the_head_alone() {
        check("<title>daily</title>", 0, 0);
        check(
            "<sy:updatePeriod>\n hourly </sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>",
            30,
            0,
        );
        check("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", 1440, 0);
        check("<skipHours><hour>0</hour><hour>1</hour><hour>24</hour><hour>77</hour></skipHours>", 0, 3);
        check("<sy:updatePeriod>now and then</sy:updatePeriod>", 0, 0);
        assert_eq!(hints(&[0xff; 99]), Hints::default());
    }
}
