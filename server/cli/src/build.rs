//! Runs the commands that make a manifest's components.

use std::process::Stdio;

use domain::FunctionName;
use tokio::process::Command;

use crate::{
    error::Error,
    manifest::ManifestFile,
    output::{Output, Tone},
};

/// Runs the build commands of `file`'s functions, or of `only` one, in the manifest's folder, each command once.
///
/// # Errors
///
/// [`Error::Failed`] for the first command that fails.
pub(crate) async fn run(file: &ManifestFile, only: Option<&FunctionName>, output: &Output) -> Result<(), Error> {
    let mut commands: Vec<&str> = Vec::new();
    for (name, function) in file.functions(only)? {
        match function.build.as_deref() {
            Some(command) if !commands.contains(&command) => commands.push(command),
            Some(_) => {}
            None => output.say(&format!("{name} says no build command; its component is taken as it is")),
        }
    }
    for command in commands {
        output.say(&output.tinted(Tone::Dim, &format!("$ {command}")));
        let mut shell = Command::new("sh");
        // What a build says is talk: standard output is for data.
        shell.args(["-c", &format!("{{ {command}\n}} >&2")]).current_dir(file.folder()).stdin(Stdio::null());
        let ended = shell.status().await.map_err(|source| Error::File { path: "sh".to_owned(), source })?;
        if !ended.success() {
            return Err(Error::Failed(format!("`{command}` failed: {ended}")));
        }
    }
    Ok(())
}
