//! Work on many inputs at once, answers in the order of the inputs.

use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

/// Answers that may wait for a slow one before them, per worker.
const AHEAD: usize = 4;

/// Does `work` on each input, a worker per core, and hands the answers to `emit` in the order of the inputs. An
/// input that makes `work` panic has none. Ends early when `emit` fails.
///
/// # Errors
/// What `emit` says.
pub(crate) fn in_order<T: Sync, R: Send>(
    inputs: &[T],
    work: impl Fn(&T) -> R + Sync,
    mut emit: impl FnMut(&T, Option<R>) -> io::Result<()>,
) -> io::Result<()> {
    let workers = thread::available_parallelism().map_or(1, usize::from).min(inputs.len());
    if workers <= 1 {
        return inputs.iter().try_for_each(|input| emit(input, guarded(&work, input)));
    }
    let desk = Desk {
        state: Mutex::new(State { answers: BTreeMap::new(), next: 0, told: 0, over: false }),
        turn: Condvar::new(),
    };
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(number) = desk.take(inputs.len(), workers * AHEAD) {
                    let answer = guarded(&work, &inputs[number]);
                    desk.put(number, answer);
                }
            });
        }
        let told = inputs.iter().enumerate().try_for_each(|(number, input)| emit(input, desk.wait(number)));
        desk.close();
        told
    })
}

fn guarded<T, R>(work: impl Fn(&T) -> R, input: &T) -> Option<R> {
    catch_unwind(AssertUnwindSafe(|| work(input))).ok()
}

struct State<R> {
    answers: BTreeMap<usize, Option<R>>,
    /// The input to take next, and the number of answers handed on.
    next: usize,
    told: usize,
    over: bool,
}

struct Desk<R> {
    state: Mutex<State<R>>,
    turn: Condvar,
}

impl<R> Desk<R> {
    /// The number of an input that nobody has taken; waits while too many answers wait.
    fn take(&self, inputs: usize, ahead: usize) -> Option<usize> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let too_far =
            |state: &mut State<R>| !state.over && state.next >= state.told + ahead && state.next < inputs;
        let mut state = self.turn.wait_while(state, too_far).unwrap_or_else(PoisonError::into_inner);
        if state.over || state.next >= inputs {
            return None;
        }
        state.next += 1;
        Some(state.next - 1)
    }

    fn put(&self, number: usize, answer: Option<R>) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).answers.insert(number, answer);
        self.turn.notify_all();
    }

    fn wait(&self, number: usize) -> Option<R> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let missing = |state: &mut State<R>| !state.answers.contains_key(&number);
        let mut state = self.turn.wait_while(state, missing).unwrap_or_else(PoisonError::into_inner);
        state.told = number + 1;
        let answer = state.answers.remove(&number).flatten();
        drop(state);
        self.turn.notify_all();
        answer
    }

    fn close(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).over = true;
        self.turn.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_the_order_of_the_inputs() {
        let inputs: Vec<u64> = (0..500).collect();
        let slow_first = |n: &u64| {
            thread::sleep(std::time::Duration::from_micros(if n.is_multiple_of(50) { 2_000 } else { 0 }));
            assert!(*n != 77, "a bad input");
            n * 2
        };
        let mut told = Vec::new();
        in_order(&inputs, slow_first, |input, answer| {
            told.push((*input, answer));
            Ok(())
        })
        .unwrap();
        let expected: Vec<_> = (0..500).map(|n| (n, (n != 77).then_some(n * 2))).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn nobody_works_for_a_reader_that_has_gone() {
        let inputs: Vec<u64> = (0..500).collect();
        let done = std::sync::atomic::AtomicUsize::new(0);
        let work = |_: &u64| done.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let gone = in_order(&inputs, work, |_, _| Err(io::ErrorKind::BrokenPipe.into()));
        assert!(gone.is_err());
        assert!(done.into_inner() < 200);
    }
}
