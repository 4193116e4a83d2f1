//! Why a feed is visited when it is visited, in sentences.

use jiff::Timestamp;
use ledger::FeedState;
use model::FetchNote;
use schedule::Told;

/// What set its next visit, and why it needs a person, if it does.
pub(crate) fn sentences(state: &FeedState, notes: &[FetchNote]) -> Vec<String> {
    let now = Timestamp::now().as_millisecond();
    let told = Told { pace: &state.pace, decision: state.decision, notes, gap_ms: state.gap_ms, now };
    let mut said = vec![schedule::tell(&told)];
    said.extend(schedule::need(&told).map(|need| need.why).filter(|why| *why != said[0]));
    said
}
