//! The server's life: start, serve, drain, stop.

use std::{net::SocketAddr, path::Path, process::ExitCode, time::Duration};

use anyhow::Context as _;
use api::ApiConfig;
use control::{Addresses, Control, ControlConfig, ExposeSecret as _};
use domain::{Ids, key_value::KeyValueQuota};
use runtime::{
    EgressSettings,
    artifact::{CacheBounds, Compiler, WorkerBounds},
};
use store::{BlobConfig, Blobs, Store, StoreConfig};
use telemetry::{Guard, TelemetryConfig};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use triggers::http::HttpConfig;

use crate::{
    config::Config,
    machine::{self, SystemClock, SystemEntropy},
};

/// Serves the platform until SIGTERM or SIGINT, then drains. Exit code 0 after a drain, 1 where it cannot start.
pub(crate) fn run(config: Config, ready_file: Option<&Path>) -> ExitCode {
    let telemetry = TelemetryConfig {
        format: config.log_format,
        filter: config.log_filter.clone(),
        version: env!("CARGO_PKG_VERSION"),
    };
    let served = telemetry::init(&telemetry).context("cannot set up logs, traces and metrics").and_then(|guard| {
        machine::give_memory_back();
        let workers =
            tokio::runtime::Builder::new_multi_thread().enable_all().on_thread_park(runtime::on_park).build()?;
        let served = workers.block_on(serve(&config, &guard, ready_file));
        workers.shutdown_timeout(Duration::from_secs(1));
        guard.shut_down();
        served
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(config: &Config, guard: &Guard, ready_file: Option<&Path>) -> anyhow::Result<()> {
    let mut signals = Signals::listen()?;
    let _lock = machine::lock_data_dir(&config.data_dir)?;
    let (control_listener, control_address) = bind("control_listen", config.control_listen).await?;
    let (data_listener, data_address) = bind("data_listen", config.data_listen).await?;
    let ids = Ids::new(SystemClock, SystemEntropy);
    machine::raise_open_files();
    machine::keep_heaps_small();
    let control = start_control(config, guard, &ids, [control_address, data_address]).await?;

    let draining = CancellationToken::new();
    let console_url = config.console_url(control_address);
    let api = ApiConfig { public_url: console_url.clone(), ids, metrics: guard.metrics(), draining: draining.clone() };
    let drain = Duration::from_secs(config.drain_timeout_s);
    let router = api::router(control.clone(), api);
    let control_plane = tokio::spawn(api::serve(control_listener, router, drain, draining.clone()));
    let data_plane = tokio::spawn(triggers::http::serve(
        data_listener,
        (control.routing(), control.connections()),
        guard.metrics(),
        guard.tracer(),
        HttpConfig { drain, ..HttpConfig::default() },
        draining.clone(),
    ));

    let queues = tokio::spawn(triggers::queue::serve(control.routing(), control.queues(), drain, draining.clone()));
    let calls = tokio::spawn(triggers::call::serve(control.routing(), control.calls(), drain, draining.clone()));
    let schedules =
        tokio::spawn(triggers::cron::serve(control.routing(), control.schedules().clone(), drain, draining.clone()));

    let set_up = control.set_up_link().await.context("cannot make the set-up link")?;
    let set_up_link = set_up.map(|link| format!("{console_url}/set-up?token={}", link.token.expose_secret()));
    greet(&console_url, config, data_address, set_up_link.as_deref());
    if let Some(path) = ready_file {
        write_ready_file(path, control_address, data_address, set_up_link.as_deref())?;
    }

    signals.asked_to_stop().await;
    tracing::info!(drain_timeout_s = config.drain_timeout_s, "draining");
    draining.cancel();
    let drained = timeout(drain, async { tokio::join!(control_plane, data_plane, queues, calls, schedules) });
    // A second signal ends the drain.
    tokio::select! {
        done = drained => if done.is_err() {
            tracing::warn!("requests were cut at the end of the drain");
        },
        () = signals.asked_to_stop() => tracing::warn!("stopped before the drain was over"),
    }
    control.stop().await;
    tracing::info!("stopped");
    Ok(())
}

/// Opens storage and runtime and puts the use cases on top.
async fn start_control(
    config: &Config,
    guard: &Guard,
    ids: &Ids,
    listeners: [SocketAddr; 2],
) -> anyhow::Result<Control> {
    let [_, data_address] = listeners;
    let database = match config.postgres_url() {
        Some(url) => StoreConfig::Postgres { url: url.to_owned() },
        None => StoreConfig::Sqlite { path: config.data_dir.join("dormouse.db") },
    };
    let blobs = match config.blob_url.as_ref() {
        Some(url) => BlobConfig::s3_from_environment(url.to_string(), config.data_dir.join("cache")),
        None => BlobConfig::Local { folder: config.data_dir.join("blobs") },
    };
    let store = Store::open(&database).await.context("cannot open the database")?;
    let blobs = Blobs::open(&blobs, ids.clone()).await.context("cannot open the blob store")?;
    let egress = egress(config, listeners.into())?;
    let settings = runtime::Settings {
        instances: config.max_instances,
        ahead: config.ahead_instances,
        egress,
        ..runtime::Settings::default()
    };
    let runtime = runtime::Runtime::start(&settings).context("cannot start the WebAssembly runtime")?;
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    let compiler = Compiler::new(worker_bounds(config), program);
    let (scheme, port) = config.data_origin(data_address);
    let mut settings = ControlConfig::new(
        config.data_dir.clone(),
        Addresses { scheme, base_domain: config.base_domain.clone(), port },
    );
    settings.upload_max_bytes = config.max_upload_bytes;
    settings.project_concurrency = config.project_concurrency;
    settings.max_connections = config.max_websockets as usize;
    settings.project_connections = config.project_websockets as usize;
    settings.loaded_bytes = config.loaded_mib.saturating_mul(1 << 20);
    settings.shrink_after = (config.shrink_after_s > 0).then(|| Duration::from_secs(config.shrink_after_s));
    settings.secret_key = config.secret_key.0.map(|key| key.to_vec().into());
    settings.key_value_quota =
        KeyValueQuota { bytes: config.key_value_mib.saturating_mul(1 << 20), keys: config.key_value_keys };
    Control::start(settings, store, blobs, runtime, compiler, ids.clone(), guard.metrics())
        .await
        .context("cannot start the control plane")
}

/// What functions' outgoing requests are held to.
fn egress(config: &Config, listeners: Vec<SocketAddr>) -> anyhow::Result<EgressSettings> {
    let mut egress = EgressSettings {
        listeners,
        private: config.outbound_private,
        // The rest is for callers and for the database.
        connections: (config.outbound_connections as usize).min(machine::open_files() / 2),
        ..EgressSettings::default()
    };
    if let Some(path) = config.outbound_ca_file.as_ref() {
        let pem = std::fs::read(path)
            .with_context(|| format!("cannot read {}; choose another file with --outbound-ca-file", path.display()))?;
        egress.authorities = egress.authorities.with_pem(&pem).with_context(|| format!("in {}", path.display()))?;
    }
    Ok(egress)
}

/// What preparing one component may take.
fn worker_bounds(config: &Config) -> WorkerBounds {
    /// How much slower the machine may be for a worker that it shares with calls.
    const WALL_PER_CPU: u32 = 3;
    let cpu = Duration::from_secs(config.compile_cpu_s);
    let cache = CacheBounds {
        folder: config.data_dir.join("compiled-functions"),
        most_bytes: config.compile_cache_mib.saturating_mul(1 << 20),
    };
    WorkerBounds {
        preview3: config.preview3,
        cpu,
        memory_bytes: config.compile_memory_mib.saturating_mul(1 << 20),
        wall: cpu.saturating_mul(WALL_PER_CPU),
        init: Duration::from_secs(config.init_cpu_s),
        cache: (config.compile_cache_mib > 0).then_some(cache),
    }
}

/// Listens on `address`, and says what it became where the port was 0.
async fn bind(setting: &str, address: SocketAddr) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let flag = setting.replace('_', "-");
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}; choose another address with --{flag}"))?;
    let bound = listener.local_addr()?;
    Ok((listener, bound))
}

/// Tells a person where to go. The link is a secret, so it goes to the terminal and never into the log.
fn greet(console_url: &str, config: &Config, data: SocketAddr, set_up_link: Option<&str>) {
    println!("Dormouse {} is awake.", env!("CARGO_PKG_VERSION"));
    println!("  console    {console_url}");
    println!("  functions  http://<project>.{}:{}", config.base_domain, data.port());
    let data_dir = std::path::absolute(&config.data_dir).unwrap_or_else(|_| config.data_dir.clone());
    println!("  data       {}", data_dir.display());
    if let Some(link) = set_up_link {
        println!("\nNobody has an account yet. This link makes the first owner, once:\n  {link}");
    }
}

/// Writes the addresses for a program that waits for them: whole or not at all.
fn write_ready_file(
    path: &Path,
    control: SocketAddr,
    data: SocketAddr,
    set_up_link: Option<&str>,
) -> anyhow::Result<()> {
    let ready = serde_json::json!({
        "control": format!("http://{control}"),
        "data": format!("http://{data}"),
        "set_up_link": set_up_link,
        "pid": std::process::id(),
    });
    let draft = path.with_extension("draft");
    std::fs::write(&draft, ready.to_string())
        .and_then(|()| std::fs::rename(&draft, path))
        .with_context(|| format!("cannot write {}", path.display()))
}

/// The signals that end the server.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn asked_to_stop(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
