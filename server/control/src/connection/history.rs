//! How many connections functions had within the last hour.
//!
//! Kept in memory, as the connections are: a server that starts anew knows of none.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    time::Duration,
};

use domain::{
    FunctionName, Timestamp, VersionNumber,
    id::{FunctionId, ProjectId},
};

use super::{Connection, Connections, NewConnection};

/// How often connections are counted.
const EVERY: Duration = Duration::from_secs(10);
/// For how long a count is kept.
const SPAN: Duration = Duration::from_secs(60 * 60);
/// The most counts of one version, also where the clock stands still: one each 10 s for an hour.
const MOST: usize = 360;
/// The most versions of one project's functions, at 4 bytes a count: 360 KiB. Further ones are not kept.
const MOST_OF_PROJECT: usize = 256;

/// A version of a function of a project.
type Of = (ProjectId, FunctionName, VersionNumber);

/// How many connections there are by project, function and version; none is 0.
pub(super) type Counts = BTreeMap<Of, u32>;

/// How many connections the versions of functions had at points in time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectionHistory {
    /// When they were counted, the earliest first.
    pub at: Vec<Timestamp>,
    /// By function and version; those without a connection at any of the times are left out.
    pub series: Vec<ConnectionSeries>,
}

/// How many connections a version of a function had at points in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionSeries {
    /// The function. One that was deleted and made anew goes on under its name.
    pub function: FunctionName,
    /// The version.
    pub version: VersionNumber,
    /// How many were open, as many counts as the history has times.
    pub open: Vec<u32>,
}

/// The counts of the last hour.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    at: VecDeque<Timestamp>,
    /// Each has counts for the latest of the times; before its first one there were no connections.
    open: BTreeMap<Of, VecDeque<u32>>,
}

impl History {
    /// Adds what was counted `now`, and forgets what is older than an hour and what had no connection since.
    pub(super) fn add(&mut self, now: Timestamp, counts: &Counts) {
        self.at.push_back(now);
        for (of, open) in &mut self.open {
            open.push_back(counts.get(of).copied().unwrap_or(0));
        }
        for (of, count) in counts {
            if !self.open.contains_key(of) && self.versions_of(of.0) < MOST_OF_PROJECT {
                self.open.insert(of.clone(), VecDeque::from([*count]));
            }
        }
        let over = self.at.iter().take_while(|at| now.since(**at) > SPAN).count();
        self.at.drain(..over.max(self.at.len().saturating_sub(MOST)));
        self.open.retain(|_, open| {
            open.drain(..open.len().saturating_sub(self.at.len()));
            open.iter().any(|count| *count > 0)
        });
    }

    fn versions_of(&self, project: ProjectId) -> usize {
        self.open.keys().filter(|of| of.0 == project).count()
    }

    /// The history of `project`, or of one of its functions, up to what was counted `now`.
    fn of(
        &self,
        project: ProjectId,
        function: Option<&FunctionName>,
        now: Timestamp,
        mut counts: Counts,
    ) -> ConnectionHistory {
        let wanted = |of: &Of| of.0 == project && function.is_none_or(|function| of.1 == *function);
        let open = self.open.iter().filter(|(of, _)| wanted(of));
        let mut found = Self { at: self.at.clone(), open: open.map(|(of, open)| (of.clone(), open.clone())).collect() };
        counts.retain(|of, _| wanted(of));
        found.add(now, &counts);
        let times = found.at.len();
        let series = found.open.into_iter().map(|((_, function, version), open)| {
            let before = times.saturating_sub(open.len());
            ConnectionSeries { function, version, open: std::iter::repeat_n(0, before).chain(open).collect() }
        });
        ConnectionHistory { series: series.collect(), at: found.at.into() }
    }
}

