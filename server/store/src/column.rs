//! Stored values on their way back into domain types; one that does not fit names its column.

use std::str::FromStr;

use serde_json::Value;

use crate::{Error, error::Cause};

/// A column, for the error of a value that does not fit.
#[derive(Clone, Copy)]
pub(crate) struct Column {
    table: &'static str,
    name: &'static str,
}

/// Names the column `name` of `table`.
pub(crate) const fn column(table: &'static str, name: &'static str) -> Column {
    Column { table, name }
}

impl Column {
    /// Says that the column's value breaks its invariant.
    pub(crate) fn corrupt(self, source: impl Into<Cause>) -> Error {
        Error::Corrupt { table: self.table, column: self.name, source: source.into() }
    }

    /// Reads an id, a name or a digest.
    pub(crate) fn parse<T>(self, text: &str) -> Result<T, Error>
    where
        T: FromStr,
        T::Err: Into<Cause>,
    {
        text.parse().map_err(|error| self.corrupt(error))
    }

    /// Reads a number that is narrower than the column.
    pub(crate) fn number<T>(self, number: i64) -> Result<T, Error>
    where
        T: TryFrom<i64>,
        T::Error: Into<Cause>,
    {
        number.try_into().map_err(|error| self.corrupt(error))
    }

    /// Reads a value that is stored as JSON.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(self, text: &str) -> Result<T, Error> {
        serde_json::from_str(text).map_err(|error| self.corrupt(error))
    }

    /// Reads a value whose JSON form is a plain string, such as a state.
    pub(crate) fn word<T: serde::de::DeserializeOwned>(self, text: &str) -> Result<T, Error> {
        serde_json::from_value(Value::String(text.to_owned())).map_err(|error| self.corrupt(error))
    }

    /// Writes a value as JSON.
    pub(crate) fn to_json<T: serde::Serialize>(self, value: &T) -> Result<String, Error> {
        serde_json::to_string(value).map_err(|error| self.corrupt(error))
    }
}
