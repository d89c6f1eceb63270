//! `dormouse manifest`.

use std::path::PathBuf;

use clap::Subcommand;

use crate::{error::Error, manifest::ManifestFile, output::Output};

/// Checks a manifest without a platform, and prints its JSON Schema.
#[derive(Debug, Subcommand)]
pub enum Manifest {
    /// Print the JSON Schema of dormouse.toml, for editors
    Schema,
    /// Check a manifest; all that is wrong is told with its line
    Check {
        /// Manifest; by default the dormouse.toml in this folder or the nearest above
        #[arg(value_name = "FILE")]
        path: Option<PathBuf>,
    },
}

impl Manifest {
    pub(crate) async fn run(self, output: &Output) -> Result<(), Error> {
        match self {
            Self::Schema => output.data(&domain::manifest::schema()),
            Self::Check { path } => {
                let file = ManifestFile::read(path.as_deref()).await?;
                let functions = file.manifest.functions.len();
                let noun = if functions == 1 { "function" } else { "functions" };
                output.say(&format!("{} is well formed: {functions} {noun}", file.path.display()));
                output.next("dormouse deploy --plan");
                Ok(())
            }
        }
    }
}
