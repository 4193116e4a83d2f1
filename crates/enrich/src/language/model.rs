//! The linear model: for each script that languages share, rows of weights, one weight a language. A text's score
//! for a language is the sum of its features' weights, divided by the root of their number: more text, more certain.

use super::grams;
use super::script::Shared;
use std::sync::LazyLock;

/// Most languages of one script.
pub(super) const LANES: usize = 48;
/// Most languages of a script that few share.
pub(super) const FEW: usize = 16;
/// What a packed model begins with.
const MAGIC: &[u8; 8] = b"wr-lang1";
/// So many bytes can be added before 16 bits are full.
const ROWS_MAX: usize = 256;

/// Made by `cargo xtask train-language`.
static PACKED: &[u8] = include_bytes!("../../data/language.bin");

/// The model in the binary; none when the file is not one, which a test rules out.
pub(super) static MODEL: LazyLock<Option<Model>> = LazyLock::new(|| Model::read(PACKED));

/// The tables, read where they lie.
#[derive(Debug)]
pub(super) struct Model {
    tables: Vec<Table>,
}

#[derive(Debug)]
struct Table {
    script: Shared,
    /// The languages, and how common each is.
    codes: Vec<(&'static str, f64)>,
    /// What a weight of 1 stands for.
    unit: f32,
    rows: Rows,
}

/// Rows of weights, two's complement; their number is a power of two.
#[derive(Debug)]
enum Rows {
    Many(&'static [[u8; LANES]]),
    Few(&'static [[u8; FEW]]),
}

impl Model {
    /// The model in these bytes; none when they are not one of this version.
    pub(super) fn read(bytes: &'static [u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(MAGIC)?;
        let mut tables = Vec::new();
        for script in Shared::ALL {
            let (unit, after) = rest.split_first_chunk::<4>()?;
            let (lengths, after) = after.split_first_chunk::<8>()?;
            let [codes, rows] = [&lengths[..4], &lengths[4..]]
                .map(|bytes| bytes.iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte)));
            let (codes, after) = after.split_at_checked(codes)?;
            let codes = std::str::from_utf8(codes).ok()?.split(' ');
            let codes: Vec<(&str, f64)> = codes.map(|code| (code, super::common(code))).collect();
            let (rows, after) = after.split_at_checked(rows)?;
            rest = after;
            let rows = if FEW < codes.len() {
                Rows::Many(rows.as_chunks().0)
            } else {
                Rows::Few(rows.as_chunks().0)
            };
            if rows.len() < 2 || !rows.len().is_power_of_two() || LANES < codes.len() {
                return None;
            }
            tables.push(Table { script, codes, unit: f32::from_le_bytes(*unit), rows });
        }
        Some(Self { tables })
    }

    /// The languages of a script, how common each is, and the logarithm of how well a text fits it, up to a
    /// constant.
    pub(super) fn scores(&self, script: Shared, text: &str) -> Vec<(&'static str, f64, f32)> {
        let Some(table) = self.tables.iter().find(|table| table.script == script) else { return Vec::new() };
        let score = |sums: &[f32]| {
            let each = table.codes.iter().zip(sums);
            each.map(|((code, common), sum)| (*code, *common, sum * table.unit)).collect()
        };
        match table.rows {
            Rows::Many(rows) => score(&sums(rows, script, text)),
            Rows::Few(rows) => score(&sums(rows, script, text)),
        }
    }

    /// True for a language that the model has weights for.
    pub(super) fn knows(&self, code: &str) -> bool {
        self.tables.iter().any(|table| table.codes.iter().any(|(known, _)| *known == code))
    }
}

impl Rows {
    fn len(&self) -> usize {
        match self {
            Self::Many(rows) => rows.len(),
            Self::Few(rows) => rows.len(),
        }
    }
}

/// The sum of the rows of all features, each number divided by the root of their count.
fn sums<const N: usize>(rows: &[[u8; N]], script: Shared, text: &str) -> [f32; N] {
    let shift = 32 - rows.len().trailing_zeros();
    let mut all = [0_i32; N];
    let mut some = [0_u16; N];
    let mut count = 0_usize;
    grams::each(text, script, |feature| {
        add(&mut some, &rows[(feature >> shift) as usize]);
        count += 1;
        if count.is_multiple_of(ROWS_MAX) {
            flush(&mut all, &mut some);
        }
    });
    flush(&mut all, &mut some);
    let scale = (count.max(1) as f32).sqrt();
    let zero = (usize::from(ZERO) * count) as i32;
    all.map(|sum| (sum - zero) as f32 / scale)
}

/// What a weight of 0 is while weights are added, as numbers without a sign.
const ZERO: u8 = 0x80;

/// A function of its own: in the closure the compiler does not see that all lanes can be added at once.
#[inline(never)]
fn add<const N: usize>(some: &mut [u16; N], row: &[u8; N]) {
    for (sum, weight) in some.iter_mut().zip(row) {
        *sum = sum.wrapping_add(u16::from(weight ^ ZERO));
    }
}

fn flush<const N: usize>(all: &mut [i32; N], some: &mut [u16; N]) {
    for (sum, part) in all.iter_mut().zip(some) {
        *sum += i32::from(std::mem::take(part));
    }
}

/// The bytes of a model: for each script what a weight of 1 stands for, the codes, and rows of as many weights as
/// [`LANES`] or [`FEW`] says.
#[cfg(feature = "train")]
pub(super) fn pack(tables: &[(f32, String, Vec<i8>)]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    for (unit, codes, rows) in tables {
        out.extend(unit.to_le_bytes());
        out.extend((codes.len() as u32).to_le_bytes());
        out.extend((rows.len() as u32).to_le_bytes());
        out.extend(codes.as_bytes());
        out.extend(rows.iter().map(|weight| *weight as u8));
    }
    out
}
