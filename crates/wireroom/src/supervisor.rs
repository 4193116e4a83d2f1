//! What a service manager is told, systemd or one that listens as it does: that the daemon is ready, that its
//! work goes on, that it stops. Where none listens, nothing is done.

use pipeline::Window;
use sd_notify::NotifyState;
use std::sync::Arc;
use std::time::Duration;

/// How often it is asked whether the state is open yet.
const START_PAUSE: Duration = Duration::from_millis(50);
/// How often the sentence on how it goes is told anew, where no watchdog asks for more.
const STATUS_PAUSE: Duration = Duration::from_secs(30);

/// Tells how it goes until `stopped`. The watchdog is fed while the daemon is alive, and only then: a daemon
/// whose work hangs is ended and started again.
pub(crate) async fn watch(window: Arc<Window>, stopped: impl Future<Output = ()>) {
    if std::env::var_os("NOTIFY_SOCKET").is_none() {
        return;
    }
    let telling = async {
        while !window.has_started() {
            tokio::time::sleep(START_PAUSE).await;
        }
        tell(&[NotifyState::Ready]);
        // Twice as often as is asked for, so that one turn may be late.
        let pause = sd_notify::watchdog_enabled().map(|period| period / 2);
        loop {
            let reasons = window.unready();
            let status = if reasons.is_empty() { "ready".to_owned() } else { reasons.join("; ") };
            tell(&[NotifyState::Status(&status)]);
            if window.alive() {
                tell(&[NotifyState::Watchdog]);
            }
            tokio::time::sleep(pause.unwrap_or(STATUS_PAUSE)).await;
        }
    };
    tokio::select! { () = telling => {}, () = stopped => tell(&[NotifyState::Stopping]) }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::debug!("the service manager could not be told: {error}");
    }
}
