use crate::{Class, Error};
use tokio::sync::oneshot;

/// Runs a blocking step on a thread of its own. Unlike the runtime's blocking pool, a step that never
/// ends (a full pipe, a dead disk) cannot hold up the end of the runtime.
pub(crate) async fn run<T: Send + 'static>(
    name: &str,
    step: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let (answer, answered) = oneshot::channel();
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        // Nobody may be waiting any more; the step's effect is found again by `recover`.
        let _ = answer.send(step());
    });
    if let Err(error) = thread {
        return Err(Error::new(Class::Operator, format!("no thread for the sink could be started: {error}")));
    }
    answered.await.unwrap_or_else(|_| Err(Error::new(Class::Rebuild, "the sink's thread ended in a panic")))
}
