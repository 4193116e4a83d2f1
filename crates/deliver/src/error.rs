use std::fmt;

/// Why rows were not delivered: what to do next, and one sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Error {
    /// What to do next.
    pub class: Class,
    /// One sentence; holds no secret.
    pub detail: String,
}

/// What to do about an [`Error`]. The rows are kept in every case.
///
/// When it comes from [`recover`](crate::Sink::recover), the next call is `recover` again whatever the class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Nothing was delivered; call `deliver` again with the same rows, after a pause.
    Retry,
    /// Somebody has to mend something first: say so, be not ready, call `recover` after a pause.
    Operator,
    /// What became of the rows is not known for certain: call `recover` before anything else.
    Rebuild,
    /// Another daemon delivers under our name and fences us again and again: stop delivering, say so.
    Rival,
    /// The reader of standard output has gone: end quietly.
    Closed,
}

impl Class {
    /// The name used in logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Operator => "operator",
            Self::Rebuild => "rebuild",
            Self::Rival => "rival",
            Self::Closed => "closed",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Error {
    /// An error of `class`.
    pub fn new(class: Class, detail: impl Into<String>) -> Self {
        Self { class, detail: detail.into() }
    }
}
