//! From texts to the packed model, and how well it does on the sentences that were kept back.

use crate::{Outcome, lingua};
use enrich::language_training::{Settings, Texts, fits, train as learn};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// One sentence in so many is kept back.
const KEPT: usize = 10;

pub(crate) fn train(out: &Path, sources: &Path, languages: &[&str]) -> Outcome {
    let (mut all, mut kept) = (Vec::new(), Vec::new());
    for language in languages {
        let (code, names) = language.split_once('=').ok_or("a language is CODE=NAME+NAME…")?;
        let mut texts = Texts { code: code.to_owned(), ..Texts::default() };
        for name in names.split('+') {
            lingua::read(&sources.join(format!("lingua-{name}-language-model")), &mut texts)?;
        }
        let sentences = std::mem::take(&mut texts.sentences);
        for (number, sentence) in sentences.into_iter().enumerate() {
            if number % KEPT == 0 {
                kept.push((texts.code.clone(), sentence));
            } else {
                texts.sentences.push(sentence);
            }
        }
        all.push(texts);
    }
    let packed = learn(&all, Settings::default());
    fs::write(out, &packed)?;
    println!("{} languages, {} bytes", all.len(), packed.len());
    let model: &'static [u8] = packed.leak();
    measure(model, "sentences", &kept);
    let headlines: Vec<_> = kept.iter().map(|(code, text)| (code.clone(), words(text, 7))).collect();
    measure(model, "seven words", &headlines);
    Ok(())
}

fn words(text: &str, count: usize) -> String {
    text.split_whitespace().take(count).collect::<Vec<_>>().join(" ")
}

fn measure(model: &'static [u8], name: &str, texts: &[(String, String)]) {
    let mut of_each: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    let (mut doubt, mut wrong) = (0.0, BTreeMap::new());
    for (code, text) in texts {
        let Some(found) = fits(model, text) else { continue };
        let right = found.first().is_some_and(|(best, _)| best == code);
        let counts = of_each.entry(code).or_default();
        counts.0 += u32::from(right);
        counts.1 += 1;
        let share = found.iter().find(|(known, _)| known == code).map_or(0.0, |(_, share)| *share);
        doubt -= share.max(1e-6).ln();
        if let (false, Some((best, _))) = (right, found.first()) {
            *wrong.entry(format!("{code} as {best}")).or_insert(0) += 1;
        }
    }
    let (right, all) = of_each.values().fold((0, 0), |sum, counts| (sum.0 + counts.0, sum.1 + counts.1));
    println!(
        "{name}: {:.2} % of {all} right, log loss {:.4}",
        100.0 * f64::from(right) / f64::from(all),
        doubt / all as f32
    );
    let mut wrong: Vec<(i32, String)> = wrong.into_iter().map(|(pair, count)| (count, pair)).collect();
    wrong.sort_by(|a, b| b.cmp(a));
    let shown: Vec<String> = wrong.iter().take(12).map(|(count, pair)| format!("{pair} {count}")).collect();
    println!("  most often wrong: {}", shown.join(", "));
}
