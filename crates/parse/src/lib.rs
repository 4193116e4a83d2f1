//! Document to entries and flaws: RSS, Atom, JSON Feed behind a guard
