//! Hashing and checking passwords: slow by design, so on threads of their own and few at once.

use argon2::{Argon2, PasswordHash, PasswordHasher as _, PasswordVerifier as _};
use domain::{Ids, Invalid};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

use crate::Error;

/// Hashes passwords with argon2id: 19 MiB, 2 passes, 1 lane (OWASP's password storage cheat sheet).
pub(crate) struct Passwords {
    ids: Ids,
    /// Each hashing takes 19 MiB and tens of milliseconds of a core.
    turns: Semaphore,
    /// What is checked where no person has the address, so that the work is the same.
    decoy: String,
}

impl Passwords {
    const AT_ONCE: usize = 2;
    const MIN_CHARS: usize = 12;
    const MAX_CHARS: usize = 200;

    /// Prepares hashing; makes the decoy.
    pub(crate) async fn start(ids: Ids) -> Result<Self, Error> {
        let decoy = on_thread(hash(SecretString::from(hex::encode(ids.random::<16>())), ids.random())).await?;
        Ok(Self { ids, turns: Semaphore::new(Self::AT_ONCE), decoy })
    }

    /// Checks the length of a new password and hashes it to a PHC string.
    pub(crate) async fn hash(&self, password: SecretString) -> Result<String, Error> {
        let chars = password.expose_secret().chars().count();
        if !(Self::MIN_CHARS..=Self::MAX_CHARS).contains(&chars) {
            let message = format!("has {chars} characters; use {} to {}", Self::MIN_CHARS, Self::MAX_CHARS);
            return Err(Invalid::new("password", message).into());
        }
        let _turn = self.turns.acquire().await;
        on_thread(hash(password, self.ids.random())).await
    }

    /// Whether `password` belongs to `stored`; the same work where nothing is stored, and the answer no.
    pub(crate) async fn verify(&self, password: SecretString, stored: Option<String>) -> Result<bool, Error> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.decoy.clone());
        let _turn = self.turns.acquire().await;
        let matches = on_thread(move || {
            // A longer one cannot be anyone's; hashing it would be work that the sender decides.
            if password.expose_secret().chars().count() > Self::MAX_CHARS {
                return Ok(false);
            }
            let stored = PasswordHash::new(&stored).map_err(Error::internal("reading a password's hash"))?;
            Ok(Argon2::default().verify_password(password.expose_secret().as_bytes(), &stored).is_ok())
        })
        .await?;
        Ok(matches && known)
    }
}

fn hash(password: SecretString, salt: [u8; 16]) -> impl FnOnce() -> Result<String, Error> + Send {
    move || {
        let hashed = Argon2::default().hash_password_with_salt(password.expose_secret().as_bytes(), &salt);
        hashed.map(|hash| hash.to_string()).map_err(Error::internal("hashing a password"))
    }
}

async fn on_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal("hashing a password"))?
}