/// Counts `connections`.
pub(super) fn count<'a>(connections: impl Iterator<Item = &'a Connection>) -> Counts {
    // By ids first: there may be many connections, and names are long to compare.
    let mut open = HashMap::<(FunctionId, VersionNumber), (&NewConnection, u32)>::new();
    for connection in connections {
        let about = &connection.about;
        open.entry((about.function.0, connection.version())).or_insert((about, 0)).1 += 1;
    }
    let mut counts = Counts::new();
    for ((_, version), (about, count)) in open {
        *counts.entry((about.project, about.function.1.clone(), version)).or_default() += count;
    }
    counts
}

impl Connections {
    /// Counts every 10 s what is open, until it is dropped.
    pub(crate) async fn keep_history(self) {
        loop {
            let (now, counts) = (self.ids().now(), self.count_versions(None));
            self.history().add(now, &counts);
            tokio::time::sleep(EVERY).await;
        }
    }

    /// The last hour of `project`, or of one of its functions, up to the present.
    pub(super) fn history_of(&self, project: ProjectId, function: Option<&FunctionName>) -> ConnectionHistory {
        let (now, counts) = (self.ids().now(), self.count_versions(Some(project)));
        self.history().of(project, function, now, counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEMO: u8 = 1;
    const OTHER: u8 = 2;

    fn project(number: u8) -> ProjectId {
        ProjectId::from_parts(0, [number; 10])
    }

    fn of(number: u8, function: &str, version: u32) -> Of {
        (project(number), function.parse().unwrap(), VersionNumber(version))
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::default().plus_seconds(seconds)
    }

    /// What is told: times in seconds, then version and counts.
    fn told(history: &ConnectionHistory) -> (Vec<i64>, Vec<(u32, &[u32])>) {
        let at = history.at.iter().map(|at| at.as_us() / 1_000_000).collect();
        (at, history.series.iter().map(|series| (series.version.0, series.open.as_slice())).collect())
    }

    #[test]
    fn versions_drain_side_by_side_up_to_the_present() {
        let mut history = History::default();
        history.add(at(0), &Counts::new());
        history.add(at(10), &Counts::from([(of(DEMO, "chat", 7), 3), (of(OTHER, "chat", 1), 9)]));
        history.add(at(20), &Counts::from([(of(DEMO, "chat", 7), 2), (of(DEMO, "chat", 8), 1)]));
        let present = Counts::from([(of(DEMO, "chat", 8), 2), (of(DEMO, "feed", 1), 5)]);
        let chat = history.of(project(DEMO), Some(&"chat".parse().unwrap()), at(25), present.clone());
        let expected: [(u32, &[u32]); 2] = [(7, &[0, 3, 2, 0]), (8, &[0, 0, 1, 2])];
        assert_eq!(told(&chat), (vec![0, 10, 20, 25], expected.to_vec()));
        assert_eq!(history.of(project(DEMO), None, at(25), present).series.len(), 3);
        assert_eq!(history.of(project(OTHER), None, at(25), Counts::new()).series.len(), 1);
    }

    #[test]
    fn an_hour_is_kept_and_nothing_of_what_had_no_connection_in_it() {
        let mut history = History::default();
        history.add(at(0), &Counts::from([(of(DEMO, "chat", 1), 1)]));
        for second in (10..=3_600).step_by(10) {
            history.add(at(second), &Counts::new());
        }
        assert_eq!((history.at.len(), history.open.len()), (MOST, 0));
        history.add(at(9_000), &Counts::new());
        assert_eq!(history.at, [at(9_000)]);
    }

    #[test]
    fn a_clock_that_stands_still_and_many_versions_fill_no_memory() {
        let mut history = History::default();
        let counts: Counts = (1..=1_000).map(|version| (of(DEMO, "chat", version), 1)).collect();
        for _ in 0..400 {
            history.add(at(0), &counts);
        }
        let others = Counts::from([(of(OTHER, "chat", 1), 1)]);
        history.add(at(0), &others);
        assert_eq!((history.at.len(), history.open.len()), (MOST, MOST_OF_PROJECT + 1));
    }
}
