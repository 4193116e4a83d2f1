use crate::Error;
use crate::codec::{self, Counters};
use crate::config::DedupConfig;
use crate::decide::Decider;
use crate::memory::Memory;
use crate::overlay::Overlay;
use jiff::Timestamp;
use model::settle::{Candidate, Item, Outcome, Rules, Settlement};
use model::{ArticleId, FeedId, Planned, StoreId, Validators};
use record::Duplicate;

/// The sequencer without a disk: it decides as the daemon does, remembers in memory only, and is told the
/// time. For filters and measurements; what it remembers grows with what it is given.
pub struct Scratch {
    overlay: Option<Overlay<'static>>,
    memory: Memory,
    config: DedupConfig,
    counters: Counters,
    rules: Rules,
}

impl std::fmt::Debug for Scratch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scratch").field("counters", &self.counters).finish_non_exhaustive()
    }
}

/// What an article was decided to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    /// The article.
    pub id: ArticleId,
    /// Its revision by now.
    pub revision: u32,
    /// The text that it repeats.
    pub duplicate: Option<Duplicate>,
    /// Its story.
    pub story: Option<ArticleId>,
}

impl Scratch {
    /// One that knows nothing. Polls are never held: there are none.
    pub fn new(config: &DedupConfig, rules: Rules) -> Self {
        let config = DedupConfig { hold_over: 0, ..config.clone() };
        Self {
            overlay: Some(Overlay::new(None, 0)),
            memory: Memory::fresh(&config),
            config,
            counters: Counters::default(),
            rules,
        }
    }

    /// Hashes of the paragraphs that an outlet puts under its articles, as learned so far.
    pub fn boilerplate(&mut self, domain: &str) -> Vec<u32> {
        let outlet = self.overlay.as_mut().and_then(|overlay| overlay.outlet(domain).ok());
        outlet.map(|outlet| outlet.boilerplate()).unwrap_or_default()
    }

    /// Decides one article of a feed, as seen at `at`. Times may come in any order: what lies further apart
    /// than the window is not compared, nothing is forgotten.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] when no id is free: after a thousand collisions.
    pub fn settle(
        &mut self,
        feed: &FeedId,
        candidate: Candidate,
        at: Timestamp,
    ) -> Result<Option<Identity>, Error> {
        let mut overlay = self.overlay.take().unwrap_or_else(|| Overlay::new(None, 0));
        overlay.today = codec::day(at.as_millisecond());
        let mut decider = Decider {
            overlay,
            memory: &mut self.memory,
            familiar: None,
            config: &self.config,
            counters: self.counters.clone(),
            rows: Vec::new(),
            hosts: Vec::new(),
            notes: Vec::new(),
            dues: Vec::new(),
            waiting: Vec::new(),
            held_bytes: 0,
            rules: self.rules,
            store: StoreId([0; 8]),
            now: at,
            touched: None,
            has_documents: false,
        };
        let items = vec![Item::Fresh(Box::new(candidate))];
        let outcome = Outcome::Document { validators: Validators::default(), items, flawed: 0 };
        let mut settlement = Settlement { feed: feed.clone(), at, outcome, planned: Planned::default() };
        let settled = decider.settle(&mut settlement);
        let touched = decider.touched;
        let Decider { mut overlay, counters, .. } = decider;
        let state = match touched {
            Some(id) => overlay.article(id)?.map(|state| (id, state)),
            None => None,
        };
        self.overlay = Some(overlay);
        self.counters = counters;
        // Nothing is written: what changed is only cleared.
        drop(self.memory.stories.take_changes());
        settled?;
        Ok(state.map(|(id, state)| Identity {
            id,
            revision: state.revision,
            duplicate: state.root.map(|root| root.duplicate()),
            story: state.story,
        }))
    }
}
