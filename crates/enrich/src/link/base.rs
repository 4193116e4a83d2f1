use super::key::key;
use crate::packed::{Table, hash};
use crate::tagger::Kind;
use std::sync::OnceLock;

/// What a packed base begins with.
const MAGIC: &[u8; 8] = b"wr-kb-01";
/// Bits of an item's number, stored plus one.
const ITEM_BITS: u32 = 17;
/// Bytes of an item: id, place of its label, prior, kind and strength, country.
const ITEM_BYTES: usize = 12;

/// The packed base: aliases of Wikidata items, read in place. Built by `cargo xtask build-kb`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Base {
    names: Table<6>,
    items: &'static [[u8; ITEM_BYTES]],
    labels: &'static str,
    version: &'static str,
}

/// One item of the base.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Item {
    /// The number after the Q.
    pub(crate) qid: u32,
    /// Its English label.
    pub(crate) label: &'static str,
    /// What it is.
    pub(crate) kind: Kind,
    /// How well known it is, 0 to 1; comparable within a kind.
    pub(crate) prior: f32,
    /// Known from two sources at least, or from one that is kept with care.
    pub(crate) sure: bool,
    /// ISO 3166-1 alpha-2, where known.
    pub(crate) country: Option<[u8; 2]>,
}

impl Base {
    /// The base in the binary; an empty one when that cannot be read.
    pub(crate) fn built_in() -> &'static Self {
        static BASE: OnceLock<Base> = OnceLock::new();
        BASE.get_or_init(|| Self::read(include_bytes!("../../data/kb.bin")).unwrap_or_else(Self::empty))
    }

    /// The base in these bytes; none when they are not one of this version.
    pub(crate) fn read(bytes: &'static [u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(MAGIC)?;
        let mut parts = [&[][..]; 4];
        for part in &mut parts {
            let (length, after) = rest.split_first_chunk::<4>()?;
            (*part, rest) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        }
        let [version, names, items, labels] = parts;
        Some(Self {
            names: Table::new(names, ITEM_BITS),
            items: items.as_chunks().0,
            labels: std::str::from_utf8(labels).ok()?,
            version: std::str::from_utf8(version).ok()?,
        })
    }

    fn empty() -> Self {
        Self { names: Table::new(&[], ITEM_BITS), items: &[], labels: "", version: "none" }
    }

    /// Which build this is.
    pub(crate) fn version(&self) -> &'static str {
        self.version
    }

    /// Items that the name may mean, best known first, kinds mixed.
    pub(crate) fn find(&self, name: &str) -> impl Iterator<Item = Item> + use<> {
        self.find_key(&key(name))
    }

    /// The same for a name in the form of `key`.
    pub(crate) fn find_key(&self, key: &str) -> impl Iterator<Item = Item> + use<> {
        let base = *self;
        self.names.find_all(hash(key.as_bytes())).filter_map(move |number| base.item(number - 1))
    }

    fn item(&self, number: u32) -> Option<Item> {
        let bytes = self.items.get(number as usize)?;
        let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let start = word(4) as usize;
        let next = self.items.get(number as usize + 1);
        let end = next.map_or(self.labels.len(), |next| {
            u32::from_le_bytes([next[4], next[5], next[6], next[7]]) as usize
        });
        let country = [bytes[10], bytes[11]];
        Some(Item {
            qid: word(0),
            label: self.labels.get(start..end)?,
            kind: *Kind::ALL.get(usize::from(bytes[9] & 3))?,
            prior: f32::from(bytes[8]) / 200.0,
            sure: bytes[9] & 4 != 0,
            country: (country != [0, 0]).then_some(country),
        })
    }
}

pub(super) mod pack {
    //! The other direction.

    use super::*;
    use crate::packed::pack_table;

    /// An item before it is packed, with all of its names.
    #[derive(Clone, Debug)]
    pub(crate) struct Row {
        pub(crate) qid: u32,
        pub(crate) label: String,
        pub(crate) kind: Kind,
        pub(crate) prior: f32,
        pub(crate) sure: bool,
        pub(crate) country: Option<[u8; 2]>,
        /// Other names, as written.
        pub(crate) names: Vec<String>,
    }

    /// The bytes of a base of these rows, which are sorted here: best known first, then by id.
    pub(crate) fn pack(mut rows: Vec<Row>, version: &str) -> Vec<u8> {
        rows.sort_by(|a, b| b.prior.total_cmp(&a.prior).then(a.qid.cmp(&b.qid)));
        let (mut items, mut labels, mut entries) = (Vec::new(), String::new(), Vec::new());
        for (number, row) in rows.iter().enumerate() {
            items.extend(row.qid.to_le_bytes());
            items.extend((labels.len() as u32).to_le_bytes());
            items.push((row.prior * 200.0).round() as u8);
            items.push(row.kind as u8 | u8::from(row.sure) << 2);
            items.extend(row.country.unwrap_or_default());
            labels.push_str(&row.label);
            let mut keys: Vec<String> = std::iter::once(&row.label)
                .chain(&row.names)
                .map(|name| key(name))
                .filter(|key| !key.is_empty())
                .collect();
            keys.sort_unstable();
            keys.dedup();
            entries.extend(keys.iter().map(|key| (hash(key.as_bytes()), number as u32 + 1)));
        }
        let names = pack_table::<6>(&entries, ITEM_BITS);
        let mut out = MAGIC.to_vec();
        for part in [version.as_bytes(), &names, &items, labels.as_bytes()] {
            out.extend((part.len() as u32).to_le_bytes());
            out.extend(part);
        }
        out
    }
}
