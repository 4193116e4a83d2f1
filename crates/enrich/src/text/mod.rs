//! From a text to tokens and sentences. Everything that reads words in this room stands on this.

mod abbreviations;
mod forms;
mod sentences;
mod tokens;
mod words;

pub(crate) use forms::Forms;
pub(crate) use sentences::sentences;
pub(crate) use tokens::{Token, tokens};
