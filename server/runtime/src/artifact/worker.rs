//! The child's side of the pipeline: one component, one artifact, one verdict.

use std::{
    fs::{self, File},
    io::{self, Write},
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    Failure, Verdict,
    version::{Start, Step},
};
use wasmtime::CacheStore;

use super::{
    cache::Cache,
    compile::{compile, compile_and_start},
    confinement, limits,
    protocol::{Line, Request},
    refusal::out_of_memory,
    shape,
    snapshot::{self, Init, Taken},
    world::{self, World},
};
use crate::{account::micros, engine};

/// Runs the worker: reads a request from standard input, answers in lines on standard output.
///
/// What `dormouse compile-worker` does; only [`super::Compiler`] starts it.
pub fn worker_main() -> ExitCode {
    let line = match work() {
        Ok(verdict) => Line::Done { verdict },
        Err(End::Refused(failure)) => Line::Refused { failure },
        Err(End::Broken(error)) => Line::Broken { message: error.to_string() },
    };
    match say(&line) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Why there is no verdict.
enum End {
    Refused(Failure),
    Broken(io::Error),
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        Self::Refused(failure)
    }
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::OutOfMemory => Self::Refused(out_of_memory()),
            _ => Self::Broken(error),
        }
    }
}

fn work() -> Result<Verdict, End> {
    let request: Request = serde_json::from_reader(io::stdin().lock()).map_err(io::Error::other)?;
    limits::set(&request)?;
    let component = fs::read(&request.component)?;
    let mut file = File::create(&request.artifact)?;
    let by = confinement::enter(request.cache.as_ref().map(|cache| cache.folder.as_path()));
    say(&Line::Held { by })?;

    let mut steps = Vec::new();
    let World { wasi, text, imports, exports, capabilities } = step("checked", &mut steps, || {
        shape::check(&component)?;
        world::read(&component, request.preview3)
    })?;
    let cache = request.cache.as_ref().and_then(Cache::open);
    let cache = cache.map(|cache| -> Arc<dyn CacheStore> { Arc::new(cache) });
    let engine = engine::compiling(wasi, request.optimise, cache).map_err(io::Error::other)?;
    let init_most = Duration::from_millis(request.init_ms);
    let taken = match Init::among(&exports) {
        Some(init) => step("snapshotted", &mut steps, || snapshot::take(&engine, &component, &init, wasi, init_most))?,
        None => Taken::plain(),
    };
    let (artifact, start) = step("compiled", &mut steps, || match taken.component {
        Some(frozen) => match compile_and_start(&engine, &frozen, wasi, init_most) {
            Ok(artifact) => Ok((artifact, taken.start)),
            Err(reason) => Ok((compile(&engine, &component, wasi)?, Start::Fallback { reason })),
        },
        None => Ok((compile(&engine, &component, wasi)?, taken.start)),
    })?;
    file.write_all(&artifact)?;
    file.sync_all()?;

    Ok(Verdict {
        wasi,
        world: text,
        imports,
        exports,
        capabilities,
        component_bytes: component.len() as u64,
        artifact_bytes: artifact.len() as u64,
        start,
        init_log: taken.log,
        unoptimised: !request.optimise,
        steps,
    })
}

/// Runs one step, notes how long it took, and tells the parent that it is done.
fn step<T>(name: &str, steps: &mut Vec<Step>, run: impl FnOnce() -> Result<T, Failure>) -> Result<T, End> {
    let begun = Instant::now();
    let result = run()?;
    steps.push(Step { name: name.to_owned(), duration_us: micros(begun.elapsed()) });
    say(&Line::Step { name: name.to_owned() })?;
    Ok(result)
}

fn say(line: &Line) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, line)?;
    out.write_all(b"\n")?;
    out.flush()
}
