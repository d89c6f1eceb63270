//! Ten thousand published functions: what they cost a server that starts, and how soon one answers that
//! nobody called before.
//!
//! The functions that are called are published through the API, each with a component of its own, so that none
//! is warm because of another. The rest are copies of their rows under new names and ids, made in the database
//! while the server is down: the same rows that ten thousand uploads would leave, in a second instead of an hour.

use std::time::Instant;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use harness::{Actor, Platform};
use serde_json::json;
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::{
    cores::{Cores, Place},
    dormouse::{Dormouse, OWNER, publish},
    options::Pace,
    peers::guest_path,
    record::{Fact, Record, percentile},
    server::{Kind, Server},
    workload::Workload,
};

const SCENARIO: &str = "many";
const MIB: f64 = 1_048_576.0;

/// All functions, and how many projects hold the copies.
const FUNCTIONS: u32 = 10_000;
const PROJECTS: u32 = 99;

/// Functions that are called. With `--quick` fewer, since each component is compiled.
const CALLED: u32 = 250;
const CALLED_QUICKLY: u32 = 40;

/// Publishes, restarts and calls.
///
/// # Errors
///
/// If the guest was not built, or a function is refused or does not answer.
pub(crate) async fn run(cores: Cores, pace: Pace, record: &mut Record, hello: &Workload) -> anyhow::Result<()> {
    let mut note = |figure, unit, value| record.facts.push(Fact { scenario: SCENARIO, figure, unit, value });
    let called = if pace.runs == 1 { CALLED_QUICKLY } else { CALLED };
    let dormouse = Dormouse::start(cores, Place::Both).await?;
    let platform = &dormouse.platform;
    let component = std::fs::read(guest_path(hello.guest)?)?;

    eprintln!("many: publishing {called} functions with a component of their own each");
    let begun = Instant::now();
    publish_all(&dormouse.owner(), &component, called).await?;
    note("components published through the API", "", called.into());
    note("of these each second", "", f64::from(called) / begun.elapsed().as_secs_f64());
    for number in 0..PROJECTS {
        platform.project(&format!("many-{number}")).with_owner(OWNER).create().await;
    }
    let (start_ms, resident) = restart(cores, platform).await?;
    note("start with these alone", "ms", start_ms);
    note("resident memory with these alone", "MiB", resident / MIB);

    platform.terminate().await;
    copy_rows(platform, called, FUNCTIONS - called).await?;
    let (start_ms, many_resident) = restart(cores, platform).await?;
    note("functions published", "", FUNCTIONS.into());
    note("start with all", "ms", start_ms);
    note("resident memory with all", "MiB", many_resident / MIB);
    note("resident memory for each more", "KiB", (many_resident - resident) / 1_024.0 / f64::from(FUNCTIONS - called));
    note("artifacts loaded before any call", "", artifacts_loaded(platform)?);

    let mut cold = call_all(&dormouse, hello, called).await?;
    note("artifacts loaded after the cold calls", "", artifacts_loaded(platform)?);
    note("resident memory after the cold calls", "MiB", platform.resident_bytes() as f64 / MIB);
    let mut warm = call_all(&dormouse, hello, called).await?;
    let (cold_p99, warm_p99) = (percentile(&mut cold, 0.99), percentile(&mut warm, 0.99));
    note("cold first request p50", "ms", percentile(&mut cold, 0.5));
    note("cold first request p99", "ms", cold_p99);
    note("warm request p50", "ms", percentile(&mut warm, 0.5));
    note("warm request p99", "ms", warm_p99);
    note("cold p99 beyond warm", "ms", cold_p99 - warm_p99);
    Ok(())
}

fn name(number: u32) -> String {
    format!("cold-{number}")
}

/// Publishes functions whose components differ in a section that does nothing.
async fn publish_all(owner: &Actor, component: &[u8], count: u32) -> anyhow::Result<()> {
    const AT_ONCE: usize = 4;
    let publishing = stream::iter(0..count).map(|number| async move {
        // A custom section by the name `n` with the number in it (component model, binary format).
        let section = [&[0, 6, 1, b'n'][..], &number.to_le_bytes()].concat();
        publish(owner, &name(number), &[component, &section].concat(), &json!({})).await
    });
    publishing.buffer_unordered(AT_ONCE).try_collect().await
}

