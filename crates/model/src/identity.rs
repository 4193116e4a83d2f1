use serde::{Deserialize, Serialize};
use std::fmt;

/// 128 bits that find an article: a hash of one way to name it, versioned by the rule that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key(pub [u8; 16]);

/// The ways to name one article.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Keys {
    /// Feed and guid.
    pub guid: Option<Key>,
    /// Canonical URL.
    pub url: Option<Key>,
    /// Normalised text of at least 40 tokens.
    pub text: Option<Key>,
    /// Feed, title and publication; counts only where there is neither guid nor URL, or where they lie.
    pub title: Option<Key>,
    /// Feed, title and text, word for word; for texts too short to name an article anywhere.
    pub said: Option<Key>,
}

/// 128 bits of BLAKE3, given once, stored, never recomputed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ArticleId(pub [u8; 16]);

impl fmt::Display for ArticleId {
    /// Base32 of RFC 4648 in lower case, without padding: 26 characters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        let bits = u128::from_be_bytes(self.0);
        let mut out = [0_u8; 26];
        for (place, letter) in out.iter_mut().enumerate() {
            // 26 groups of five bits hold 130: the last group is padded with two zero bits.
            let group = match 123_usize.checked_sub(place * 5) {
                Some(shift) => bits >> shift,
                None => bits << 2,
            };
            *letter = ALPHABET[(group & 31) as usize];
        }
        f.write_str(std::str::from_utf8(&out).unwrap_or_default())
    }
}

impl std::str::FromStr for ArticleId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || format!("{text:?} is not an article id: 26 of a-z and 2-7");
        if text.len() != 26 {
            return Err(refused());
        }
        let mut bits = 0_u128;
        for (place, byte) in text.bytes().enumerate() {
            let value = match byte {
                b'a'..=b'z' => byte - b'a',
                b'2'..=b'7' => byte - b'2' + 26,
                _ => return Err(refused()),
            };
            if place < 25 {
                bits = (bits << 5) | u128::from(value);
            } else {
                bits = (bits << 3) | u128::from(value >> 2);
            }
        }
        Ok(Self(bits.to_be_bytes()))
    }
}

impl fmt::Debug for ArticleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// 128 bits over what an article means, in a stable form: equal for cosmetic changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fingerprint(pub [u8; 16]);

/// Names one state directory; made once, at random.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StoreId(pub [u8; 8]);

impl fmt::Display for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl fmt::Debug for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for StoreId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text.len(), u64::from_str_radix(text, 16)) {
            (16, Ok(bits)) => Ok(Self(bits.to_be_bytes())),
            _ => Err(format!("{text:?} is not a store id: 16 hex digits")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_rfc_4648_base32_and_read_back() {
        let zero = ArticleId([0; 16]).to_string();
        assert_eq!(zero, "a".repeat(26));
        let ones = ArticleId([0xff; 16]).to_string();
        assert_eq!(ones, format!("{}4", "7".repeat(25)));
        for id in [ArticleId([0; 16]), ArticleId([0xff; 16]), ArticleId(*b"0123456789abcdef")] {
            assert_eq!(id.to_string().parse::<ArticleId>().unwrap(), id);
        }
        assert!("k7x2".parse::<ArticleId>().is_err());
        assert!("0".repeat(26).parse::<ArticleId>().is_err());
    }

    #[test]
    fn store_ids_read_back() {
        let id = StoreId([0, 1, 2, 3, 4, 5, 6, 255]);
        assert_eq!(id.to_string().parse::<StoreId>().unwrap(), id);
        assert!("xyz".parse::<StoreId>().is_err());
    }
}
