//! Where in the console one is: addresses of pages, and what an address is about.

/// The project and the function that an address is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The project's name.
    pub(crate) project: Option<String>,
    /// The function's name.
    pub(crate) function: Option<String>,
}

impl Place {
    /// Reads the path of an address.
    pub(crate) fn of(path: &str) -> Self {
        let mut segments = path.split('/').skip(1);
        let Some("projects") = segments.next() else { return Self::default() };
        let project = segments.next().filter(|name| !name.is_empty()).map(str::to_owned);
        let function = match segments.next() {
            Some("functions") => segments.next().filter(|name| !name.is_empty()).map(str::to_owned),
            _ => None,
        };
        Self { project, function }
    }
}

/// The address of a project's functions.
pub(crate) fn functions(project: &str) -> String {
    format!("/projects/{project}/functions")
}

/// The address of a project's queues.
pub(crate) fn queues(project: &str) -> String {
    format!("/projects/{project}/queues")
}

/// The address of a queue, or of its part `tab` where that is not empty.
pub(crate) fn queue(project: &str, queue: &str, tab: &str) -> String {
    let slash = if tab.is_empty() { "" } else { "/" };
    format!("{}/{queue}{slash}{tab}", queues(project))
}

/// The address of one message.
pub(crate) fn message(project: &str, of: &str, id: &str) -> String {
    queue(project, of, &format!("messages/{id}"))
}

/// The address of a project's schedules.
pub(crate) fn schedules(project: &str) -> String {
    format!("/projects/{project}/schedules")
}

/// The address of one schedule.
pub(crate) fn schedule(project: &str, function: &str, name: &str) -> String {
    format!("{}/{function}/{name}", schedules(project))
}

/// The address of a project's connections; of those of `function` alone where that is not empty.
pub(crate) fn connections(project: &str, function: &str) -> String {
    let query = if function.is_empty() { String::new() } else { format!("?function={function}") };
    format!("/projects/{project}/connections{query}")
}

/// The address of one connection.
pub(crate) fn connection(project: &str, id: &str) -> String {
    format!("/projects/{project}/connections/{id}")
}

/// The address of a project's secrets.
pub(crate) fn secrets(project: &str) -> String {
    format!("/projects/{project}/secrets")
}

/// The address of a project's tokens and members.
pub(crate) fn access(project: &str) -> String {
    format!("/projects/{project}/access")
}

/// The address of a project's settings.
pub(crate) fn settings(project: &str) -> String {
    format!("/projects/{project}/settings")
}

/// The address of a function, or of its part `tab` where that is not empty.
pub(crate) fn function(project: &str, function: &str, tab: &str) -> String {
    let slash = if tab.is_empty() { "" } else { "/" };
    format!("/projects/{project}/functions/{function}{slash}{tab}")
}

/// The address at which a function is called later, or of the call `id` where that is not empty.
pub(crate) fn call(project: &str, name: &str, id: &str) -> String {
    let query = if id.is_empty() { String::new() } else { format!("?id={id}") };
    format!("{}{query}", function(project, name, "test/call"))
}

/// The address of one version.
pub(crate) fn version(project: &str, name: &str, number: u32) -> String {
    function(project, name, &format!("versions/{number}"))
}

/// The address at which the dialog to deploy a version stands open.
pub(crate) fn deploy(project: &str, name: &str, number: u32) -> String {
    format!("{}?deploy={number}", function(project, name, "versions"))
}

/// The address at which the dialog to roll back stands open; without a number, to the deployment
/// before the live one.
pub(crate) fn roll_back(project: &str, name: &str, number: Option<u32>) -> String {
    let to = number.map_or_else(|| "previous".to_owned(), |number| number.to_string());
    format!("{}?roll-back={to}", function(project, name, "deployments"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_its_function() {
        let place = Place::of("/projects/demo/functions/hello/versions/7");
        assert_eq!(place.project.as_deref(), Some("demo"));
        assert_eq!(place.function.as_deref(), Some("hello"));
        assert_eq!(Place::of("/projects/demo/access").function, None);
        assert_eq!(Place::of("/sign-in"), Place::default());
    }
}
