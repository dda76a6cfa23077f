//! The open connections, up to a limit.
//!
//! Beyond the limit a new connection evicts another: first one that has not authenticated, then one
//! without a request in progress, and among these the one that has been idle for longest. So idle
//! connections cannot starve authenticated clients.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use tokio_util::sync::CancellationToken;

#[derive(Debug, Clone)]
pub(super) struct Connections {
    limit: usize,
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
    evicted: CancellationToken,
    is_authenticated: bool,
    /// The number of requests that are being answered.
    requests: usize,
    /// When it was opened or last sent a request.
    active: u64,
}

/// An open connection, until it is dropped.
#[derive(Debug)]
pub(super) struct Connection {
    number: u64,
    evicted: CancellationToken,
    open: Arc<Mutex<Open>>,
}

/// A request that is being answered, until it is dropped.
#[derive(Debug)]
pub(super) struct RequestGuard {
    number: u64,
    open: Arc<Mutex<Open>>,
    answered: CancellationToken,
}

fn lock(open: &Mutex<Open>) -> MutexGuard<'_, Open> {
    open.lock()
}

impl Open {
    fn tick(&mut self) -> u64 {
        self.now += 1;
        self.now
    }

    /// Where all are being answered it is the one that asked first: its client is too slow to read
    /// the response.
    fn eviction_candidate(&self) -> Option<u64> {
        let rank = |entry: &Entry| (entry.is_authenticated, entry.requests > 0, entry.active);
        let all = self.all.iter();
        let candidate = all.min_by_key(|(_, entry)| rank(entry));
        candidate.map(|(number, _)| *number)
    }
}

impl Connections {
    pub(super) fn new(limit: usize) -> Self {
        Connections {
            limit: limit.max(1),
            open: Arc::default(),
        }
    }

    /// Adds a connection; at the limit another one is evicted.
    pub(super) fn admit(&self) -> Connection {
        let mut open = lock(&self.open);
        if open.all.len() >= self.limit
            && let Some(number) = open.eviction_candidate()
            && let Some(entry) = open.all.remove(&number)
        {
            entry.evicted.cancel();
        }
        let (number, evicted) = (open.tick(), CancellationToken::new());
        let entry = Entry {
            evicted: evicted.clone(),
            is_authenticated: false,
            requests: 0,
            active: number,
        };
        open.all.insert(number, entry);
        Connection {
            number,
            evicted,
            open: Arc::clone(&self.open),
        }
    }
}

impl Connection {
    /// Is cancelled when the connection is evicted.
    pub(super) fn evict_token(&self) -> CancellationToken {
        self.evicted.clone()
    }

    pub(super) fn request(&self) -> RequestGuard {
        let mut open = lock(&self.open);
        let now = open.tick();
        if let Some(entry) = open.all.get_mut(&self.number) {
            entry.requests += 1;
            entry.active = now;
        }
        RequestGuard {
            number: self.number,
            open: Arc::clone(&self.open),
            answered: CancellationToken::new(),
        }
    }
}

impl RequestGuard {
    pub(super) fn mark_authenticated(&self) {
        if let Some(entry) = lock(&self.open).all.get_mut(&self.number) {
            entry.is_authenticated = true;
        }
    }

    /// Is cancelled when the response was sent, or the request abandoned.
    pub(super) fn answered(&self) -> CancellationToken {
        self.answered.clone()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        lock(&self.open).all.remove(&self.number);
    }
}

impl Drop for RequestGuard {
    fn drop(&mut self) {
        self.answered.cancel();
        if let Some(entry) = lock(&self.open).all.get_mut(&self.number) {
            entry.requests -= 1;
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
        assert!(third.evict_token().is_cancelled());
        let fifth = connections.admit();
        assert!(first.evict_token().is_cancelled());
        assert!(!second.evict_token().is_cancelled(), "it is being answered");
        drop(busy);
        let _sixth = connections.admit();
        assert!(second.evict_token().is_cancelled());
        assert!(!fourth.evict_token().is_cancelled() && !fifth.evict_token().is_cancelled());
    }

    #[test]
    fn who_was_let_in_stays_before_those_who_were_not() {
        let connections = Connections::new(3);
        let scraper = connections.admit();
        scraper.request().mark_authenticated();
        let silent = connections.admit();
        let guessing = connections.admit();
        let busy = guessing.request();
        for _ in 0..10 {
            let _ = connections.admit();
        }
        assert!(!scraper.evict_token().is_cancelled());
        assert!(silent.evict_token().is_cancelled());
        drop(busy);
    }

    #[test]
    fn who_leaves_makes_room_for_nobody_else() {
        let connections = Connections::new(2);
        let (first, second) = (connections.admit(), connections.admit());
        drop(first);
        let third = connections.admit();
        assert!(!second.evict_token().is_cancelled() && !third.evict_token().is_cancelled());
        assert_eq!(lock(&connections.open).all.len(), 2);
    }

    #[test]
    fn where_all_are_being_answered_the_slowest_goes() {
        let connections = Connections::new(1);
        let first = connections.admit();
        let busy = first.request();
        let _second = connections.admit();
        assert!(first.evict_token().is_cancelled());
        drop(busy);
    }
}
