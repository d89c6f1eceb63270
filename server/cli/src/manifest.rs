//! Finds and reads the manifest on this machine.

use std::path::{Path, PathBuf};

use domain::{
    FunctionName,
    manifest::{FILE_NAME, FunctionManifest, Manifest},
};

use crate::error::Error;

/// A manifest and where it lies.
pub(crate) struct ManifestFile {
    /// The file.
    pub(crate) path: PathBuf,
    /// What it says.
    pub(crate) manifest: Manifest,
}

impl ManifestFile {
    /// Reads the manifest that was named, or the nearest in this folder or above.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if there is none, [`Error::File`], [`Error::Manifest`] with all that is wrong.
    pub(crate) async fn read(named: Option<&Path>) -> Result<Self, Error> {
        let path = match named {
            Some(named) => named.to_owned(),
            None => nearest()?,
        };
        let shown = path.display().to_string();
        let text = tokio::fs::read_to_string(&path).await;
        let text = text.map_err(|source| Error::File { path: shown.clone(), source })?;
        let manifest = Manifest::read(&text).map_err(|complaints| Error::Manifest { path: shown, complaints })?;
        Ok(Self { path, manifest })
    }

    /// The folder that the manifest's paths start from.
    pub(crate) fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    /// The functions to work on: `only`, or all.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if the manifest has no such function, or none.
    pub(crate) fn functions(
        &self,
        only: Option<&FunctionName>,
    ) -> Result<Vec<(&FunctionName, &FunctionManifest)>, Error> {
        let functions = &self.manifest.functions;
        let names = || functions.keys().map(FunctionName::as_str).collect::<Vec<_>>().join(", ");
        let chosen: Vec<_> = functions.iter().filter(|(name, _)| only.is_none_or(|only| only == *name)).collect();
        match (chosen.is_empty(), only) {
            (false, _) => Ok(chosen),
            (true, Some(only)) if !functions.is_empty() => {
                Err(Error::Usage(format!("{} has no function {only}; it has {}", self.path.display(), names())))
            }
            (true, _) => {
                let path = self.path.display();
                Err(Error::Usage(format!("{path} has no function; give it one: [function.hello] with its component")))
            }
        }
    }
}

/// The manifest in this folder or the nearest above.
fn nearest() -> Result<PathBuf, Error> {
    let here = std::env::current_dir().map_err(|source| Error::File { path: ".".to_owned(), source })?;
    let depth = here.ancestors().position(|folder| folder.join(FILE_NAME).is_file());
    let depth = depth.ok_or_else(|| {
        let way_out = "write one with `dormouse init`, or name a .wasm file to deploy";
        Error::Usage(format!("there is no {FILE_NAME} in this folder or above; {way_out}"))
    })?;
    Ok(std::iter::repeat_n("..", depth).collect::<PathBuf>().join(FILE_NAME))
}
