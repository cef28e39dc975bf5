//! As many searches at once as there are processors; the others wait in the order in which they came.
//!
//! More at once would finish none sooner: each would be put aside by the system in the middle
//! of its work, for longer than a whole search takes.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Thread;

/// The way in.
#[derive(Debug)]
pub(crate) struct Gate(Mutex<State>);

#[derive(Debug)]
struct State {
    free: usize,
    waiting: VecDeque<Arc<Waiter>>,
}

#[derive(Debug)]
struct Waiter {
    thread: Thread,
    called: AtomicBool,
}

/// The right to search; ends when dropped.
pub(crate) struct Turn<'g>(&'g Gate);

impl Gate {
    /// A gate for as many as there are processors.
    pub(crate) fn new() -> Gate {
        let free = std::thread::available_parallelism().map_or(1, usize::from);
        Gate(Mutex::new(State { free, waiting: VecDeque::new() }))
    }

    /// Waits for a turn.
    pub(crate) fn enter(&self) -> Turn<'_> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.free > 0 {
            state.free -= 1;
            return Turn(self);
        }
        let waiter = Arc::new(Waiter { thread: std::thread::current(), called: AtomicBool::new(false) });
        state.waiting.push_back(Arc::clone(&waiter));
        drop(state);
        while !waiter.called.load(Ordering::Acquire) {
            std::thread::park();
        }
        Turn(self)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state.waiting.pop_front() {
            Some(next) => {
                drop(state);
                next.called.store(true, Ordering::Release);
                next.thread.unpark();
            }
            None => state.free += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[test]
    fn never_more_inside_than_processors_and_everybody_gets_in() {
        let gate = Gate::new();
        let most = std::thread::available_parallelism().map_or(1, usize::from);
        let (inside, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let turn = gate.enter();
                        assert!(inside.fetch_add(1, Ordering::SeqCst) < most);
                        inside.fetch_sub(1, Ordering::SeqCst);
                        drop(turn);
                        done.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(done.into_inner(), 16 * 200);
        assert_eq!(gate.0.lock().unwrap().free, most);
    }
}
