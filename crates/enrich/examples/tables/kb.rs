//! `build-kb`: the base of names.

use crate::{Arguments, Outcome, corpus, packed};
use enrich::train::{Tables, build_base};
use std::path::Path;

/// The tables in the order in which they are joined.
pub(crate) struct Sources {
    base: String,
    news: String,
    extra: Option<String>,
    aliases: Vec<String>,
}

impl Sources {
    /// Reads them; `with_gum` adds the rows that stand in the test set of linking too.
    pub(crate) fn read(data: &Path, with_gum: bool) -> Outcome<Self> {
        let read = |name: &str| corpus::text(&data.join("kb").join(name));
        let aliases = ["short_aliases.tsv", "short_aliases_news.tsv", "surname_aliases.tsv"];
        Ok(Self {
            base: read("kb.tsv.gz")?,
            news: read("kb_news.tsv.gz")?,
            extra: if with_gum { Some(read("kb_gum_extra.tsv.gz")?) } else { None },
            aliases: aliases.into_iter().map(read).collect::<Outcome<_>>()?,
        })
    }

    /// The packed base and the number of its items.
    pub(crate) fn pack(&self) -> (Vec<u8>, usize) {
        let aliases: Vec<&str> = self.aliases.iter().map(String::as_str).collect();
        let extra: Vec<&str> = self.extra.iter().map(String::as_str).collect();
        let tables = Tables { base: &self.base, news: &self.news, extra: &extra, aliases: &aliases };
        build_base(&tables, "2026-11-23")
    }
}

/// Packs the base into the crate.
pub(crate) fn build(arguments: &Arguments) -> Outcome<()> {
    let with_gum = arguments.list("gum").is_none_or(|answer| answer != ["no"]);
    let (bytes, items) = Sources::read(&arguments.data, with_gum)?.pack();
    println!("{items} items in {} bytes", bytes.len());
    let place = arguments.list("out").map_or_else(|| packed("kb.bin"), |out| out.concat().into());
    std::fs::write(&place, bytes)?;
    println!("{}", place.display());
    Ok(())
}
