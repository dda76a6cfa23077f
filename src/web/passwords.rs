//! Whether a user's password is right.
//!
//! A wrong guess must cost whoever guesses, tell nothing by the time it takes, and not keep out
//! those who know. So what was found right is remembered and needs no hashing; whoever else comes
//! waits in a short queue for one hash at a time.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex as Turn, Semaphore};

/// How many may wait for their turn; who comes later is told to come again.
const QUEUE: usize = 32;

/// How many right passwords are remembered: more than there are users, unless hashes were replaced
/// many times.
const REMEMBERED: usize = 1_000;

/// A hash of nothing, behind its cost: comparing with it takes as long as with any other.
const NOBODY: &str = "QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi";

/// What was found out about who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The password is that of the user.
    Right,
    /// It is not, or there is no such user.
    Wrong,
    /// Too many others are waiting to be judged.
    Busy,
}

/// Judges passwords.
pub struct Passwords {
    right: Mutex<HashSet<[u8; 32]>>,
    queue: Arc<Semaphore>,
    turn: Arc<Turn<()>>,
}

/// Without what right passwords are remembered by, which is quicker to guess from than a hash.
impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords").finish_non_exhaustive()
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Passwords {
            right: Mutex::default(),
            queue: Arc::new(Semaphore::new(QUEUE)),
            turn: Arc::default(),
        }
    }
}

impl Passwords {
    /// Judges a user and a password by the users' hashes.
    pub async fn judge(
        &self,
        users: &BTreeMap<String, SecretString>,
        user: &str,
        password: SecretString,
    ) -> Verdict {
        let known = users.get(user);
        let hash = known.map_or_else(|| nobody(users), |hash| hash.expose_secret().to_owned());
        let print = print(user, &hash, &password);
        if self.remembered().contains(&print) {
            return Verdict::Right;
        }
        let Ok(place) = Arc::clone(&self.queue).try_acquire_owned() else {
            return Verdict::Busy;
        };
        let turn = Arc::clone(&self.turn).lock_owned().await;
        // Hashing is meant to take long, so it is kept off the threads that serve. It goes on when
        // whoever asked has hung up, so it keeps the turn until it has ended.
        let compared = tokio::task::spawn_blocking(move || {
            let fits = bcrypt::verify(password.expose_secret(), &hash).unwrap_or(false);
            drop(place);
            drop(turn);
            fits
        });
        let fits = compared.await.unwrap_or(false);
        if !fits || known.is_none() {
            return Verdict::Wrong;
        }
        let mut right = self.remembered();
        if right.len() >= REMEMBERED {
            right.clear();
        }
        right.insert(print);
        Verdict::Right
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, HashSet<[u8; 32]>> {
        self.right.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A hash that costs what those of most users cost.
fn nobody(users: &BTreeMap<String, SecretString>) -> String {
    let mut costs = BTreeMap::new();
    for hash in users.values() {
        if let Ok(parts) = hash.expose_secret().parse::<bcrypt::HashParts>() {
            *costs.entry(parts.get_cost()).or_insert(0) += 1;
        }
    }
    let cost = costs.into_iter().max_by_key(|(_, users)| *users);
    let cost = cost.map_or(10, |(cost, _)| cost);
    format!("$2y${cost:02}${NOBODY}")
}

/// What a right answer is remembered by. The lengths keep two different answers apart.
fn print(user: &str, hash: &str, password: &SecretString) -> [u8; 32] {
    let mut print = Sha256::new();
    for part in [user, hash, password.expose_secret()] {
        print.update((part.len() as u64).to_le_bytes());
        print.update(part);
    }
    print.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users() -> BTreeMap<String, SecretString> {
        let hash = bcrypt::hash("secret", 4).unwrap();
        BTreeMap::from([("ann".to_owned(), SecretString::from(hash))])
    }

    #[tokio::test]
    async fn only_the_password_of_the_user_is_right() {
        let (passwords, users) = (Passwords::default(), users());
        for (user, password, verdict) in [
            ("ann", "secret", Verdict::Right),
            ("ann", "secret", Verdict::Right),
            ("ann", "Secret", Verdict::Wrong),
            ("ann", "", Verdict::Wrong),
            ("bob", "secret", Verdict::Wrong),
            ("", "", Verdict::Wrong),
            ("bob", "fakepassword", Verdict::Wrong),
        ] {
            let judged = passwords.judge(&users, user, password.into()).await;
            assert_eq!(judged, verdict, "{user}:{password}");
        }
    }

    #[tokio::test]
    async fn who_is_known_to_be_right_waits_for_nobody() {
        let (passwords, users) = (Passwords::default(), users());
        passwords.judge(&users, "ann", "secret".into()).await;
        let _all = passwords.queue.acquire_many(QUEUE as u32).await.unwrap();
        let _turn = passwords.turn.lock().await;
        let right = passwords.judge(&users, "ann", "secret".into()).await;
        assert_eq!(right, Verdict::Right);
        let other = passwords.judge(&users, "ann", "guess".into()).await;
        assert_eq!(other, Verdict::Busy);
    }

    #[tokio::test]
    async fn a_replaced_hash_is_judged_anew() {
        let passwords = Passwords::default();
        passwords.judge(&users(), "ann", "secret".into()).await;
        let hash = bcrypt::hash("other", 4).unwrap();
        let replaced = BTreeMap::from([("ann".to_owned(), SecretString::from(hash))]);
        let judged = passwords.judge(&replaced, "ann", "secret".into()).await;
        assert_eq!(judged, Verdict::Wrong);
    }

    #[tokio::test]
    async fn who_hangs_up_does_not_let_the_next_one_hash_meanwhile() {
        let (passwords, users) = (Passwords::default(), users());
        let turn = Arc::clone(&passwords.turn).lock_owned().await;
        {
            let judged = passwords.judge(&users, "ann", "guess".into());
            tokio::pin!(judged);
            assert!(futures_util::poll!(&mut judged).is_pending());
        }
        assert_eq!(passwords.queue.available_permits(), QUEUE);
        drop(turn);
        {
            let judged = passwords.judge(&users, "ann", "guess".into());
            tokio::pin!(judged);
            // Its hash has begun, and may even be through already.
            let _ = futures_util::poll!(&mut judged);
        }
        // It keeps the turn until it is through.
        let _turn = passwords.turn.lock().await;
        assert_eq!(passwords.queue.available_permits(), QUEUE);
    }

    #[test]
    fn nobody_costs_as_much_as_everybody() {
        let nobody = nobody(&users());
        let parts: bcrypt::HashParts = nobody.parse().unwrap();
        assert_eq!(parts.get_cost(), 4);
        assert!(!bcrypt::verify("secret", &nobody).unwrap());
    }
}
