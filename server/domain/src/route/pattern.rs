//! One path pattern: its text, checked and taken apart.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// A path pattern such as `/`, `/users/{id}` or `/files/{*rest}`.
///
/// A segment is a literal, a parameter `{name}` that matches one segment that is not empty, or, at
/// the end only, a wildcard `{*name}` that matches all the rest: zero segments or more, so that
/// `/files/{*rest}` matches `/files`, `/files/` and `/files/a/b`. Paths are compared as they stand
/// on the wire: case matters, percent-encoding is left as it is, `/a` and `/a/` differ.
///
/// Invariant: at most [`Self::MAX_BYTES`] bytes and [`Self::MAX_SEGMENTS`] segments; literals are of
/// RFC 3986's path characters; names are 1 to 32 of `a-z`, `0-9`, `-` and `_`, each once.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PathPattern {
    text: String,
    segments: Vec<Segment>,
}

/// One segment of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Segment {
    /// Matches itself.
    Literal(String),
    /// Matches one segment.
    Parameter(String),
    /// Matches the rest.
    Wildcard(String),
}

impl PathPattern {
    /// The longest pattern in bytes.
    pub const MAX_BYTES: usize = 512;
    /// The most segments of a pattern.
    pub const MAX_SEGMENTS: usize = 32;
    /// The longest name of a parameter in bytes.
    pub const MAX_NAME_BYTES: usize = 32;

    /// The pattern's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    fn parse(text: &str) -> Result<Vec<Segment>, String> {
        let Some(path) = text.strip_prefix('/') else {
            return Err("does not start with /; write a path such as /users/{id}".to_owned());
        };
        if text.len() > Self::MAX_BYTES {
            return Err(format!("has {} bytes; a pattern has at most {}", text.len(), Self::MAX_BYTES));
        }
        let segments: Vec<_> = path.split('/').map(Segment::parse).collect::<Result<_, _>>()?;
        if segments.len() > Self::MAX_SEGMENTS {
            return Err(format!("has {} segments; a pattern has at most {}", segments.len(), Self::MAX_SEGMENTS));
        }
        let wildcards_before_end = segments.iter().rev().skip(1).any(|segment| matches!(segment, Segment::Wildcard(_)));
        if wildcards_before_end {
            return Err("has a wildcard before its end; {*name} must be the last segment".to_owned());
        }
        let mut names: Vec<_> = segments.iter().filter_map(Segment::name).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
            return Err("uses a parameter's name twice; give each its own".to_owned());
        }
        Ok(segments)
    }
}

impl Segment {
    fn parse(text: &str) -> Result<Self, String> {
        let Some(inner) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
            let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@%".contains(c);
            return match text.chars().find(|c| !allowed(*c)) {
                None => Ok(Self::Literal(text.to_owned())),
                Some('{' | '}') => Err(format!("has a brace inside {text:?}; a parameter is a whole segment: /{{id}}")),
                Some(bad) => Err(format!("has {bad:?} in {text:?}; percent-encode what a path cannot hold")),
            };
        };
        let name = inner.strip_prefix('*').unwrap_or(inner);
        let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'));
        if !plain || !(1..=PathPattern::MAX_NAME_BYTES).contains(&name.len()) {
            return Err(format!("has the parameter {text}; name it with 1 to 32 of a-z, 0-9, - and _"));
        }
        let make = if inner.starts_with('*') { Self::Wildcard } else { Self::Parameter };
        Ok(make(name.to_owned()))
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::Literal(_) => None,
            Self::Parameter(name) | Self::Wildcard(name) => Some(name),
        }
    }
}

impl FromStr for PathPattern {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for PathPattern {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        let segments = Self::parse(&text).map_err(|message| Invalid::new("path", message))?;
        Ok(Self { text, segments })
    }
}

impl From<PathPattern> for String {
    fn from(pattern: PathPattern) -> Self {
        pattern.text
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_checked_and_kept_as_written() {
        for good in ["/", "/a", "/a/", "/users/{id}", "/files/{*rest}", "/{*all}", "/a/{x}/b/{y}", "/%C3%A9"] {
            assert_eq!(good.parse::<PathPattern>().map(String::from).as_deref(), Ok(good));
        }
        let long = format!("/{}", "a".repeat(512));
        for bad in ["", "a", "/{}", "/{A}", "/{*a}/b", "/{a}/{a}", "/x{a}", "/{a}y", "/ ", "/é", "/a?b", &long] {
            assert!(bad.parse::<PathPattern>().is_err(), "{bad}");
        }
    }
}
