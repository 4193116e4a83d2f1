//! Texts that are no news: repetition, markup, other scripts, capitals only, and work that must stay linear.

use super::*;
use std::time::Duration;

/// Processor time of this thread: what else the machine does is not counted.
fn spent() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

fn check_linear(unit: &str) {
    let took = |bytes: usize| {
        let text = unit.repeat(bytes / unit.len());
        let article = article("Title", &text, Some("en"), Vec::new());
        let begun = spent();
        let _ = enrich(article);
        spent() - begun
    };
    took(1_000);
    let (small, large) = (took(16_000), took(64_000));
    assert!(large < 12 * small + Duration::from_millis(300), "{unit:?}: {small:?}, then {large:?}");
}

/// By processor time: four times the text may not take twelve times as long.
#[test]
fn enriching_is_linear() {
    let units = [
        "a",
        "A",
        "A ",
        "a. ",
        "''",
        "(",
        "-a",
        "a-B",
        "@a.",
        "The ",
        "of The ",
        "\n",
        "中",
        "U.S. ",
        "<p class=\"a\">&amp;",
        "Donald Trump ",
        "TRUMP SAYS NO. ",
        "(AP) — ",
        "The Harbour News (HN) reported. ",
        "according to The Times of The Post, reported by Reuters, ",
        "peace talks failed. Peace processes ",
    ];
    units.into_iter().for_each(check_linear);
}

/// Each name another one: lists of names have no repetitions to lean on.
#[test]
fn many_names_are_linear() {
    let took = |count: usize| {
        let word = |n: usize| {
            let letters = (0..4).map(|place| char::from(b'a' + (n / 26_usize.pow(place) % 26) as u8));
            letters.collect::<String>()
        };
        let name =
            |n: usize| format!("Mr. A{} B{} of The C{} News (D{n:05}) said. ", word(n), word(n), word(n));
        let article = article("Title", &(0..count).map(name).collect::<String>(), Some("en"), Vec::new());
        let begun = spent();
        let _ = enrich(article);
        spent() - begun
    };
    took(10);
    let (small, large) = (took(500), took(2_000));
    assert!(large < 12 * small + Duration::from_millis(300), "{small:?}, then {large:?}");
}

#[test]
fn a_megabyte_is_borne() {
    let text = "Chancellor Angela Merkel met Emmanuel Macron of the U.N. Security Council in Paris, Reuters reported. ";
    let story = enrich(article("Title", &text.repeat((1 << 20) / text.len()), Some("en"), Vec::new()));
    assert!(story.entities.iter().any(|entity| entity.name == "Angela Merkel"));
    assert!(story.entities.iter().all(|entity| entity.mentions.len() <= 200));
}

#[test]
fn what_was_found_once_is_borne() {
    for target in targets::TARGETS {
        target.replay(300);
    }
}

proptest! {
    #[test]
    fn no_repetition_makes_it_panic(unit in "[A-Za-z.'’(@#&;<>\\- \n中\u{301}İ]{1,12}", times in 1_usize..200) {
        enrich(article(&unit, &unit.repeat(times), None, vec![unit.clone()]));
    }
}
