//! The servers of one workload, side by side.

use std::{path::PathBuf, process::Command, time::Duration};

use crate::{
    cores::{Cores, Place},
    dormouse::Dormouse,
    peers::Peers,
    record::Record,
    server::{Kind, Running, Server, address_in},
    work::{rounds_for, xorshift},
    workload::Workload,
};

/// The argument that makes this program the plain server.
pub(crate) const CONTROL: &str = "--control";

/// The kinds of peers.
const PEERS: [Kind; 4] = [Kind::Wasmtime, Kind::WasmtimeReuse, Kind::Workerd, Kind::WorkerdFresh];

/// What all workloads share.
pub(crate) struct Stage {
    cores: Cores,
    control: Running,
    dormouse: Dormouse,
    peers: Option<Peers>,
    /// Where peers keep what they compiled.
    cache: PathBuf,
    rounds: u32,
}

/// The servers of one workload; peers end with it.
pub(crate) struct Cast {
    pub(crate) servers: Vec<Server>,
    _running: Vec<Running>,
}

impl Stage {
    /// Starts the plain server and Dormouse on the servers' core; `peers` will come with each workload.
    ///
    /// # Errors
    ///
    /// If the plain server does not start.
    pub(crate) async fn set(cores: Cores, peers: Option<Peers>) -> anyhow::Result<Self> {
        cores.move_to(Place::Server)?;
        let rounds = rounds_for(Duration::from_millis(1));
        let control = control()?;
        let dormouse = Dormouse::start(cores, Place::Server).await?;
        let cache = dormouse.platform.stage().join("peers");
        Ok(Self { cores, control, dormouse, peers, cache, rounds })
    }

    /// Every server that can do `workload`, each checked to give the right answer.
    ///
    /// # Errors
    ///
    /// If the plain server gives a wrong answer. What else cannot be had is noted in `record`.
    pub(crate) async fn cast(&self, record: &mut Record, workload: &Workload) -> anyhow::Result<Cast> {
        let axum = Server { query: self.query(workload), ..plain(&self.control, workload) };
        axum.check(workload, &self.answer(workload, Kind::Axum)).await?;
        let mut cast = Cast { servers: vec![axum], _running: Vec::new() };
        let wanted = |kind: &Kind| !kind.is_variant() || workload.connections_of_variants().is_some();
        for kind in [Kind::Dormouse, Kind::DormouseReuse].into_iter().filter(wanted) {
            match self.dormouse.serve(workload, kind).await {
                Ok(server) => self.admit(record, &mut cast, workload, server).await,
                Err(error) => record.miss(workload.name, kind, &error),
            }
        }
        self.cores.move_to(Place::Server)?;
        for kind in PEERS.into_iter().filter(wanted) {
            let Some(peers) = &self.peers else { break };
            match peers.start(kind, workload, &self.cache) {
                Ok(Some(running)) => {
                    let server = running.server(kind);
                    cast._running.push(running);
                    self.admit(record, &mut cast, workload, server).await;
                }
                Ok(None) => {}
                Err(error) => record.miss(workload.name, kind, &error),
            }
        }
        self.cores.move_to(Place::Load)?;
        Ok(cast)
    }

    /// Takes a server in that gives the right answer.
    async fn admit(&self, record: &mut Record, cast: &mut Cast, workload: &Workload, mut server: Server) {
        server.query = self.query(workload);
        match server.check(workload, &self.answer(workload, server.kind)).await {
            Ok(()) => cast.servers.push(server),
            Err(error) => record.miss(workload.name, server.kind, &error),
        }
    }

    fn query(&self, workload: &Workload) -> String {
        if workload.name == "cpu" { format!("?rounds={}", self.rounds) } else { String::new() }
    }

    /// How the answer of `server` begins.
    fn answer(&self, workload: &Workload, server: Kind) -> String {
        match (workload.name, server) {
            ("cpu", _) => format!("{}\n", xorshift(self.rounds)),
            ("heavy", Kind::Dormouse | Kind::DormouseReuse | Kind::Wasmtime | Kind::WasmtimeReuse) => {
                "27 takes 111 steps".to_owned()
            }
            _ => "Hello from /".to_owned(),
        }
    }
}

/// What starts the plain server.
///
/// # Errors
///
/// If this program does not know where it lies.
pub(crate) fn control_command() -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(CONTROL);
    Ok(command)
}

/// Starts the plain server on the cores of this process.
///
/// # Errors
///
/// If it does not start.
pub(crate) fn control() -> anyhow::Result<Running> {
    Running::start(control_command()?, address_in)
}

/// The plain server as the one that answers `workload`.
pub(crate) fn plain(control: &Running, workload: &Workload) -> Server {
    Server { path: Some(workload.control.to_owned()), ..control.server(Kind::Axum) }
}
