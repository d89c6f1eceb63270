//! The child's side of the pipeline: one component, one artifact, one verdict.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
    process::ExitCode,
    time::Instant,
};

use domain::{Failure, Verdict, version::Step};

use super::{
    compile::compile,
    limits,
    protocol::{Line, Request, partial},
    refusal::out_of_memory,
    shape,
    world::{self, World},
};
use crate::account::micros;

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
    let bytes = fs::read(&request.component)?;
    let mut steps = Vec::new();

    let world = step("checked", &mut steps, || {
        shape::check(&bytes)?;
        world::read(&bytes, request.preview3)
    })?;
    let artifact = step("compiled", &mut steps, || compile(&bytes, world.wasi))?;
    store(&request.artifact, &artifact)?;

    let World { wasi, text, imports, exports, capabilities } = world;
    Ok(Verdict {
        wasi,
        world: text,
        imports,
        exports,
        capabilities,
        component_bytes: bytes.len() as u64,
        artifact_bytes: artifact.len() as u64,
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

/// Puts `artifact` at `path`, whole and on disk, or not at all.
fn store(path: &Path, artifact: &[u8]) -> io::Result<()> {
    let partial = partial(path);
    let mut file = File::create(&partial)?;
    file.write_all(artifact)?;
    file.sync_all()?;
    fs::rename(&partial, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

fn say(line: &Line) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, line)?;
    out.write_all(b"\n")?;
    out.flush()
}
