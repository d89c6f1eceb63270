//! WebSockets: an echo beside plain axum and workerd, what ten thousand sleeping connections cost, and how long a message
//! to all of them takes.

use std::time::{Duration, Instant};

use futures::future::try_join_all;
use serde_json::json;

use crate::{
    cores::{Cores, Place},
    dormouse::{Dormouse, alone, publish},
    options::Pace,
    peers::{Peers, guest_path},
    process,
    record::{Fact, Record, percentile},
    server::{Kind, Server},
    socket::Socket,
    stage,
    workload::Workload,
};

pub(crate) const SCENARIO: &str = "websocket";

/// What is echoed.
const TEXT: &str = "a message of some forty characters or so";

/// Connections that are busy at once, and what their figures are called.
const BUSY: [(usize, [&str; 3]); 3] = [
    (1, ["echo, 1 connection", "echo, 1 connection, p50", "echo, 1 connection, p99"]),
    (100, ["echo, 100 connections", "echo, 100 connections, p50", "echo, 100 connections, p99"]),
    (1_000, ["echo, 1,000 connections", "echo, 1,000 connections, p50", "echo, 1,000 connections, p99"]),
];

/// Connections that sleep.
const ASLEEP: usize = 10_000;

/// Measures.
///
/// # Errors
///
/// If a server does not start, or does not echo.
pub(crate) async fn run(
    cores: Cores,
    pace: Pace,
    peers: Option<&Peers>,
    hello: &Workload,
    record: &mut Record,
) -> anyhow::Result<()> {
    let dormouse = Dormouse::start(cores, Place::Server).await?;
    let guest = std::fs::read(guest_path("ws-echo")?)?;
    publish(&dormouse.owner(), "socket", &guest, &alone()).await?;
    let trigger = json!({ "type": "websocket", "path": "/socket/" });
    let deployment = json!({ "versions": [{ "version": 1, "weight": 100 }], "triggers": [trigger] });
    dormouse.owner().post("/functions/socket/deployments", deployment).await.expect(201);
    let function = dormouse.server(Kind::Dormouse, "socket");
    cores.move_to(Place::Server)?;
    let plain = stage::control()?;
    let scratch = tempfile::tempdir()?;
    let peer = peers.map(|peers| peers.start(Kind::Workerd, hello, scratch.path())).transpose()?.flatten();
    cores.move_to(Place::Load)?;
    let mut servers = vec![plain.server(Kind::Axum)];
    servers.extend(peer.as_ref().map(|peer| peer.server(Kind::Workerd)));
    servers.push(function);
    for (connections, figures) in BUSY {
        for server in &servers {
            let mut seen = Vec::new();
            echo_for(server, connections, pace.warm_up).await?;
            for run in 1..=pace.runs {
                eprintln!("{SCENARIO}, {connections} connections, {}: run {run} of {}", server.kind.title(), pace.runs);
                seen.push(echo_for(server, connections, pace.run).await?);
            }
            seen.sort_by(|one, other| one.rate.total_cmp(&other.rate));
            let Some(middle) = seen.get(seen.len() / 2) else { continue };
            let scenario = scenario_of(server.kind);
            let [rate, p50, p99] = figures;
            for (figure, unit, value) in
                [(rate, "messages/s", middle.rate), (p50, "µs", middle.p50_us), (p99, "µs", middle.p99_us)]
            {
                record.facts.push(Fact { scenario, figure, unit, value });
            }
        }
    }
    match servers.last() {
        Some(function) => asleep(function, record).await,
        None => Ok(()),
    }
}

/// Which server's figures they are.
pub(crate) const fn scenario_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Axum => "websocket, plain axum",
        Kind::Workerd => "websocket, workerd",
        _ => "websocket, Dormouse",
    }
}

struct Echoes {
    rate: f64,
    p50_us: f64,
    p99_us: f64,
}

/// Has `connections` echo one message after the other for `time`.
async fn echo_for(server: &Server, connections: usize, time: Duration) -> anyhow::Result<Echoes> {
    let sockets = try_join_all((0..connections).map(|_| Socket::connect(server, "/socket/"))).await?;
    let begun = Instant::now();
    let client = async |mut socket: Socket| {
        let mut times = Vec::new();
        while begun.elapsed() < time {
            let sent = Instant::now();
            socket.send(TEXT).await?;
            anyhow::ensure!(socket.receive().await? == TEXT, "the echo is another message");
            times.push(sent.elapsed().as_secs_f64() * 1e6);
        }
        anyhow::Ok(times)
    };
    let times = try_join_all(sockets.into_iter().map(client)).await?;
    let elapsed = begun.elapsed().as_secs_f64();
    let mut times: Vec<f64> = times.into_iter().flatten().collect();
    let rate = times.len() as f64 / elapsed;
    Ok(Echoes { rate, p50_us: percentile(&mut times, 0.5), p99_us: percentile(&mut times, 0.99) })
}

/// Ten thousand connections that do nothing, and then hear one message.
async fn asleep(server: &Server, record: &mut Record) -> anyhow::Result<()> {
    let mut fact = |figure, unit, value| record.facts.push(Fact { scenario: SCENARIO, figure, unit, value });
    let before = process::resident_bytes(server.pid)?;
    let mut sockets = Vec::with_capacity(ASLEEP);
    while sockets.len() < ASLEEP {
        let some = (0..100).map(|_| Socket::connect(server, "/socket/?group=all"));
        sockets.extend(try_join_all(some).await?);
    }
    // What the handshakes used goes back to the system some time after the last one.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let after = process::resident_bytes(server.pid)?;
    fact("memory of a sleeping connection", "KiB", after.saturating_sub(before) as f64 / ASLEEP as f64 / 1024.0);
    let mut speaker = Socket::connect(server, "/socket/").await?;
    let begun = Instant::now();
    speaker.send("publish all hello").await?;
    for socket in &mut sockets {
        anyhow::ensure!(socket.receive().await? == "hello", "another message came");
    }
    fact("a message to a group of 10,000 reaches all", "ms", begun.elapsed().as_secs_f64() * 1e3);
    Ok(())
}
