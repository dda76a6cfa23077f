//! Verifies the passwords of users.
//!
//! A wrong guess must be expensive for the client, must not leak anything by its timing, and must
//! not keep out clients with the right password. So valid credentials are remembered and need no
//! hashing; all others wait in a short queue for one hash at a time.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex as Turn, Semaphore};

/// How many requests may wait for their turn; later ones are rejected as [`AuthResult::Busy`].
const QUEUE: usize = 32;

/// How many valid credentials are remembered: more than there are users, unless hashes were replaced
/// many times.
const REMEMBERED: usize = 1_000;

/// A hash without its cost: comparing with it takes as long as with any other.
const DUMMY_HASH: &str = "QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AuthResult {
    Valid,
    /// The password is wrong, or there is no such user.
    Invalid,
    /// Too many others are waiting for their turn.
    Busy,
}

pub(super) struct Passwords {
    valid: Mutex<HashSet<[u8; 32]>>,
    queue: Arc<Semaphore>,
    turn: Arc<Turn<()>>,
}

/// Without the remembered fingerprints, from which guessing is quicker than from a hash.
impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords").finish_non_exhaustive()
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Passwords {
            valid: Mutex::default(),
            queue: Arc::new(Semaphore::new(QUEUE)),
            turn: Arc::default(),
        }
    }
}

impl Passwords {
    /// Verifies a password against the users' hashes.
    pub(super) async fn verify(
        &self,
        users: &BTreeMap<String, SecretString>,
        user: &str,
        password: SecretString,
    ) -> AuthResult {
        let known = users.get(user);
        let hash = known.map_or_else(|| dummy_hash(users), |hash| hash.expose_secret().to_owned());
        let fingerprint = fingerprint(user, &hash, &password);
        if self.remembered().contains(&fingerprint) {
            return AuthResult::Valid;
        }
        let Ok(place) = Arc::clone(&self.queue).try_acquire_owned() else {
            return AuthResult::Busy;
        };
        let turn = Arc::clone(&self.turn).lock_owned().await;
        // Hashing is meant to take long, so it is kept off the threads that serve. It continues when
        // the client has hung up, so it keeps the turn until it has ended.
        let compared = tokio::task::spawn_blocking(move || {
            let fits = bcrypt::verify(password.expose_secret(), &hash).unwrap_or(false);
            drop(place);
            drop(turn);
            fits
        });
        let fits = compared.await.unwrap_or(false);
        if !fits || known.is_none() {
            return AuthResult::Invalid;
        }
        let mut valid = self.remembered();
        if valid.len() >= REMEMBERED {
            valid.clear();
        }
        valid.insert(fingerprint);
        AuthResult::Valid
    }

    fn remembered(&self) -> parking_lot::MutexGuard<'_, HashSet<[u8; 32]>> {
        self.valid.lock()
    }
}

/// A hash with the cost that most users' hashes have, for users that do not exist.
fn dummy_hash(users: &BTreeMap<String, SecretString>) -> String {
    let mut costs = BTreeMap::new();
    for hash in users.values() {
        if let Ok(parts) = hash.expose_secret().parse::<bcrypt::HashParts>() {
            *costs.entry(parts.get_cost()).or_insert(0) += 1;
        }
    }
    let cost = costs.into_iter().max_by_key(|(_, users)| *users);
    let cost = cost.map_or(10, |(cost, _)| cost);
    format!("$2y${cost:02}${DUMMY_HASH}")
}

/// By which valid credentials are remembered. The lengths make the parts unambiguous.
fn fingerprint(user: &str, hash: &str, password: &SecretString) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in [user, hash, password.expose_secret()] {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
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
        for (user, password, expected) in [
            ("ann", "secret", AuthResult::Valid),
            ("ann", "secret", AuthResult::Valid),
            ("ann", "Secret", AuthResult::Invalid),
            ("ann", "", AuthResult::Invalid),
            ("bob", "secret", AuthResult::Invalid),
            ("", "", AuthResult::Invalid),
            ("bob", "fakepassword", AuthResult::Invalid),
        ] {
            let verified = passwords.verify(&users, user, password.into()).await;
            assert_eq!(verified, expected, "{user}:{password}");
        }
    }

    #[tokio::test]
    async fn who_is_known_to_be_right_waits_for_nobody() {
        let (passwords, users) = (Passwords::default(), users());
        passwords.verify(&users, "ann", "secret".into()).await;
        let _all = passwords.queue.acquire_many(QUEUE as u32).await.unwrap();
        let _turn = passwords.turn.lock().await;
        let valid = passwords.verify(&users, "ann", "secret".into()).await;
        assert_eq!(valid, AuthResult::Valid);
        let other = passwords.verify(&users, "ann", "guess".into()).await;
        assert_eq!(other, AuthResult::Busy);
    }

    #[tokio::test]
    async fn a_replaced_hash_is_verified_again() {
        let passwords = Passwords::default();
        passwords.verify(&users(), "ann", "secret".into()).await;
        let hash = bcrypt::hash("other", 4).unwrap();
        let replaced = BTreeMap::from([("ann".to_owned(), SecretString::from(hash))]);
        let verified = passwords.verify(&replaced, "ann", "secret".into()).await;
        assert_eq!(verified, AuthResult::Invalid);
    }

    #[tokio::test]
    async fn who_hangs_up_does_not_let_the_next_one_hash_meanwhile() {
        let (passwords, users) = (Passwords::default(), users());
        let turn = Arc::clone(&passwords.turn).lock_owned().await;
        {
            let verified = passwords.verify(&users, "ann", "guess".into());
            tokio::pin!(verified);
            assert!(futures_util::poll!(&mut verified).is_pending());
        }
        assert_eq!(passwords.queue.available_permits(), QUEUE);
        drop(turn);
        {
            let verified = passwords.verify(&users, "ann", "guess".into());
            tokio::pin!(verified);
            // Its hash has begun, and may even be through already.
            let _ = futures_util::poll!(&mut verified);
        }
        // It keeps the turn until it is through.
        let _turn = passwords.turn.lock().await;
        assert_eq!(passwords.queue.available_permits(), QUEUE);
    }

    #[test]
    fn an_unknown_user_costs_as_much_as_a_known_one() {
        let dummy = dummy_hash(&users());
        let parts: bcrypt::HashParts = dummy.parse().unwrap();
        assert_eq!(parts.get_cost(), 4);
        assert!(!bcrypt::verify("secret", &dummy).unwrap());
    }
}
