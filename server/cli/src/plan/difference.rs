//! Two configurations field by field.

use std::collections::BTreeMap;

use domain::Configuration;
use serde::Serialize;
use serde_json::Value;

/// One field that differs.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Difference {
    /// The field, such as `memory_mib` or `variables.GREETING`.
    pub(crate) field: String,
    /// Its value now; null where it has none.
    pub(crate) now: Value,
    /// Its value after; null where it has none.
    pub(crate) after: Value,
}

/// The fields in which `after` differs from `now`, or from the defaults where nothing runs.
pub(crate) fn between(now: Option<&Configuration>, after: &Configuration) -> Vec<Difference> {
    let default = Configuration::default();
    let (now, mut after) = (fields(now.unwrap_or(&default)), fields(after));
    let mut found: Vec<Difference> = now
        .into_iter()
        .map(|(field, now)| Difference { after: after.remove(&field).unwrap_or_default(), field, now })
        .collect();
    found.extend(after.into_iter().map(|(field, after)| Difference { field, now: Value::Null, after }));
    found.retain(|difference| difference.now != difference.after);
    found.sort_by(|one, other| one.field.cmp(&other.field));
    found
}

/// Fields by the names that the manifest gives them.
fn fields(configuration: &Configuration) -> BTreeMap<String, Value> {
    let mut fields = BTreeMap::new();
    let Ok(Value::Object(whole)) = serde_json::to_value(configuration) else { return fields };
    for (name, value) in whole {
        match (name.as_str(), value) {
            ("limits", Value::Object(limits)) => fields.extend(limits),
            (_, Value::Object(table)) => {
                fields.extend(table.into_iter().map(|(key, value)| (format!("{name}.{key}"), value)));
            }
            (_, value) if value.as_array().is_some_and(Vec::is_empty) => {}
            (_, value) => drop(fields.insert(name, value)),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_told_by_the_manifests_names() {
        let mut after = Configuration::default();
        assert_eq!(between(None, &after), []);
        after.limits.memory_mib = 64;
        after.variables.insert("A".to_owned(), "b".to_owned());
        let told: Vec<String> = between(None, &after)
            .into_iter()
            .map(|difference| format!("{} {} {}", difference.field, difference.now, difference.after))
            .collect();
        assert_eq!(told, ["memory_mib 128 64", "variables.A null \"b\""]);
        assert_eq!(between(Some(&after), &after), []);
        let back = between(Some(&after), &Configuration::default());
        assert_eq!(back.last().map(|last| &last.after), Some(&Value::Null));
    }
}
