//! What the sequencer decides and writes by: pure functions of the rooms, handed to the ledger.

use crate::compose;
use model::settle::Rules;

pub(crate) const RULES: Rules = Rules { judge: dedup::judge, name: dedup::name, compose: compose::row };
