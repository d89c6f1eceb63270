//! What moving from one deployment to another would change, in words for people.

use std::{collections::BTreeSet, fmt::Display};

use domain::{Configuration, DeploymentSpec, Limits, SplitKey, Trigger, VersionNumber};

use super::Change;

/// One deployment with the configurations of its versions, in the order of its split.
pub(super) struct Side {
    pub(super) spec: DeploymentSpec,
    pub(super) configurations: Vec<(VersionNumber, Configuration)>,
}

/// All that a deployment decides, field by field, now and after.
pub(super) fn compare(now: &Side, after: &Side) -> Vec<Change> {
    let change = |field: String, of: &dyn Fn(&Side) -> String| Change { field, now: of(now), after: of(after) };
    let mut changes = vec![
        change("versions".to_owned(), &versions),
        change("split_key".to_owned(), &split_key),
        change("triggers".to_owned(), &triggers),
    ];
    for limit in Limits::ALL {
        let value = |configuration: &Configuration| {
            let found = configuration.limits.values().find(|(known, _)| known.name == limit.name);
            found.map(|(_, value)| value.to_string())
        };
        changes.push(change(format!("limits.{}", limit.name), &|side: &Side| side.each(value)));
    }
    let hosts = |configuration: &Configuration| listed(&configuration.allowed_outbound_hosts);
    changes.push(change("allowed_outbound_hosts".to_owned(), &|side: &Side| side.each(hosts)));
    changes.push(change("secrets".to_owned(), &secrets));
    changes.push(change("key_value".to_owned(), &|side: &Side| side.each(|version| listed(&version.key_value))));
    changes.push(change("sends_to".to_owned(), &|side: &Side| side.each(|version| listed(&version.sends_to))));
    changes.push(change("invokes".to_owned(), &|side: &Side| side.each(|version| listed(&version.invokes))));
    let dead_letters =
        |configuration: &Configuration| configuration.dead_letter_queue.as_ref().map(ToString::to_string);
    changes.push(change("dead_letter_queue".to_owned(), &|side: &Side| side.each(dead_letters)));
    let provisioned = |configuration: &Configuration| Some(configuration.provisioned.to_string());
    changes.push(change("provisioned".to_owned(), &|side: &Side| side.each(provisioned)));
    let reuse = |configuration: &Configuration| configuration.reuse.map(|reuse| reuse.in_words());
    changes.push(change("reuse".to_owned(), &|side: &Side| side.each(reuse)));
    let both = now.configurations.iter().chain(&after.configurations);
    let variables: BTreeSet<_> = both.flat_map(|(_, configuration)| configuration.variables.keys()).collect();
    for name in variables {
        let of = |side: &Side| side.each(|configuration| configuration.variables.get(name).cloned());
        changes.push(change(format!("variables.{name}"), &of));
    }
    changes
}

impl Side {
    /// The one value that all versions have, or each version's own.
    fn each(&self, value: impl Fn(&Configuration) -> Option<String>) -> String {
        let values: Vec<_> =
            self.configurations.iter().map(|(version, configuration)| (version, value(configuration))).collect();
        match values.as_slice() {
            [] => String::new(),
            [(_, first), rest @ ..] if rest.iter().all(|(_, other)| other == first) => {
                first.clone().unwrap_or_default()
            }
            several => {
                let one = |(version, value): &(&VersionNumber, Option<String>)| {
                    format!("{version}: {}", value.as_deref().unwrap_or("(none)"))
                };
                several.iter().map(one).collect::<Vec<_>>().join(", ")
            }
        }
    }
}

/// All of `entries` in one line; nothing where there are none.
fn listed<T: Display>(entries: &BTreeSet<T>) -> Option<String> {
    let texts: Vec<_> = entries.iter().map(ToString::to_string).collect();
    (!texts.is_empty()).then(|| texts.join(", "))
}

fn secrets(side: &Side) -> String {
    let bound = side.spec.secrets.iter();
    bound.map(|(name, version)| format!("{name} {version}")).collect::<Vec<_>>().join(", ")
}

fn versions(side: &Side) -> String {
    let parts = side.spec.split.parts().iter();
    parts.map(|part| format!("{} {} %", part.version, part.weight)).collect::<Vec<_>>().join(", ")
}

fn split_key(side: &Side) -> String {
    match &side.spec.split_key {
        None => String::new(),
        Some(SplitKey::Header(name)) => format!("header {name}"),
        Some(SplitKey::Cookie(name)) => format!("cookie {name}"),
    }
}

fn triggers(side: &Side) -> String {
    let mut lines: Vec<_> = side.spec.triggers.iter().map(Trigger::in_words).collect();
    lines.sort_unstable();
    lines.join(", ")
}

#[cfg(test)]
mod tests {
    use domain::{Invalid, Reuse, Split, WeightedVersion};

    use super::*;

    fn configuration(memory_mib: u32, variables: &[(&str, &str)]) -> Configuration {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Configuration { limits: Limits { memory_mib, ..Limits::default() }, variables, ..Configuration::default() }
    }

    fn spec(weights: &[(u32, u8)], path: &str) -> Result<DeploymentSpec, Invalid> {
        let weighted =
            |(version, weight): &(u32, u8)| WeightedVersion { version: VersionNumber(*version), weight: *weight };
        let http = domain::HttpTrigger { path: path.parse()?, methods: vec!["GET".to_owned()], host: None };
        Ok(DeploymentSpec {
            split: Split::try_from(weights.iter().map(weighted).collect::<Vec<_>>())?,
            split_key: None,
            triggers: vec![Trigger::Http(http)],
            secrets: std::collections::BTreeMap::new(),
        })
    }

    #[test]
    fn every_field_is_told_and_those_that_differ_are_marked() -> Result<(), Invalid> {
        let old = configuration(128, &[("A", "1"), ("B", "2")]);
        let mut new = configuration(256, &[("B", "2"), ("C", "3")]);
        new.allowed_outbound_hosts.insert("https://api.example.com".parse()?);
        (new.provisioned, new.reuse) = (2, Some(Reuse::default()));
        let (live, other) = (spec(&[(1, 100)], "/a")?, spec(&[(1, 90), (2, 10)], "/a")?);
        let now = Side { spec: live, configurations: vec![(VersionNumber(1), old.clone())] };
        let after = Side { spec: other, configurations: vec![(VersionNumber(1), old), (VersionNumber(2), new)] };
        let changed: Vec<_> = compare(&now, &after)
            .into_iter()
            .filter(Change::changed)
            .map(|change| format!("{} = {} -> {}", change.field, change.now, change.after))
            .collect();
        assert_eq!(
            changed,
            [
                "versions = v1 100 % -> v1 90 %, v2 10 %",
                "limits.memory_mib = 128 -> v1: 128, v2: 256",
                "allowed_outbound_hosts =  -> v1: (none), v2: https://api.example.com",
                "provisioned = 0 -> v1: 0, v2: 2",
                "reuse =  -> v1: (none), v2: each serves up to 1000 invocations and waits up to 10000 ms for the next",
                "variables.A = 1 -> v1: 1, v2: (none)",
                "variables.C =  -> v1: (none), v2: 3",
            ]
        );
        let fields: Vec<_> = compare(&now, &now).into_iter().map(|change| change.field).collect();
        assert_eq!(
            fields.get(..4),
            Some(&["versions", "split_key", "triggers", "limits.memory_mib"].map(String::from)[..])
        );
        assert!(!compare(&now, &now).iter().any(Change::changed));
        Ok(())
    }
}
