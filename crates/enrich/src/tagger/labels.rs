//! What the tagger says of a token.

/// Kinds of name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A person.
    Person,
    /// An organisation.
    Organisation,
    /// A place.
    Place,
    /// Nationalities, events, works, laws.
    Other,
}

impl Kind {
    /// All kinds.
    pub(crate) const ALL: [Self; 4] = [Self::Person, Self::Organisation, Self::Place, Self::Other];

    /// The record's name of the kind.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Person => "PER",
            Self::Organisation => "ORG",
            Self::Place => "LOC",
            Self::Other => "MISC",
        }
    }
}

/// Labels: 0 outside, then for each kind one for the first token of a name and one for the others.
pub(super) const LABELS: usize = 9;
/// No name.
pub(super) const OUTSIDE: usize = 0;

/// Whether the label may follow: a name goes on only with its own kind.
pub(super) const fn may_follow(before: usize, label: usize) -> bool {
    label == OUTSIDE || label % 2 == 1 || before == label || before + 1 == label
}

/// The label of a kind's first token.
pub(super) const fn first(kind: Kind) -> usize {
    1 + 2 * kind as usize
}

/// The kind of a label, and whether a name begins with it.
pub(super) fn kind_of(label: usize) -> Option<(Kind, bool)> {
    let place = label.checked_sub(1)?;
    Some((Kind::ALL[place / 2], place % 2 == 0))
}
