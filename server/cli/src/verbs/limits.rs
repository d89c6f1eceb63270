//! `dormouse limits`.

use std::str::FromStr;

use clap::Args;
use domain::Ceiling;

use crate::{error::Error, output::Output, scope::Scope};

/// Shows how far the limits of the project's versions may go, or changes it.
#[derive(Args, Debug)]
pub struct Limits {
    /// Figures to change, such as memory_mib=256 or project_concurrency=20
    #[arg(value_name = "NAME=FIGURE")]
    changes: Vec<Assignment>,
}

/// One figure of the ceiling.
#[derive(Clone, Debug)]
struct Assignment {
    name: String,
    figure: u64,
}

impl FromStr for Assignment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, figure) = text.split_once('=').ok_or("write a name and a figure, such as memory_mib=256")?;
        let figure = figure.replace('_', "").parse().map_err(|_| format!("{figure:?} is not a whole number"))?;
        Ceiling::default().set(name, figure).map_err(|invalid| invalid.to_string())?;
        Ok(Self { name: name.to_owned(), figure })
    }
}

impl Limits {
    pub(crate) async fn run(self, scope: &Scope<'_>, output: &Output) -> Result<(), Error> {
        let path = format!("/projects/{}", scope.project().await?);
        let project: wire::Project = if self.changes.is_empty() {
            scope.client().get(&path).await?
        } else {
            let mut ceiling = Ceiling::default();
            for Assignment { name, figure } in self.changes {
                ceiling.set(&name, figure).map_err(|invalid| Error::Usage(invalid.to_string()))?;
            }
            scope.client().patch(&path, &wire::UpdateProject { ceiling }).await?
        };
        if output.json() {
            return output.data(&project);
        }
        let at_once = project.ceiling.project_concurrency.map_or_else(String::new, |figure| figure.to_string());
        output.say(&format!("The project {} runs at most {at_once} invocations at once.", project.name));
        let rows = project.ceiling.values().map(|(limit, most)| {
            let most = most.unwrap_or(limit.most);
            [limit.name, &most.to_string(), &limit.default.to_string(), limit.unit, limit.label]
                .map(str::to_owned)
                .to_vec()
        });
        output.table(&["LIMIT", "AT MOST", "BY DEFAULT", "UNIT", "WHAT"], rows.collect())?;
        output.next("dormouse limits memory_mib=256");
        Ok(())
    }
}
