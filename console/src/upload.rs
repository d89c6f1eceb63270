//! One component on its way from the person's disk to a version: what has happened, what comes next.
//!
//! Knows no view. There is one upload at a time; it goes on while the person looks at other pages.

use std::{collections::BTreeSet, time::Duration};

use leptos::{prelude::*, task::spawn_local};
use web_sys::{File, XmlHttpRequest};
use wire::{Configuration, OutboundHost, Reuse, Version, VersionState};

use crate::{
    api::{Api, Error, Upload},
    browser,
    remote::Beat,
};

/// How far an upload is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stage {
    /// A file was chosen; the person says which function it is for.
    Naming,
    /// The bytes are on their way.
    Sending {
        /// How many have left.
        sent: u64,
    },
    /// The server checks and compiles.
    Preparing(Box<Version>),
    /// The version is ready, or was refused.
    Ended(Box<Version>),
    /// The upload did not arrive.
    Failed(Error),
}

/// The upload of this browser.
#[derive(Clone, Copy)]
pub(crate) struct Uploads {
    api: Api,
    beat: Beat,
    file: RwSignal<Option<File>, LocalStorage>,
    /// The project's name.
    pub(crate) project: RwSignal<String>,
    /// The function's name.
    pub(crate) function: RwSignal<String>,
    /// Why there is a new version.
    pub(crate) message: RwSignal<String>,
    /// The hosts that the function may call, apart by spaces; empty for those of the version before.
    pub(crate) outbound: RwSignal<String>,
    /// How many instances are to be kept ready; empty for as many as of the version before.
    pub(crate) provisioned: RwSignal<String>,
    /// How many requests an instance is to serve; empty for as many as in the version before.
    pub(crate) max_reuse: RwSignal<String>,
    /// The file's SHA-256, once it is known.
    pub(crate) sha256: RwSignal<Option<String>>,
    stage: RwSignal<Stage>,
    request: StoredValue<Option<XmlHttpRequest>, LocalStorage>,
    /// Tells the present upload from those that were given up.
    number: StoredValue<u32>,
}

impl Uploads {
    /// Nothing is under way.
    pub(crate) fn new(api: Api, beat: Beat) -> Self {
        Self {
            api,
            beat,
            file: RwSignal::new_local(None),
            project: RwSignal::new(String::new()),
            function: RwSignal::new(String::new()),
            message: RwSignal::new(String::new()),
            outbound: RwSignal::new(String::new()),
            provisioned: RwSignal::new(String::new()),
            max_reuse: RwSignal::new(String::new()),
            sha256: RwSignal::new(None),
            stage: RwSignal::new(Stage::Naming),
            request: StoredValue::new_local(None),
            number: StoredValue::new(0),
        }
    }

    /// Whether there is an upload to show.
    pub(crate) fn is_open(self) -> bool {
        self.file.with(Option::is_some)
    }

    /// Whether bytes are on their way, which a new file would interrupt.
    pub(crate) fn is_sending(self) -> bool {
        let sending = self.stage.with_untracked(|stage| matches!(stage, Stage::Sending { .. }));
        sending && self.file.with_untracked(Option::is_some)
    }

    /// How far it is.
    pub(crate) fn stage(self) -> Stage {
        self.stage.get()
    }

    /// The file's name and its size in bytes.
    pub(crate) fn file(self) -> (String, u64) {
        self.file.with(|file| file.as_ref().map_or_else(Default::default, |file| (file.name(), file.size() as u64)))
    }

    /// Takes a file. With a function it is sent at once; without one the person is asked for it.
    pub(crate) fn choose(self, project: &str, function: Option<&str>, file: File) {
        if self.is_sending() {
            return;
        }
        let number = self.next_number();
        self.project.set(project.to_owned());
        self.function.set(function.map_or_else(|| name_from_file(&file.name()), str::to_owned));
        self.message.set(String::new());
        self.outbound.set(String::new());
        self.provisioned.set(String::new());
        self.max_reuse.set(String::new());
        self.sha256.set(None);
        self.stage.set(Stage::Naming);
        self.file.set(Some(file.clone()));
        let at_once = function.is_some();
        if at_once {
            self.stage.set(Stage::Sending { sent: 0 });
        }
        spawn_local(async move {
            let digest = browser::sha256(&file).await;
            if self.number.get_value() == number {
                self.sha256.set(digest);
                if at_once {
                    self.send(number, file).await;
                }
            }
        });
    }

    /// Sends the file that was chosen; also after a failure.
    pub(crate) fn begin(self) {
        let Some(file) = self.file.get_untracked() else { return };
        if self.is_sending() {
            return;
        }
        let number = self.next_number();
        self.stage.set(Stage::Sending { sent: 0 });
        spawn_local(self.send(number, file));
    }

    /// Forgets the upload; what is on its way is given up, what has arrived stays.
    pub(crate) fn close(self) {
        self.next_number();
        if let Some(request) = self.request.get_value() {
            let _ = request.abort();
        }
        self.request.set_value(None);
        self.file.set(None);
    }

