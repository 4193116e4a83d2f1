//! What was found by chance once, tried for ever.

pub(crate) mod targets;

#[test]
fn what_was_found_once_is_borne() {
    for target in targets::TARGETS {
        target.replay(if target.name == "pages" { 60 } else { 400 });
    }
}
