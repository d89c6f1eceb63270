//! `dormouse completions`.

use clap::Args;
use clap_complete::Shell;

use crate::{error::Error, output::Output};

/// Prints a completion script for a shell.
#[derive(Args, Debug)]
pub struct Completions {
    /// Shell to complete for
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self, mut program: clap::Command, output: &Output) -> Result<(), Error> {
        let mut script = Vec::new();
        let name = program.get_name().to_owned();
        clap_complete::generate(self.shell, &mut program, name, &mut script);
        output.bytes(&script)
    }
}