    /// The outgoing hosts that were written, or what is wrong with the first that is none.
    pub(crate) fn hosts(self) -> Result<BTreeSet<OutboundHost>, String> {
        self.outbound.with(|text| {
            let mut hosts = BTreeSet::new();
            for host in text.split_whitespace() {
                hosts.insert(host.parse::<OutboundHost>().map_err(|invalid| invalid.message)?);
            }
            Ok(hosts)
        })
    }

    /// How many instances are to be kept ready, if that was written, or what is wrong with it.
    pub(crate) fn instances_ready(self) -> Result<Option<u32>, String> {
        let ready = self.provisioned.with(|text| figure(text))?;
        let configuration = Configuration { provisioned: ready.unwrap_or_default(), ..Configuration::default() };
        configuration.check().map_err(|invalid| invalid.message)?;
        Ok(ready)
    }

    /// How many requests an instance is to serve, if that was written, or what is wrong with it.
    pub(crate) fn requests_each(self) -> Result<Option<u32>, String> {
        let requests = self.max_reuse.with(|text| figure(text))?;
        let reuse = Reuse { max_reuse: requests.unwrap_or(1), ..Reuse::default() };
        reuse.check().map_err(|invalid| invalid.message)?;
        Ok(requests)
    }

    /// Whether all that was written can be sent.
    pub(crate) fn is_valid(self) -> bool {
        self.hosts().is_ok() && self.instances_ready().is_ok() && self.requests_each().is_ok()
    }

    /// The configuration of the version before with what was written; `None` where nothing was.
    async fn configuration(self, upload: &Upload) -> Result<Option<Configuration>, Error> {
        let hosts = untrack(|| self.hosts()).unwrap_or_default();
        let ready = untrack(|| self.instances_ready()).unwrap_or_default();
        let requests = untrack(|| self.requests_each()).unwrap_or_default();
        if hosts.is_empty() && ready.is_none() && requests.is_none() {
            return Ok(None);
        }
        // Asked for by its name, a function that is yet to be made would be an error on the browser's console.
        let functions = self.api.list_functions(&upload.project, u32::MAX).await?.items;
        let newest = if functions.iter().any(|function| function.name == upload.function) {
            let versions = self.api.list_versions(&upload.project, &upload.function, 1).await?;
            versions.items.into_iter().next().map(|version| version.configuration)
        } else {
            None
        };
        let mut configuration = newest.unwrap_or_default();
        if !hosts.is_empty() {
            configuration.allowed_outbound_hosts = hosts;
        }
        configuration.provisioned = ready.unwrap_or(configuration.provisioned);
        if let Some(requests) = requests {
            configuration.reuse = Reuse::up_to(requests, configuration.reuse);
        }
        Ok(Some(configuration))
    }

    async fn send(self, number: u32, file: File) {
        let Ok(request) = XmlHttpRequest::new() else { return };
        self.request.set_value(Some(request.clone()));
        let mut upload = Upload {
            project: self.project.get_untracked(),
            function: self.function.get_untracked(),
            file,
            sha256: self.sha256.get_untracked(),
            message: self.message.get_untracked(),
            configuration: None,
        };
        match self.configuration(&upload).await {
            Ok(configuration) => upload.configuration = configuration,
            Err(error) => return self.reach(number, Stage::Failed(error)),
        }
        let progress = move |sent| self.reach(number, Stage::Sending { sent });
        let answer = self.api.upload(request, &upload, progress).await;
        match answer {
            Ok(version) => self.follow(number, upload, version).await,
            Err(error) => self.reach(number, Stage::Failed(error)),
        }
    }

    /// Asks how the preparation goes until it has ended.
    async fn follow(self, number: u32, upload: Upload, mut version: Version) {
        self.beat.now();
        let mut rounds = 0_u32;
        while version.state == VersionState::Preparing {
            self.reach(number, Stage::Preparing(Box::new(version.clone())));
            let pause = if rounds < 40 { 150 } else { 1_000 };
            browser::pause(Duration::from_millis(pause)).await;
            if self.number.get_value() != number {
                return;
            }
            rounds += 1;
            match self.api.find_version(&upload.project, &upload.function, version.number).await {
                Ok(found) => version = found,
                Err(Error::Unreachable) => {}
                Err(error) => return self.reach(number, Stage::Failed(error)),
            }
        }
        self.reach(number, Stage::Ended(Box::new(version)));
        self.beat.now();
    }

    fn reach(self, number: u32, stage: Stage) {
        if self.number.get_value() == number {
            self.stage.set(stage);
        }
    }

    fn next_number(self) -> u32 {
        self.number.update_value(|number| *number = number.wrapping_add(1));
        self.number.get_value()
    }
}

/// The function name that a file's name suggests: `Hello_World.wasm` gives `hello-world`.
fn name_from_file(file: &str) -> String {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let words: Vec<String> = stem
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let name = words.join("-");
    let name = name.trim_start_matches(|c: char| !c.is_ascii_lowercase());
    name.chars().take(48).collect::<String>().trim_end_matches('-').to_owned()
}

/// The figure that was written, if any was.
fn figure(text: &str) -> Result<Option<u32>, String> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| "write a whole number".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_suggests_its_function() {
        assert_eq!(name_from_file("Hello_World.wasm"), "hello-world");
        assert_eq!(name_from_file("2-hello (1).wasm"), "hello-1");
        assert_eq!(name_from_file("héllo.wasm"), "h-llo");
    }
}
