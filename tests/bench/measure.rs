//! Measures servers in turns, so that what disturbs the machine for a while disturbs them all alike.

use crate::{
    cores::{Cores, Place},
    options::Pace,
    record::{LoadRecord, Ratios, Record},
    server::{Kind, Server},
    workload::Workload,
    wrk::{Figures, Load},
};

/// Servers under the loads of one workload.
pub(crate) struct Rounds<'a> {
    pub(crate) cores: Cores,
    pub(crate) pace: Pace,
    pub(crate) connections: &'a [u32],
    /// Where the load comes from: its own core, or both.
    pub(crate) from: Place,
}

impl Rounds<'_> {
    /// Measures each server with each number of connections and notes the medians.
    ///
    /// # Errors
    ///
    /// If `wrk` is missing or a server is gone.
    pub(crate) async fn run(&self, record: &mut Record, workload: &Workload, servers: &[Server]) -> anyhow::Result<()> {
        for connections in self.connections.iter().copied() {
            let load = Load { cores: self.cores, from: self.from, connections };
            let takes_part =
                |server: &&Server| !server.kind.is_variant() || workload.connections_of_variants() == Some(connections);
            let servers: Vec<&Server> = servers.iter().filter(takes_part).collect();
            let mut runs: Vec<(Kind, Vec<Figures>)> = servers.iter().map(|server| (server.kind, Vec::new())).collect();
            for server in &servers {
                load.run(server, workload, self.pace.warm_up).await?;
            }
            for round in 1..=self.pace.runs {
                eprintln!("{}: {connections} connections, run {round} of {}", workload.name, self.pace.runs);
                for (server, (_, runs)) in servers.iter().zip(&mut runs) {
                    runs.push(load.run(server, workload, self.pace.run).await?);
                }
            }
            let medians: Vec<(Kind, Figures)> =
                runs.iter().filter_map(|(kind, runs)| Some((*kind, Figures::median(runs)?))).collect();
            let axum = medians.iter().find(|(kind, _)| *kind == Kind::Axum).map(|(_, figures)| *figures);
            record.loads.extend(medians.into_iter().map(|(server, figures)| LoadRecord {
                workload: workload.name,
                server,
                connections,
                pinned: self.from == Place::Load,
                figures,
                of_axum: axum.as_ref().map(|axum| Ratios::of(&figures, axum)),
            }));
        }
        Ok(())
    }
}
