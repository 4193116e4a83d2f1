//! What was mended and defused, gathered while rewriting, told as flaws.

use model::{Flaw, FlawKind};

/// Kinds of repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mend {
    /// Output of something else around the feed.
    Junk,
    /// A root element that is missing, or has an odd version.
    Root,
    /// A reference that XML does not know.
    Reference,
    /// Markup that no XML reader can split.
    Markup,
    /// An element that was never closed.
    Unclosed,
    /// An end tag without its start tag.
    Stray,
    /// A prefix that was never declared.
    Prefix,
    /// An attribute that is double, unquoted or senseless.
    Attribute,
    /// JSON that is not JSON, or not of the types that JSON Feed has.
    Json,
}

impl Mend {
    const ALL: [Self; 9] = [
        Self::Junk,
        Self::Root,
        Self::Reference,
        Self::Markup,
        Self::Unclosed,
        Self::Stray,
        Self::Prefix,
        Self::Attribute,
        Self::Json,
    ];

    fn sentence(self) -> &'static str {
        match self {
            Self::Junk => "there is text around the feed",
            Self::Root => "the root element is missing",
            Self::Reference => "an ampersand or a reference is not XML's",
            Self::Markup => "the markup is broken",
            Self::Unclosed => "an element is not closed",
            Self::Stray => "an end tag has no start tag",
            Self::Prefix => "a namespace prefix is not declared",
            Self::Attribute => "an attribute is double, unquoted or senseless",
            Self::Json => "the JSON is broken or has values of the wrong type",
        }
    }
}

/// Repairs by kind, and structures that were defused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Report {
    mends: [Option<(usize, usize)>; Mend::ALL.len()],
    bombs: Vec<(&'static str, usize)>,
    /// Where the document was cut because it holds too many items.
    pub(crate) cut: Option<usize>,
}

impl Report {
    /// Counts a repair at a byte of the text.
    pub(crate) fn mend(&mut self, kind: Mend, at: usize) {
        let entry = &mut self.mends[kind as usize];
        *entry = Some(entry.map_or((1, at), |(count, first)| (count + 1, first)));
    }

    /// Notes a kind of bomb, once.
    pub(crate) fn bomb(&mut self, what: &'static str, at: usize) {
        if self.bombs.iter().all(|(known, _)| *known != what) {
            self.bombs.push((what, at));
        }
    }

    /// True when anything had to be mended.
    pub(crate) fn mended(&self) -> bool {
        self.mends.iter().any(Option::is_some)
    }

    /// One flaw for each kind; `offset` turns a place in the text into a place in the body.
    pub(crate) fn flaws(&self, offset: impl Fn(usize) -> Option<usize>) -> Vec<Flaw> {
        let mends = Mend::ALL.iter().filter_map(|kind| {
            let (count, first) = self.mends[*kind as usize]?;
            let detail = match count {
                1 => kind.sentence().to_owned(),
                _ => format!("{} ({count} times, the first place is given)", kind.sentence()),
            };
            Some(Flaw { kind: FlawKind::Markup, item: None, offset: offset(first), detail })
        });
        let bombs = self.bombs.iter().map(|(what, at)| Flaw {
            kind: FlawKind::Bomb,
            item: None,
            offset: offset(*at),
            detail: (*what).to_owned(),
        });
        let cut = self.cut.map(|at| Flaw {
            kind: FlawKind::TooManyItems,
            item: None,
            offset: offset(at),
            detail: format!(
                "the document holds more than {} items; the rest is left",
                crate::limits::MAX_ITEMS
            ),
        });
        mends.chain(bombs).chain(cut).collect()
    }
}
