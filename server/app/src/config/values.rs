//! The kinds of values that settings have, from text and back.

use std::{fmt, net::SocketAddr, path::PathBuf};

use telemetry::LogFormat;

/// A value of a setting.
pub(crate) trait Setting: Sized {
    /// Reads the value; the error says what to write.
    fn from_setting(text: &str) -> Result<Self, String>;
    /// Writes it for `config check`.
    fn to_setting(&self) -> String;
}

macro_rules! plain {
    ($($type:ty, $rule:literal, $show:expr;)*) => {$(
        impl Setting for $type {
            fn from_setting(text: &str) -> Result<Self, String> {
                text.parse().map_err(|_| format!("is {text:?}; write {}", $rule))
            }
            fn to_setting(&self) -> String {
                ($show)(self)
            }
        }
    )*};
}

plain! {
    SocketAddr, "an address with a port, such as 127.0.0.1:7070", ToString::to_string;
    u32, "a whole number from 0 to 4294967295", ToString::to_string;
    u64, "a whole number from 0", ToString::to_string;
    bool, "true or false", ToString::to_string;
    url::Url, "an address such as https://dormouse.example.com", ToString::to_string;
    PathBuf, "a path", |path: &PathBuf| path.display().to_string();
    String, "text", Clone::clone;
    LogFormat, "auto, human or json", ToString::to_string;
}

/// A value that may be left empty.
#[derive(Clone, Debug)]
pub(crate) struct Optional<T>(Option<T>);

impl<T> Optional<T> {
    /// The value, where there is one.
    pub(crate) const fn as_ref(&self) -> Option<&T> {
        self.0.as_ref()
    }
}

impl<T: Setting> Setting for Optional<T> {
    fn from_setting(text: &str) -> Result<Self, String> {
        if text.is_empty() { Ok(Self(None)) } else { T::from_setting(text).map(|value| Self(Some(value))) }
    }

    fn to_setting(&self) -> String {
        self.0.as_ref().map_or_else(String::new, Setting::to_setting)
    }
}

/// A key of 32 bytes, which is never shown.
#[derive(Clone)]
pub(crate) struct Key(pub(crate) Option<[u8; 32]>);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_setting())
    }
}

impl Setting for Key {
    fn from_setting(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self(None));
        }
        let mut key = [0; 32];
        // What is wrong is not repeated: it may be the key but for a digit.
        hex::decode_to_slice(text, &mut key)
            .map_err(|_| "is not 64 hexadecimal digits; make some with: openssl rand -hex 32".to_owned())?;
        Ok(Self(Some(key)))
    }

    fn to_setting(&self) -> String {
        self.0.map_or_else(String::new, |_| "***".to_owned())
    }
}

/// An address that may hold a password, which is never shown.
#[derive(Clone)]
pub(crate) struct Masked(pub(crate) String);

impl fmt::Debug for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_setting())
    }
}

impl Setting for Masked {
    fn from_setting(text: &str) -> Result<Self, String> {
        let usable = text.is_empty() || text.starts_with("postgres://") || text.starts_with("postgresql://");
        if usable { Ok(Self(text.to_owned())) } else { Err("is not a postgres:// address".to_owned()) }
    }

    fn to_setting(&self) -> String {
        match url::Url::parse(&self.0) {
            Ok(mut url) if url.password().is_some() => {
                let masked = url.set_password(Some("***"));
                masked.map_or_else(|()| "***".to_owned(), |()| url.to_string())
            }
            _ => self.0.clone(),
        }
    }
}
