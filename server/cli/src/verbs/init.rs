//! `dormouse init`.

use std::path::Path;

use clap::Args;
use domain::{FunctionName, manifest::FILE_NAME};
use tokio::{fs::OpenOptions, io::AsyncWriteExt as _};

use crate::{error::Error, output::Output, scope::Scope};

/// Writes a small manifest into this folder.
#[derive(Args, Debug)]
pub struct Init {
    /// Name of the first function; this folder's by default
    #[arg(value_name = "FUNCTION")]
    function: Option<FunctionName>,
}

impl Init {
    pub(crate) async fn run(self, scope: &Scope<'_>, output: &Output) -> Result<(), Error> {
        let function = match self.function {
            Some(function) => function,
            None => folder_name()?,
        };
        let cargo = tokio::fs::try_exists("Cargo.toml").await.unwrap_or_default();
        let text = manifest(&function, scope.named_project(), scope.client().url(), cargo);
        let written = async {
            let mut file = OpenOptions::new().write(true).create_new(true).open(FILE_NAME).await?;
            file.write_all(text.as_bytes()).await?;
            file.flush().await
        };
        written.await.map_err(|source| match source.kind() {
            std::io::ErrorKind::AlreadyExists => {
                Error::Conflict(format!("there is a {FILE_NAME} here already; nothing was written"))
            }
            _ => Error::File { path: FILE_NAME.to_owned(), source },
        })?;
        output.line(FILE_NAME)?;
        output.next(if cargo { "dormouse deploy --build" } else { "dormouse deploy --plan" });
        Ok(())
    }
}

/// The function's name where none was given: that of this folder.
fn folder_name() -> Result<FunctionName, Error> {
    let here = std::env::current_dir().map_err(|source| Error::File { path: ".".to_owned(), source })?;
    let name = here.file_name().map(|name| name.to_string_lossy().replace('_', "-").to_lowercase()).unwrap_or_default();
    let unfit =
        |invalid| Error::Usage(format!("name the function, such as `dormouse init hello`; this folder's {invalid}"));
    name.parse().map_err(unfit)
}

fn manifest(function: &FunctionName, project: Option<&str>, url: &str, cargo: bool) -> String {
    let project = project.map(|project| format!("project = \"{project}\"\n")).unwrap_or_default();
    let file = function.as_str().replace('-', "_");
    let component = if cargo {
        format!(
            "component = \"target/wasm32-wasip2/release/{file}.wasm\"\n\
             build = \"cargo build --release --target wasm32-wasip2\"\n"
        )
    } else {
        format!("component = \"{}\"\n", Path::new(&file).with_extension("wasm").display())
    };
    format!(
        "#:schema {url}/api/manifest.schema.json\n\
         schema = 1\n\
         {project}\n\
         [function.{function}]\n\
         {component}\
         # memory_mib = 128\n\
         # timeout_ms = 30_000\n\
         # variables = {{ GREETING = \"hello\" }}\n\
         # secrets = [\"API_KEY\"]\n\
         # allowed_outbound_hosts = [\"https://api.example.com\"]\n\
         \n\
         [[function.{function}.http]]\n\
         path = \"/{function}/{{*rest}}\"\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_a_manifest() {
        let name: FunctionName = "say-hello".parse().unwrap();
        for cargo in [false, true] {
            for project in [None, Some("demo")] {
                let text = manifest(&name, project, "http://127.0.0.1:7070", cargo);
                let read = domain::manifest::Manifest::read(&text).unwrap();
                assert_eq!(read.functions[&name].triggers.len(), 1, "{text}");
                assert!(read.functions[&name].component.ends_with("say_hello.wasm"), "{text}");
                assert_eq!(read.project.is_some(), project.is_some());
                let all = text.replace("# ", "");
                assert!(domain::manifest::Manifest::read(&all).is_ok(), "what is commented out is right, too: {all}");
            }
        }
    }
}
