//! The server's settings: one table that gives the file's keys, the environment's names and the flags.
//!
//! A later layer wins over an earlier one: built-in value, file, environment, flag.

pub(crate) mod layers;
mod values;

pub(crate) use layers::Problems;
use values::{Key, Masked, Optional};

use std::{net::SocketAddr, path::PathBuf};

use telemetry::LogFormat;

/// Makes the settings' struct, their flags and their layers from one table.
macro_rules! settings {
    ($(#[doc = $doc:literal] $key:ident: $type:ty = $default:literal;)*) => {
        /// What the server runs with.
        #[derive(Clone, Debug)]
        pub(crate) struct Config {
            $(#[doc = $doc] pub(crate) $key: $type,)*
        }

        /// The settings as flags; each wins over the environment and the file.
        #[derive(Clone, Debug, Default, clap::Args)]
        pub(crate) struct Flags {
            $(
                #[arg(long, value_name = "VALUE", help_heading = "Settings", help = help($doc, $default))]
                $key: Option<String>,
            )*
        }

        impl Config {
            /// The keys in the order of the table.
            pub(crate) const KEYS: &[&str] = &[$(stringify!($key),)*];

            /// Puts the layers together and reads every value, so that all mistakes show at once.
            pub(crate) fn from_layers(layers: &mut layers::Layers) -> Result<Self, Problems> {
                $(let $key = layers.value::<$type>(stringify!($key), $default);)*
                layers.finish()?;
                match ($($key,)*) {
                    ($(Some($key),)*) => Ok(Self { $($key,)* }),
                    _ => Err(Problems::default()),
                }
            }

            /// Each key with its value as text, secrets masked.
            pub(crate) fn values(&self) -> Vec<(&'static str, String)> {
                vec![$((stringify!($key), self.$key.to_setting()),)*]
            }
        }

        impl Flags {
            /// The flags that were given.
            pub(crate) fn given(self) -> Vec<(&'static str, String)> {
                [$((stringify!($key), self.$key),)*]
                    .into_iter()
                    .filter_map(|(key, value)| Some((key, value?)))
                    .collect()
            }
        }
    };
}
use values::Setting as _;

settings! {
    /// Folder of the database, the components and the artifacts.
    data_dir: PathBuf = "data";
    /// Address of the control plane: API, console, docs, health and metrics.
    control_listen: SocketAddr = "127.0.0.1:7070";
    /// Address of the data plane, where functions answer.
    data_listen: SocketAddr = "127.0.0.1:8080";
    /// Domain below which each project has its host.
    base_domain: String = "localhost";
    /// Address of the console as browsers see it, such as https://dormouse.example.com; from control_listen where empty.
    control_url: Optional<url::Url> = "";
    /// Scheme and port of functions as callers see them, such as https://functions.example.com; from data_listen where empty.
    data_url: Optional<url::Url> = "";
    /// A postgres:// address; SQLite in the data folder where empty.
    database_url: Masked = "";
    /// An s3://bucket/prefix address for components and artifacts; the data folder where empty.
    blob_url: Optional<url::Url> = "";
    /// Log lines for a human or as json; auto is human on a terminal.
    log_format: LogFormat = "auto";
    /// Which log lines to keep, such as info,store=debug.
    log_filter: String = "info";
    /// The largest component in bytes.
    max_upload_bytes: u64 = "50000000";
    /// The most instances that run at once, over all projects.
    max_instances: u32 = "1000";
    /// Fresh instances that are made behind an answer, for the next request of a function that is called again and again; 0 makes none.
    ahead_instances: u32 = "64";
    /// The most invocations of one project that run at once.
    project_concurrency: u32 = "200";
    /// The most WebSockets that are open at once, over all projects.
    max_websockets: u32 = "50000";
    /// The most WebSockets of one project that are open at once.
    project_websockets: u32 = "25000";
    /// Compiled functions that stay loaded, in MiB; beyond them, those called least lately are unloaded until their next call.
    loaded_mib: u64 = "512";
    /// Seconds after a busy time until the memory that instances had then is given back to the system; 0 keeps it.
    shrink_after_s: u64 = "30";
    /// Whether components of WASI 0.3 are taken.
    preview3: bool = "true";
    /// Seconds of CPU time that compiling one component may take; it is killed after three times as many seconds.
    compile_cpu_s: u64 = "60";
    /// Memory that compiling one component may take, in MiB.
    compile_memory_mib: u64 = "2048";
    /// Disk that compiled functions may take that components have in common, in MiB; 0 keeps none.
    compile_cache_mib: u64 = "512";
    /// Seconds of CPU time that a component's init may take when a version is prepared.
    init_cpu_s: u64 = "10";
    /// Whether a version's allowed_outbound_hosts may name private addresses; false where others deploy than you.
    outbound_private: bool = "true";
    /// A PEM file of certificate authorities that functions' outgoing requests trust besides the public ones.
    outbound_ca_file: Optional<PathBuf> = "";
    /// The most connections to other hosts that functions have open at once.
    outbound_connections: u32 = "4096";
    /// The 64 hexadecimal digits that secrets are sealed under, the same for all servers of a database; the file secret.key in the data folder where empty.
    secret_key: Key = "";
    /// The most that the functions of one project keep by key, in MiB.
    key_value_mib: u64 = "100";
    /// The most keys under which the functions of one project keep something.
    key_value_keys: u64 = "100000";
    /// Seconds that running requests have to end after SIGTERM.
    drain_timeout_s: u64 = "25";
}

impl Config {
    /// Where browsers find the console, without a slash at the end.
    pub(crate) fn console_url(&self, bound: SocketAddr) -> String {
        public_url(self.control_url.as_ref(), bound)
    }

    /// The PostgreSQL address, where one is set.
    pub(crate) fn postgres_url(&self) -> Option<&str> {
        Some(self.database_url.0.as_str()).filter(|url| !url.is_empty())
    }

    /// Scheme and port of functions, for [`control`]'s addresses: `http` and the bound port by default.
    pub(crate) fn data_origin(&self, bound: SocketAddr) -> (String, Option<u16>) {
        match self.data_url.as_ref() {
            Some(url) => (url.scheme().to_owned(), url.port()),
            None => ("http".to_owned(), Some(bound.port())),
        }
    }
}

/// A setting's line in the help.
fn help(doc: &str, built_in: &str) -> String {
    match built_in {
        "" => doc.trim().to_owned(),
        value => format!("{} [default: {value}]", doc.trim()),
    }
}

fn public_url(given: Option<&url::Url>, bound: SocketAddr) -> String {
    match given {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None if bound.ip().is_unspecified() => format!("http://localhost:{}", bound.port()),
        None => format!("http://{bound}"),
    }
}
