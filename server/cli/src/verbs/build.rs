//! `dormouse build`.

use std::path::PathBuf;

use clap::Args;
use domain::FunctionName;

use crate::{build, error::Error, manifest::ManifestFile, output::Output};

/// Runs the build commands of the manifest.
#[derive(Args, Debug)]
pub struct Build {
    /// Function to build; all of the manifest by default
    #[arg(long, short)]
    function: Option<FunctionName>,
    /// Manifest; by default the dormouse.toml in this folder or the nearest above
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
}

impl Build {
    pub(crate) async fn run(self, output: &Output) -> Result<(), Error> {
        let file = ManifestFile::read(self.manifest.as_deref()).await?;
        build::run(&file, self.function.as_ref(), output).await?;
        output.next("dormouse deploy --plan");
        Ok(())
    }
}
