//! Where a setting's value comes from, and what is wrong with it.

use std::{collections::BTreeMap, fmt, path::Path};

use super::{Config, Flags, values::Setting};

/// The prefix of settings in the environment.
const PREFIX: &str = "DORMOUSE_";

/// Variables of the environment that carry our prefix and are not the server's settings: the command line's.
const CLIENT_VARIABLES: &[&str] = &["DORMOUSE_TOKEN", "DORMOUSE_URL", "DORMOUSE_PROJECT", "DORMOUSE_CONFIG"];

/// Which layer decided a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Nobody said otherwise.
    BuiltIn,
    /// The configuration file.
    File(String),
    /// A variable of the environment.
    Environment(String),
    /// A flag.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built in"),
            Self::File(path) => write!(f, "file {path}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// All that is wrong with the settings, a sentence each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Problems(pub(crate) Vec<String>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is not usable")?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  - {problem}"))
    }
}

impl std::error::Error for Problems {}

/// The given values of all layers, the winning one for each key.
#[derive(Debug, Default)]
pub(crate) struct Layers {
    given: BTreeMap<&'static str, (String, Origin)>,
    problems: Vec<String>,
}

impl Layers {
    /// Reads the file (where there is one), the environment and the flags.
    pub(crate) fn read(file: Option<&Path>, environment: impl Iterator<Item = (String, String)>, flags: Flags) -> Self {
        let mut layers = Self::default();
        if let Some(path) = file {
            layers.read_file(path);
        }
        for (name, value) in environment {
            if name.starts_with(PREFIX) && !CLIENT_VARIABLES.contains(&name.as_str()) {
                let key = name.trim_start_matches(PREFIX).to_lowercase();
                layers.put(&key, value, Origin::Environment(name));
            }
        }
        for (key, value) in flags.given() {
            layers.put(key, value, Origin::Flag(format!("--{}", key.replace('_', "-"))));
        }
        layers
    }

    /// Where the value of `key` comes from.
    pub(crate) fn origin(&self, key: &str) -> Origin {
        self.given.get(key).map_or(Origin::BuiltIn, |(_, origin)| origin.clone())
    }

    /// Reads the value of `key`; a mistake is kept for [`Self::finish`].
    pub(super) fn value<T: Setting>(&mut self, key: &'static str, built_in: &str) -> Option<T> {
        let (text, origin) = match self.given.get(key) {
            Some((text, origin)) => (text.as_str(), origin),
            None => (built_in, &Origin::BuiltIn),
        };
        match T::from_setting(text) {
            Ok(value) => Some(value),
            Err(message) => {
                self.problems.push(format!("{key} ({origin}) {message}"));
                None
            }
        }
    }

    /// # Errors
    ///
    /// [`Problems`] where any layer had a mistake.
    pub(super) fn finish(&mut self) -> Result<(), Problems> {
        if self.problems.is_empty() { Ok(()) } else { Err(Problems(std::mem::take(&mut self.problems))) }
    }

    fn read_file(&mut self, path: &Path) {
        let shown = path.display().to_string();
        let table = std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read {shown}: {error}"))
            .and_then(|text| text.parse::<toml::Table>().map_err(|error| format!("{shown} is not TOML: {error}")));
        match table {
            Err(problem) => self.problems.push(problem),
            Ok(table) => {
                for (key, value) in table {
                    let text = match value {
                        toml::Value::String(text) => text,
                        other => other.to_string(),
                    };
                    self.put(&key, text, Origin::File(shown.clone()));
                }
            }
        }
    }

    fn put(&mut self, key: &str, value: String, origin: Origin) {
        match Config::KEYS.iter().find(|known| **known == key) {
            Some(known) => {
                self.given.insert(known, (value, origin));
            }
            None => {
                let nearest = Config::KEYS
                    .iter()
                    .max_by(|a, b| strsim::jaro_winkler(a, key).total_cmp(&strsim::jaro_winkler(b, key)));
                let hint = nearest.map_or_else(String::new, |nearest| format!("; did you mean {nearest}?"));
                self.problems.push(format!("{key} ({origin}) is not a setting{hint}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str, environment: &[(&str, &str)]) -> (Layers, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.toml");
        std::fs::write(&path, toml).unwrap();
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        (Layers::read(Some(&path), environment, Flags::default()), folder)
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_the_built_in_value() {
        let (mut layers, _folder) =
            read("base_domain = \"a.test\"\nmax_instances = 7", &[("DORMOUSE_BASE_DOMAIN", "b.test")]);
        let config = Config::from_layers(&mut layers).unwrap();
        assert_eq!((config.base_domain.as_str(), config.max_instances, config.drain_timeout_s), ("b.test", 7, 25));
        assert_eq!(layers.origin("base_domain"), Origin::Environment("DORMOUSE_BASE_DOMAIN".to_owned()));
        assert_eq!(layers.origin("drain_timeout_s"), Origin::BuiltIn);
    }

    #[test]
    fn every_mistake_is_named_at_once_with_the_nearest_known_key() {
        let (mut layers, _folder) = read("data_dri = \"x\"\ndata_listen = \"here\"", &[("DORMOUSE_PREVIEW3", "maybe")]);
        let problems = Config::from_layers(&mut layers).unwrap_err().to_string();
        for expected in ["did you mean data_dir?", "data_listen (file", "DORMOUSE_PREVIEW3", "true or false"] {
            assert!(problems.contains(expected), "{problems}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let (mut layers, _folder) = read("database_url = \"postgres://u:hush@h/d\"", &[]);
        let shown = format!("{:?}", Config::from_layers(&mut layers).unwrap().values());
        assert!(!shown.contains("hush") && shown.contains("***"), "{shown}");
    }

    #[test]
    fn a_key_is_read_and_never_shown() {
        let digits = "0123456789abcdef".repeat(4);
        let (mut layers, _folder) = read("", &[("DORMOUSE_SECRET_KEY", &digits)]);
        let config = Config::from_layers(&mut layers).unwrap();
        assert!(config.secret_key.0.is_some_and(|key| key.starts_with(&[0x01, 0x23])));
        assert!(!format!("{config:?}{:?}", config.values()).contains("0123"));
        let (mut layers, _folder) = read("", &[("DORMOUSE_SECRET_KEY", &digits.replace('f', "g"))]);
        let refused = Config::from_layers(&mut layers).unwrap_err().to_string();
        assert!(refused.contains("64 hexadecimal digits") && !refused.contains("0123"), "{refused}");
    }
}
