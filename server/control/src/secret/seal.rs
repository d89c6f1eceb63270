//! Seals values under the server's key: XChaCha20-Poly1305 with a random nonce, bound to project, name and version,
//! so that no row can be passed off as another.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use domain::{Digest, Ids, SecretName, id::ProjectId};
use secrecy::SecretSlice;

const NONCE_BYTES: usize = 24;

/// The server's key, and a name for it that gives nothing of it away.
pub(super) struct Seal {
    cipher: XChaCha20Poly1305,
    pub(super) key_id: String,
}

/// What a sealed value is bound to.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) project: ProjectId,
    pub(super) name: &'a SecretName,
    pub(super) version: u32,
}

impl Place<'_> {
    fn associated(self) -> String {
        format!("dormouse secret\n{}\n{}\n{}", self.project, self.name, self.version)
    }
}

impl Seal {
    pub(super) fn new(key: [u8; 32]) -> Self {
        let named: Vec<u8> = b"dormouse secret key\n".iter().chain(&key).copied().collect();
        let key_id = Digest::of(&named).to_string().chars().take(16).collect();
        Self { cipher: XChaCha20Poly1305::new(&key.into()), key_id }
    }

    /// The nonce and the sealed `value`; nothing if it is too long for the cipher.
    pub(super) fn close(&self, place: Place<'_>, value: &[u8], ids: &Ids) -> Option<Vec<u8>> {
        let nonce = ids.random::<NONCE_BYTES>();
        let associated = place.associated();
        let payload = Payload { msg: value, aad: associated.as_bytes() };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).ok()?;
        Some([nonce.as_slice(), &sealed].concat())
    }

    /// The value; nothing if it was sealed for another place or under another key, or was changed.
    pub(super) fn open(&self, place: Place<'_>, sealed: &[u8]) -> Option<SecretSlice<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let associated = place.associated();
        let payload = Payload { msg: sealed, aad: associated.as_bytes() };
        self.cipher.decrypt(&XNonce::from(*nonce), payload).ok().map(SecretSlice::from)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use domain::{Clock, Entropy, Timestamp};
    use secrecy::ExposeSecret as _;

    use super::*;

    fn ids() -> Ids {
        struct Still;
        impl Clock for Still {
            fn now(&self) -> Timestamp {
                Timestamp(0)
            }
        }
        struct Counts(AtomicU8);
        impl Entropy for Counts {
            fn fill(&self, bytes: &mut [u8]) {
                bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
            }
        }
        Ids::new(Still, Counts(AtomicU8::new(1)))
    }

    #[test]
    fn a_value_opens_in_its_place_and_in_no_other() {
        let (seal, ids) = (Seal::new([7; 32]), ids());
        let (name, other): (SecretName, SecretName) = ("API_KEY".parse().unwrap(), "API_KEY2".parse().unwrap());
        let (project, elsewhere) = (ProjectId::from_parts(1, [0; 10]), ProjectId::from_parts(2, [0; 10]));
        let place = Place { project, name: &name, version: 1 };
        let sealed = seal.close(place, b"hush", &ids).unwrap();
        assert_eq!(seal.open(place, &sealed).unwrap().expose_secret(), b"hush");
        assert!(!sealed.windows(4).any(|window| window == b"hush"));
        assert_ne!(seal.close(place, b"hush", &ids).unwrap(), sealed, "a nonce is used once");
        let places =
            [Place { version: 2, ..place }, Place { name: &other, ..place }, Place { project: elsewhere, ..place }];
        assert!(places.into_iter().all(|place| seal.open(place, &sealed).is_none()));
        assert!(Seal::new([8; 32]).open(place, &sealed).is_none());
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(seal.open(place, &changed).is_none(), "byte {index}");
        }
        assert!(seal.open(place, &sealed[..20]).is_none());
    }

    #[test]
    fn a_key_has_a_name_that_gives_nothing_of_it_away() {
        let seal = Seal::new([7; 32]);
        assert_eq!(seal.key_id.len(), 16);
        assert_ne!(seal.key_id, Seal::new([8; 32]).key_id);
        assert!(!seal.key_id.contains("0707"));
    }
}
