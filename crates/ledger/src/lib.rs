//! The floor: keys, feeds, outbox on disk; the sequencer, the only writer
