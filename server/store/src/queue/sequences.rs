//! Lists of messages, and of what is to be written of each, as one parameter of a statement: JSON, which both databases
//! take apart.

use domain::id::MessageId;

/// Sequences as the parameter that [`listed`] stands for.
pub(super) fn sequences(list: impl IntoIterator<Item = i64>) -> String {
    array(list.into_iter().map(|sequence| sequence.to_string()))
}

/// Message ids as the parameter that [`listed`] stands for.
pub(super) fn ids(list: impl IntoIterator<Item = MessageId>) -> String {
    array(list.into_iter().map(|id| format!("\"{id}\"")))
}

fn array(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

/// A statement for each database, in which a list of numbers, of ids or of rows stands between the two parts: the
/// parameter `$1`. A row is an array, whose columns are `value ->> 0`, `value ->> 1` and so on.
macro_rules! listed {
    ($handle:expr, rows, $before:literal, $after:literal) => {
        $handle.either(
            concat!($before, "json_each($1)", $after),
            concat!($before, "jsonb_array_elements($1::jsonb)", $after),
        )
    };
    ($handle:expr, numbers, $before:literal, $after:literal) => {
        $handle.either(
            concat!($before, "(select value from json_each($1))", $after),
            concat!($before, "(select value::bigint from jsonb_array_elements_text($1::jsonb))", $after),
        )
    };
    ($handle:expr, texts, $before:literal, $after:literal) => {
        $handle.either(
            concat!($before, "(select value from json_each($1))", $after),
            concat!($before, "(select value from jsonb_array_elements_text($1::jsonb))", $after),
        )
    };
}
pub(super) use listed;
