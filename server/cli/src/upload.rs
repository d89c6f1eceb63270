//! Sends a component and waits for the verdict over it.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use domain::{Digest, Message, VersionState};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use indicatif::{ProgressBar, ProgressStyle};
use reqwest::{Body, Method, header};
use sha2::{Digest as _, Sha256};
use tokio::{fs::File, io::AsyncReadExt as _};
use tokio_util::io::ReaderStream;
use url::form_urlencoded;

use crate::{error::Error, figures, output::Output, scope::FunctionScope};

/// The unit in which a file is read.
const CHUNK_BYTES: usize = 64 << 10;

/// What an upload says besides the component's bytes.
pub(crate) struct Upload<'a> {
    /// What the version runs with; that of the version before where absent.
    pub(crate) configuration: Option<wire::Configuration>,
    /// Why the version is made.
    pub(crate) message: &'a Message,
    /// Whether to make the function, which is absent.
    pub(crate) create: bool,
}

/// What stands around the component's bytes: nothing, or the other parts of a form.
struct Envelope {
    content_type: String,
    before: String,
    after: String,
}

/// A component on this machine, read once for its size and its digest.
pub(crate) struct Component<'a> {
    path: &'a Path,
    bytes: u64,
    sha256: Digest,
}

impl<'a> Component<'a> {
    /// Reads the file at `path`, a chunk at a time.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if it cannot be read.
    pub(crate) async fn read(path: &'a Path) -> Result<Self, Error> {
        let unreadable = |source| Error::File { path: path.display().to_string(), source };
        let mut file = File::open(path).await.map_err(unreadable)?;
        let (mut hasher, mut bytes, mut chunk) = (Sha256::new(), 0, vec![0; CHUNK_BYTES]);
        loop {
            let read = file.read(&mut chunk).await.map_err(unreadable)?;
            let Some(part) = chunk.get(..read).filter(|part| !part.is_empty()) else { break };
            hasher.update(part);
            bytes += part.len() as u64;
        }
        Ok(Self { path, bytes, sha256: Digest::from_bytes(hasher.finalize().into()) })
    }

    /// Its size in bytes.
    pub(crate) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Its digest.
    pub(crate) const fn sha256(&self) -> Digest {
        self.sha256
    }

    /// Sends the component as the function's next version.
    ///
    /// # Errors
    ///
    /// Those of the platform, and [`Error::File`].
    pub(crate) async fn upload(
        &self,
        scope: &FunctionScope<'_>,
        upload: Upload<'_>,
        output: &Output,
    ) -> Result<wire::Version, Error> {
        let unreadable = |source| Error::File { path: self.path.display().to_string(), source };
        let file = File::open(self.path).await.map_err(unreadable)?;
        let bar = output.progress(self.bytes);
        bar.set_style(style("{msg} [{bar:32}] {bytes} of {total_bytes}, {bytes_per_sec}"));
        bar.set_message(format!("Uploading {}", self.path.display()));
        let sent = bar.clone();
        let component =
            ReaderStream::with_capacity(file, CHUNK_BYTES).inspect_ok(move |chunk| sent.inc(chunk.len() as u64));
        let Envelope { content_type, before, after } = self.envelope(upload.configuration.as_ref())?;
        let bytes = before.len() as u64 + self.bytes + after.len() as u64;
        let text = |text: String| stream::once(async move { Ok(text.into()) });
        let body = text(before).chain(component).chain(text(after));
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("sha256", &self.sha256.to_string())
            .append_pair("create", &upload.create.to_string())
            .append_pair("message", upload.message.as_str())
            .append_pair("wait", "0")
            .finish();
        let request = scope
            .client
            .request(Method::POST, &scope.path(&format!("/versions?{query}")))?
            .header(header::CONTENT_TYPE, content_type)
            .header(header::CONTENT_LENGTH, bytes)
            .body(Body::wrap_stream(body));
        let version = scope.client.read(request).await;
        bar.finish_and_clear();
        let version: wire::Version = version?;
        let name = self.path.display();
        output.say(&format!("Uploaded {name}, {}, as v{}", figures::bytes(self.bytes), version.number));
        Ok(version)
    }

    /// The envelope for an upload with `configuration`.
    fn envelope(&self, configuration: Option<&wire::Configuration>) -> Result<Envelope, Error> {
        let Some(configuration) = configuration else {
            return Ok(Envelope {
                content_type: "application/wasm".to_owned(),
                before: String::new(),
                after: String::new(),
            });
        };
        let configuration = serde_json::to_string(configuration)
            .map_err(|error| Error::Usage(format!("the configuration: {error}")))?;
        // No component holds its own digest.
        let edge = self.sha256;
        let part = |name| format!("--{edge}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n");
        Ok(Envelope {
            content_type: format!("multipart/form-data; boundary={edge}"),
            before: format!("{}{configuration}\r\n{}", part("configuration"), part("component")),
            after: format!("\r\n--{edge}--\r\n"),
        })
    }
}

/// Waits until `version` is ready, and says what was found.
///
/// # Errors
///
/// [`Error::Refused`] if the component is not one that can run, [`Error::TimedOut`] after `patience`.
pub(crate) async fn verdict(
    scope: &FunctionScope<'_>,
    mut version: wire::Version,
    patience: Duration,
    output: &Output,
) -> Result<wire::Version, Error> {
    let deadline = Instant::now() + patience;
    let bar = output.progress(0);
    bar.set_style(style("{spinner} v{msg} is being checked and compiled, {elapsed}"));
    bar.set_message(version.number.to_string());
    bar.enable_steady_tick(Duration::from_millis(100));
    while version.state == VersionState::Preparing {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            bar.finish_and_clear();
            let number = version.number;
            return Err(Error::TimedOut(format!("v{number} is still being prepared; it goes on without you")));
        }
        let wait = left.as_secs().clamp(1, 2);
        let path = scope.path(&format!("/versions/{}?wait={wait}", version.number));
        version = finished(&bar, scope.client.get(&path).await)?;
    }
    bar.finish_and_clear();
    if let Some(failure) = version.failure {
        return Err(Error::Refused { version: version.number, failure });
    }
    if let Some(verdict) = &version.verdict {
        let step = |step: &domain::version::Step| format!("{} {}", step.name, figures::duration(step.duration_us));
        let steps: Vec<String> = verdict.steps.iter().map(step).collect();
        let wasi = match verdict.wasi {
            wire::Wasi::Preview2 => "WASI 0.2",
            wire::Wasi::Preview3 => "WASI 0.3",
        };
        output.say(&format!("v{} is ready: {wasi}; {}", version.number, steps.join(", ")));
        if let Some(start) = figures::start(&verdict.start) {
            output.say(&format!("  {start}"));
        }
        if verdict.unoptimised {
            output.say("  compiled without optimisation, which took too long; make it smaller to have it run faster");
        }
        for capability in &verdict.capabilities {
            output.say(&format!("  {}", capability.in_words()));
        }
    }
    Ok(version)
}

/// Takes the bar away before an error is told.
fn finished<T>(bar: &ProgressBar, result: Result<T, Error>) -> Result<T, Error> {
    result.inspect_err(|_| bar.finish_and_clear())
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
