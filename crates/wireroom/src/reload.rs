//! The config read anew while the daemon runs, by SIGHUP or `wireroom reload`: checked whole, then taken
//! over. A file with a mistake in it changes nothing, and is spoken of until it is mended.

use crate::config::{self, Config, Feeds};
use crate::logs;
use model::desk::{Refusal, RefusalKind, Reloaded};
use pipeline::{Desk, Window};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Mutex;

/// Between two looks whether the state is open yet.
const START_PAUSE: Duration = Duration::from_millis(20);
/// Keys, and beginnings of keys, that can change while the daemon runs. `sources` shows in the feeds.
const LIVE: [&str; 6] = ["schedule.", "outbox.", "pages.", "enrich.", "log.level", "sources."];

/// Reads the config anew at each SIGHUP, and whenever the desk is asked to.
pub(crate) async fn watch(from: PathBuf, config: Config, window: Arc<Window>) {
    let Ok(mut hangups) = signal(SignalKind::hangup()) else {
        return tracing::warn!("SIGHUP cannot be watched: use `wireroom reload`");
    };
    let held = Arc::new(Held { from, config: Mutex::new(config), window });
    let desk = loop {
        match held.window.desk() {
            Some(desk) => break desk,
            None => tokio::time::sleep(START_PAUSE).await,
        }
    };
    let asked = held.clone();
    desk.reload_with(Box::new(move || {
        let asked = asked.clone();
        Box::pin(async move { asked.reload().await })
    }));
    drop(desk);
    while hangups.recv().await.is_some() {
        // What became of it is told where it happens.
        let _ = held.reload().await;
    }
}

/// What the daemon runs with.
struct Held {
    from: PathBuf,
    config: Mutex<Config>,
    window: Arc<Window>,
}

impl Held {
    async fn reload(&self) -> Result<Reloaded, Refusal> {
        let done = self.try_reload().await;
        match &done {
            Ok(reloaded) => {
                self.window.reloaded(None);
                tracing::info!(
                    changed = reloaded.changed.len(),
                    needs_restart = reloaded.needs_restart.len(),
                    "the config was read anew: {}",
                    summary(reloaded)
                );
            }
            Err(refusal) => {
                let first = refusal.message.lines().next().unwrap_or_default().to_owned();
                self.window
                    .reloaded(Some(format!("the config file has a mistake, the old one holds: {first}")));
                tracing::error!("the config was not taken over, the old one holds: {}", refusal.message);
            }
        }
        done
    }

    async fn try_reload(&self) -> Result<Reloaded, Refusal> {
        let mut held = self.config.lock().await;
        let path = self.from.clone();
        let read = tokio::task::spawn_blocking(move || config::load(&path, std::env::vars_os(), Feeds::Read));
        let read = read.await.map_err(|_| Refusal::new(RefusalKind::Failed, "reading the config failed"))?;
        let mut new = read.map_err(|problems| Refusal::new(RefusalKind::Invalid, problems.to_string()))?;
        let stopping = || Refusal::new(RefusalKind::Unavailable, "the daemon is stopping");
        let desk: Arc<Desk> = self.window.desk().ok_or_else(stopping)?;
        let mut reloaded = Reloaded { warnings: std::mem::take(&mut new.warnings), ..Reloaded::default() };
        for (key, line) in config::differences(&held, &new) {
            let is_live = LIVE.iter().any(|live| key.starts_with(live));
            if is_live { reloaded.changed.push(line) } else { reloaded.needs_restart.push(line) }
        }
        reloaded.changed.extend(desk.adopt(new.pipeline.clone(), new.feeds.clone()).await?);
        if new.log.level != held.log.level && !logs::change_level(&new.log.level) {
            reloaded.warnings.push("log.level: the variable WIREROOM_LOG has the say".into());
        }
        // What needs a restart is compared with what runs, again and again, until there is one.
        held.pipeline.schedule = new.pipeline.schedule;
        (held.pipeline.outbox, held.pipeline.pages) = (new.pipeline.outbox, new.pipeline.pages);
        held.pipeline.enrich = new.pipeline.enrich;
        (held.sources, held.feeds, held.log.level) = (new.sources, new.feeds, new.log.level);
        Ok(reloaded)
    }
}

fn summary(reloaded: &Reloaded) -> String {
    match (reloaded.changed.as_slice(), reloaded.needs_restart.as_slice()) {
        ([], []) => "nothing is different".into(),
        (changed, []) => changed.join("; "),
        (changed, restart) => format!("{}; needs a restart: {}", changed.join("; "), restart.join("; ")),
    }
}
