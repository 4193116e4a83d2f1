//! `cargo xtask train-language`: the model of languages, from its sources into the crate.

use crate::run::{cargo, run};
use anyhow::Result;
use std::fmt::Write;
use std::fs;
use xtask::workspace;

/// Languages of scripts that several share: code, and the names of lingua's packages (Apache-2.0), which hold
/// frequencies of letters in a million sentences of news each, and a thousand sentences to test with. What no
/// letters can part is one language here.
const LANGUAGES: [(&str, &[&str]); 57] = [
    ("af", &["afrikaans"]),
    ("ar", &["arabic"]),
    ("az", &["azerbaijani"]),
    ("be", &["belarusian"]),
    ("bg", &["bulgarian"]),
    ("ca", &["catalan"]),
    ("cs", &["czech"]),
    ("cy", &["welsh"]),
    ("da", &["danish"]),
    ("de", &["german"]),
    ("en", &["english"]),
    ("eo", &["esperanto"]),
    ("es", &["spanish"]),
    ("et", &["estonian"]),
    ("eu", &["basque"]),
    ("fa", &["persian"]),
    ("fi", &["finnish"]),
    ("fr", &["french"]),
    ("ga", &["irish"]),
    ("hi", &["hindi"]),
    ("hr", &["croatian", "bosnian"]),
    ("hu", &["hungarian"]),
    ("id", &["indonesian"]),
    ("is", &["icelandic"]),
    ("it", &["italian"]),
    ("kk", &["kazakh"]),
    ("la", &["latin"]),
    ("lt", &["lithuanian"]),
    ("lv", &["latvian"]),
    ("mi", &["maori"]),
    ("mk", &["macedonian"]),
    ("mn", &["mongolian"]),
    ("mr", &["marathi"]),
    ("ms", &["malay"]),
    ("nl", &["dutch"]),
    ("no", &["bokmal", "nynorsk"]),
    ("pl", &["polish"]),
    ("pt", &["portuguese"]),
    ("ro", &["romanian"]),
    ("ru", &["russian"]),
    ("sk", &["slovak"]),
    ("sl", &["slovene"]),
    ("sn", &["shona"]),
    ("so", &["somali"]),
    ("sq", &["albanian"]),
    ("sr", &["serbian"]),
    ("st", &["sotho"]),
    ("sv", &["swedish"]),
    ("sw", &["swahili"]),
    ("tl", &["tagalog"]),
    ("tr", &["turkish"]),
    ("uk", &["ukrainian"]),
    ("ur", &["urdu"]),
    ("vi", &["vietnamese"]),
    ("xh", &["xhosa"]),
    ("yo", &["yoruba"]),
    ("zu", &["zulu"]),
];
const VERSION: &str = "=1.0.0";

/// Makes `crates/enrich/data/language.bin`; the same bytes from the same sources.
pub(crate) fn train() -> Result<()> {
    let home = std::path::absolute(workspace::target().join("language"))?;
    fs::create_dir_all(home.join("src"))?;
    let mut manifest =
        "[package]\nname = \"sources\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n".to_owned();
    let mut train = cargo();
    train.args([
        "run",
        "--release",
        "--package",
        "enrich",
        "--features",
        "train",
        "--example",
        "language",
        "--",
    ]);
    train
        .arg("train")
        .arg(workspace::root().join("crates/enrich/data/language.bin"))
        .arg(home.join("vendor"));
    for (code, names) in LANGUAGES {
        for name in names {
            writeln!(manifest, "lingua-{name}-language-model = \"{VERSION}\"")?;
        }
        train.arg(format!("{code}={}", names.join("+")));
    }
    fs::write(home.join("Cargo.toml"), manifest)?;
    fs::write(home.join("src/lib.rs"), "")?;
    run(cargo()
        .args(["vendor", "--quiet", "--manifest-path"])
        .arg(home.join("Cargo.toml"))
        .arg(home.join("vendor")))?;
    run(&mut train)
}
