//! The open connections, of which there are never too many.
//!
//! Where another one would be too many, another makes room: first those that were never given what
//! they asked for, then those that are not being answered, and among these the one that has been
//! silent for longest. So whoever opens hundreds and says nothing keeps nobody out who was let in.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

/// The open connections.
#[derive(Debug, Clone)]
pub struct Connections {
    most: usize,
    open: Arc<Mutex<Open>>,
}

#[derive(Debug, Default)]
struct Open {
    /// By their numbers.
    all: BTreeMap<u64, Entry>,
    /// What happened last: a clock that only orders.
    now: u64,
}

#[derive(Debug)]
struct Entry {
    gone: CancellationToken,
    /// Whether it was given what it asked for.
    is_known: bool,
    /// The requests that are being answered.
    busy: usize,
    /// When it was opened or asked for something last.
    active: u64,
}

/// One of them, until it is dropped.
#[derive(Debug)]
pub struct Connection {
    number: u64,
    gone: CancellationToken,
    open: Arc<Mutex<Open>>,
}

/// A request that is being answered, until it is dropped.
#[derive(Debug)]
pub struct Busy {
    number: u64,
    open: Arc<Mutex<Open>>,
    answered: CancellationToken,
}

fn lock(open: &Mutex<Open>) -> MutexGuard<'_, Open> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Open {
    fn tick(&mut self) -> u64 {
        self.now += 1;
        self.now
    }

    /// Who makes room. Where all are being answered it is the one that asked first: its client is
    /// too slow to take the answer.
    fn least(&self) -> Option<u64> {
        let rank = |entry: &Entry| (entry.is_known, entry.busy > 0, entry.active);
        let all = self.all.iter();
        let least = all.min_by_key(|(_, entry)| rank(entry));
        least.map(|(number, _)| *number)
    }
}

impl Connections {
    /// Lets at most this many be open.
    pub fn new(most: usize) -> Self {
        Connections {
            most: most.max(1),
            open: Arc::default(),
        }
    }

    /// Takes in another one; if need be another makes room.
    pub fn admit(&self) -> Connection {
        let mut open = lock(&self.open);
        if open.all.len() >= self.most
            && let Some(number) = open.least()
            && let Some(entry) = open.all.remove(&number)
        {
            entry.gone.cancel();
        }
        let (number, gone) = (open.tick(), CancellationToken::new());
        let entry = Entry {
            gone: gone.clone(),
            is_known: false,
            busy: 0,
            active: number,
        };
        open.all.insert(number, entry);
        Connection {
            number,
            gone,
            open: Arc::clone(&self.open),
        }
    }
}

impl Connection {
    /// Is cancelled when it has to make room.
    pub fn gone(&self) -> CancellationToken {
        self.gone.clone()
    }

    /// Notes a request.
    pub fn request(&self) -> Busy {
        let mut open = lock(&self.open);
        let now = open.tick();
        if let Some(entry) = open.all.get_mut(&self.number) {
            entry.busy += 1;
            entry.active = now;
        }
        Busy {
            number: self.number,
            open: Arc::clone(&self.open),
            answered: CancellationToken::new(),
        }
    }
}

impl Busy {
    /// Notes that what was asked for is given.
    pub fn granted(&self) {
        if let Some(entry) = lock(&self.open).all.get_mut(&self.number) {
            entry.is_known = true;
        }
    }

    /// Is cancelled when it was answered, or given up.
    pub fn answered(&self) -> CancellationToken {
        self.answered.clone()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        lock(&self.open).all.remove(&self.number);
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.answered.cancel();
        if let Some(entry) = lock(&self.open).all.get_mut(&self.number) {
            entry.busy -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_silent_for_longest_makes_room() {
        let connections = Connections::new(3);
        let [first, second, third] = [(); 3].map(|()| connections.admit());
        drop(first.request());
        let busy = second.request();
        let fourth = connections.admit();
        assert!(third.gone().is_cancelled());
        let fifth = connections.admit();
        assert!(first.gone().is_cancelled());
        assert!(!second.gone().is_cancelled(), "it is being answered");
        drop(busy);
        let _sixth = connections.admit();
        assert!(second.gone().is_cancelled());
        assert!(!fourth.gone().is_cancelled() && !fifth.gone().is_cancelled());
    }

    #[test]
    fn who_was_let_in_stays_before_those_who_were_not() {
        let connections = Connections::new(3);
        let scraper = connections.admit();
        scraper.request().granted();
        let silent = connections.admit();
        let guessing = connections.admit();
        let busy = guessing.request();
        for _ in 0..10 {
            let _ = connections.admit();
        }
        assert!(!scraper.gone().is_cancelled());
        assert!(silent.gone().is_cancelled());
        drop(busy);
    }

    #[test]
    fn who_leaves_makes_room_for_nobody_else() {
        let connections = Connections::new(2);
        let (first, second) = (connections.admit(), connections.admit());
        drop(first);
        let third = connections.admit();
        assert!(!second.gone().is_cancelled() && !third.gone().is_cancelled());
        assert_eq!(lock(&connections.open).all.len(), 2);
    }

    #[test]
    fn where_all_are_being_answered_the_slowest_goes() {
        let connections = Connections::new(1);
        let first = connections.admit();
        let busy = first.request();
        let _second = connections.admit();
        assert!(first.gone().is_cancelled());
        drop(busy);
    }
}
