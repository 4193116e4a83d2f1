//! The invented outlets of the demo: their names, formats and habits. Their domains end in `.example`, which
//! is nobody's (RFC 2606).

/// How an outlet writes its feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Rss,
    Atom,
    Json,
}

/// What is wrong with an outlet's feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Habit {
    /// Nothing.
    Sound,
    /// Bare ampersands, HTML entities, a tag that nobody closes.
    Careless,
    /// Says UTF-8 and sends windows-1252.
    Mislabelled,
    /// Bytes that no XML may hold, and a body that ends in the middle.
    Torn,
    /// Answers 503 now and then.
    Tired,
    /// Answers with a page for people.
    Moved,
}

/// One outlet.
#[derive(Debug)]
pub(crate) struct Outlet {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) domain: &'static str,
    pub(crate) language: &'static str,
    pub(crate) country: &'static str,
    pub(crate) label: &'static str,
    pub(crate) format: Format,
    pub(crate) habit: Habit,
}

impl Outlet {
    /// Where the demo serves its feed.
    pub(crate) fn path(&self) -> String {
        let ending = match self.format {
            Format::Rss => "rss.xml",
            Format::Atom => "atom.xml",
            Format::Json => "feed.json",
        };
        format!("/{}/{ending}", self.id)
    }
}

const fn outlet(
    [id, name, domain]: [&'static str; 3],
    [language, country, label]: [&'static str; 3],
    format: Format,
    habit: Habit,
) -> Outlet {
    Outlet { id, name, domain, language, country, label, format, habit }
}

use Format::{Atom, Json, Rss};
use Habit::{Careless, Mislabelled, Moved, Sound, Tired, Torn};

/// The place of the agency, whose texts the others take over.
pub(crate) const AGENCY: usize = 0;

/// A dozen outlets.
pub(crate) const OUTLETS: [Outlet; 12] = [
    outlet(["northwire", "Northwire", "northwire.example"], ["en", "GB", "agency"], Rss, Sound),
    outlet(["harbour-news", "Harbour News", "harbour.example"], ["en", "GB", "world"], Rss, Sound),
    outlet(["lantern", "The Lantern", "lantern.example"], ["en", "IE", "world"], Atom, Sound),
    outlet(["tidewater", "Tidewater Business", "tidewater.example"], ["en", "US", "business"], Json, Sound),
    outlet(["islander", "The Islander", "islander.example"], ["en", "NZ", "local"], Rss, Careless),
    outlet(["old-mill", "Old Mill Gazette", "oldmill.example"], ["en", "CA", "local"], Rss, Torn),
    outlet(["quay-sport", "Quay Sport", "quay.example"], ["en", "AU", "sport"], Json, Sound),
    outlet(["le-courrier", "Le Courrier du Port", "courrier.example"], ["fr", "FR", "world"], Rss, Sound),
    outlet(["morgenblatt", "Morgenblatt", "morgenblatt.example"], ["de", "DE", "world"], Atom, Sound),
    outlet(["el-faro", "El Faro", "elfaro.example"], ["es", "ES", "world"], Rss, Mislabelled),
    outlet(["evening-signal", "Evening Signal", "signal.example"], ["en", "ZA", "world"], Atom, Tired),
    outlet(["town-crier", "Town Crier", "crier.example"], ["en", "GB", "local"], Rss, Moved),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_dozen_in_every_format_and_with_every_habit() {
        let ids: HashSet<&str> = OUTLETS.iter().map(|outlet| outlet.id).collect();
        assert_eq!(ids.len(), 12);
        for format in [Rss, Atom, Json] {
            assert!(OUTLETS.iter().any(|outlet| outlet.format == format), "{format:?}");
        }
        for habit in [Sound, Careless, Mislabelled, Torn, Tired, Moved] {
            assert!(OUTLETS.iter().any(|outlet| outlet.habit == habit), "{habit:?}");
        }
        assert!(OUTLETS.iter().all(|outlet| outlet.domain.ends_with(".example")));
    }
}
