//! Articles that would cost more than their length.

use super::targets::{self, TARGETS};
use std::time::Duration;

/// Processor time of this thread: what else the machine does is not counted.
fn spent() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

#[test]
fn what_was_found_once_is_borne() {
    for target in TARGETS {
        target.replay(60);
    }
}

#[test]
fn work_is_linear_in_the_text() {
    let units = [
        "Ann Lee ",
        "Ann ",
        "A. ",
        "(Reuters) - ",
        "told Reuters ",
        "of the ",
        "x",
        "X",
        ".",
        "“",
        "\"a\" ",
        "\n\n",
        "\u{301}",
        "中",
        "New York of New York and ",
    ];
    for unit in units {
        let took = |bytes: usize| {
            let article = targets::article(&unit.repeat(40), &unit.repeat(bytes / unit.len()));
            let begun = spent();
            let _ = crate::enrich(article);
            spent() - begun
        };
        let (small, large) = (took(4_000), took(24_000));
        assert!(large < 16 * small + Duration::from_millis(300), "{unit:?}: {small:?}, then {large:?}");
    }
}
