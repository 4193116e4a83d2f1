//! The desk: whoever wants to know something of the daemon, or wants it changed, asks here. To add a
//! question, add it to [`model::desk::Question`] and answer it in [`Desk::answer`]; socket, HTTP API and
//! command line carry it as it is.

mod articles;
mod explain;
mod feeds;
mod held;
mod overview;
mod why;

pub use explain::Explained;

use crate::orders::Order;
use crate::roster::Roster;
use crate::window::Window;
use crate::{Config, Error};
use ledger::Ledger;
use model::Feed;
use model::desk::{Origin, Question, Refusal, RefusalKind, Reloaded};
use serde::Serialize;
use serde_json::Value;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use tokio::sync::mpsc;

/// Reads the config anew, for the one who knows where it is.
pub type Reload = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Answer<Reloaded>> + Send>> + Send + Sync>;
/// What becomes of a question.
pub(crate) type Answer<T> = Result<T, Refusal>;

/// Answers questions about one state directory: of a running daemon, or of a state at rest.
pub struct Desk {
    pub(crate) ledger: Ledger,
    pub(crate) roster: Arc<Roster>,
    pub(crate) window: Arc<Window>,
    config: RwLock<Arc<Config>>,
    /// Of the event loop; none: nothing runs.
    pub(crate) orders: Option<mpsc::Sender<Order>>,
    reload: OnceLock<Reload>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").field("ledger", &self.ledger).finish_non_exhaustive()
    }
}

impl Desk {
    pub(crate) fn new(
        ledger: Ledger,
        roster: Arc<Roster>,
        window: Arc<Window>,
        config: Config,
        orders: Option<mpsc::Sender<Order>>,
    ) -> Self {
        Self { ledger, roster, window, config: RwLock::new(config.into()), orders, reload: OnceLock::new() }
    }

    /// Opens the state of a daemon that does not run. Blocks on the disk.
    ///
    /// # Errors
    ///
    /// The ledger's, [`ledger::Error::Locked`] while a daemon runs.
    pub fn open(config: &Config, declared: &[Arc<Feed>]) -> Result<Self, Error> {
        let ledger = Ledger::open(&config.state, crate::rules::RULES)?;
        let roster = Arc::new(Roster::default());
        enroll(&ledger, &roster, declared)?;
        Ok(Self::new(ledger, roster, Arc::default(), config.clone(), None))
    }

    /// Closes a state that [`Self::open`] opened. Blocks on the disk.
    ///
    /// # Errors
    ///
    /// The ledger's.
    pub fn close(self) -> Result<(), Error> {
        Ok(self.ledger.close()?)
    }

    /// The settings that hold now.
    pub(crate) fn config(&self) -> Arc<Config> {
        self.config.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes over what can change while the daemon runs: feeds, `[schedule]`, `[outbox]`, `[pages]`, `[enrich]`. Says
    /// what is different about the feeds, a line each.
    ///
    /// # Errors
    ///
    /// When the state cannot be read, or the daemon is stopping.
    pub async fn adopt(&self, config: Config, declared: Vec<Arc<Feed>>) -> Answer<Vec<String>> {
        let changed = self.redeclare(declared).await?;
        let mut settings = Config::clone(&self.config());
        (settings.schedule, settings.outbox) = (config.schedule, config.outbox);
        settings.enrich = config.enrich;
        settings.pages = config.pages;
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings.clone());
        self.tell(Order::Settings(Box::new(settings))).await?;
        Ok(changed)
    }

    /// Says how the config is read anew; the first one to say so is heard.
    pub fn reload_with(&self, reload: Reload) {
        let _ = self.reload.set(reload);
    }

    /// Answers a question; the answer's type is named beside the question.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub async fn answer(&self, question: Question) -> Answer<Value> {
        match question {
            Question::Overview => json(self.overview()),
            Question::Feeds(query) => json(self.roster.list(&query)),
            Question::FeedsInFull { offset } => json(self.roster.page(offset)),
            Question::Feed { id } => json(self.feed(&id)?),
            Question::AddFeeds { feeds } => json(self.add_feeds(feeds).await?),
            Question::RemoveFeeds { ids } => json(self.remove_feeds(ids).await?),
            Question::VisitNow { id } => json(self.visit_now(id).await?),
            Question::Outbox { limit } => json(self.outbox(limit)?),
            Question::Recent(query) => json(self.recent(&query).await?),
            Question::Held => json(self.held()?),
            Question::Release { feed, publish } => json(self.release(&feed, publish).await?),
            Question::Explain { id } => json(self.explain(&id)?),
            Question::Reload => match self.reload.get() {
                Some(reload) => json(reload().await?),
                None => {
                    Err(Refusal::new(RefusalKind::Unavailable, "no daemon runs: there is nothing to reload"))
                }
            },
        }
    }

    async fn tell(&self, order: Order) -> Answer<()> {
        let Some(orders) = &self.orders else { return Ok(()) };
        let stopping = |_| Refusal::new(RefusalKind::Unavailable, "the daemon is stopping");
        orders.send(order).await.map_err(stopping)
    }
}

/// Enters declared feeds and those that were added by command, and gives back all that are to be visited.
pub(crate) fn enroll(
    ledger: &Ledger,
    roster: &Roster,
    declared: &[Arc<Feed>],
) -> Result<Vec<Arc<Feed>>, ledger::Error> {
    roster.add(ledger, declared, Origin::Declared)?;
    let mut feeds = declared.to_vec();
    let added = ledger.subscriptions()?.into_iter().map(Arc::new);
    let (clashing, added): (Vec<_>, Vec<_>) = added.partition(|feed| roster.origin(&feed.id).is_some());
    for feed in clashing {
        tracing::warn!(feed.id = %feed.id, "the feed {} is declared, too: what `feeds add` said of it is not used", feed.id);
    }
    roster.add(ledger, &added, Origin::Added)?;
    feeds.extend(added);
    Ok(feeds)
}

fn json(answer: impl Serialize) -> Answer<Value> {
    serde_json::to_value(answer).map_err(|error| Refusal::new(RefusalKind::Failed, error.to_string()))
}

/// A failure of the ledger, as whoever asked hears of it.
pub(crate) fn failed(error: &ledger::Error) -> Refusal {
    Refusal::new(RefusalKind::Failed, error.to_string())
}