/// Starts the server anew; gives how long that took in milliseconds, and its resident memory in bytes.
async fn restart(cores: Cores, platform: &Platform) -> anyhow::Result<(f64, f64)> {
    cores.move_to(Place::Both)?;
    let begun = Instant::now();
    platform.restart().await;
    let took = begun.elapsed().as_secs_f64() * 1e3;
    cores.move_to(Place::Load)?;
    Ok((took, platform.resident_bytes() as f64))
}

/// Copies the first `sources` functions, with their versions and deployments, until there are `copies` more.
async fn copy_rows(platform: &Platform, sources: u32, copies: u32) -> anyhow::Result<()> {
    const COPY: &str = "
        create temporary table copy as
        with recursive numbers (n) as (select 0 union all select n + 1 from numbers where n + 1 < $1)
        select n, 'cold-' || (n % $2) as source, 'copy-' || n as name, 'many-' || (n % $3) as project,
            printf('%012x7%03x8%015x', 1700000000000 + n, n % 4096, n) as id
        from numbers";
    const FUNCTION: &str = "
        insert into function (id, project_id, name, description, created_at_us, revision, next_version_number,
            live_deployment_number)
        select 'fn_' || c.id, p.id, c.name, f.description, f.created_at_us, f.revision, f.next_version_number,
            f.live_deployment_number
        from copy c join project p on p.name = c.project join function f on f.name = c.source";
    const VERSION: &str = "
        insert into version (id, function_id, number, component_sha256, configuration, state, verdict, message,
            source, created_by, created_at_us)
        select 'ver_' || c.id, 'fn_' || c.id, v.number, v.component_sha256, v.configuration, v.state, v.verdict,
            v.message, v.source, v.created_by, v.created_at_us
        from copy c join function f on f.name = c.source join version v on v.function_id = f.id";
    const DEPLOYMENT: &str = "
        insert into deployment (id, function_id, number, first_version_number, first_weight, triggers, message,
            created_by, created_at_us)
        select 'dep_' || c.id, 'fn_' || c.id, d.number, d.first_version_number, d.first_weight,
            replace(d.triggers, c.source, c.name), d.message, d.created_by, d.created_at_us
        from copy c join function f on f.name = c.source join deployment d on d.function_id = f.id";
    let options = SqliteConnectOptions::new().filename(platform.data_dir().join("dormouse.db"));
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let mut transaction = connection.begin().await?;
    let copy = sqlx::query(COPY).bind(copies).bind(sources).bind(PROJECTS);
    copy.execute(&mut *transaction).await?;
    for sql in [FUNCTION, VERSION, DEPLOYMENT] {
        let rows = sqlx::query(sql).execute(&mut *transaction).await?.rows_affected();
        anyhow::ensure!(rows == u64::from(copies), "{rows} rows were copied instead of {copies}");
    }
    transaction.commit().await?;
    Ok(connection.close().await?)
}

/// Calls every function once, one after the other over one connection; times in milliseconds.
async fn call_all(dormouse: &Dormouse, hello: &Workload, count: u32) -> anyhow::Result<Vec<f64>> {
    let mut times = Vec::new();
    let client = harness::Client::new();
    for number in 0..count {
        let server: Server = dormouse.server(Kind::Dormouse, &name(number));
        let request = client.request(http::Method::GET, server.url(hello)).header("host", dormouse.project.host());
        let begun = Instant::now();
        let answer = request.try_send().await.map_err(|error| anyhow::anyhow!("{error:?}"))?;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
        anyhow::ensure!(answer.status().is_success(), "{} answered {}", name(number), answer.status());
    }
    Ok(times)
}

/// How many artifacts the server has mapped: each is a file below `artifacts`.
fn artifacts_loaded(platform: &Platform) -> anyhow::Result<f64> {
    let maps = std::fs::read_to_string(format!("/proc/{}/maps", platform.ready().pid))?;
    let files = maps.lines().filter_map(|line| line.split_once("/blobs/artifacts/").map(|(_, file)| file));
    Ok(files.collect::<std::collections::BTreeSet<_>>().len() as f64)
}
