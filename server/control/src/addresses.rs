//! Where functions answer: the hosts and addresses that names make.

use domain::{FunctionName, HttpTrigger, ProjectName, Trigger, VersionNumber};

/// Makes host names and addresses of functions, and reads them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// `http` or `https`.
    pub scheme: String,
    /// What follows a project's name in its host, such as `localhost`; lower case.
    pub base_domain: String,
    /// The port in addresses; absent where it is the scheme's own.
    pub port: Option<u16>,
}

/// What a host name below the base domain stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    /// A project's own host.
    Project(ProjectName),
    /// One version, live or not.
    Preview(ProjectName, FunctionName, VersionNumber),
}

impl Addresses {
    /// Where a project's functions answer, such as `http://demo.localhost:8080`.
    #[must_use]
    pub fn project(&self, project: &ProjectName) -> String {
        self.url(&self.project_host(project))
    }

    /// Where one version can be tried, such as `http://v7--hello.demo.localhost:8080`.
    #[must_use]
    pub fn preview(&self, project: &ProjectName, function: &FunctionName, version: VersionNumber) -> String {
        self.url(&format!("{version}--{function}.{}", self.project_host(project)))
    }

    /// Where a function of `project` answers by `triggers`: one address for each HTTP trigger, the
    /// pattern as written.
    #[must_use]
    pub fn triggers(&self, project: &ProjectName, triggers: &[Trigger]) -> Vec<String> {
        let address = |http: &HttpTrigger| {
            let host = http.host.clone().unwrap_or_else(|| self.project_host(project));
            format!("{}{}", self.url(&host), http.path)
        };
        triggers.iter().filter_map(Trigger::as_http).map(address).collect()
    }

    /// A project's host without a port, such as `demo.localhost`.
    #[must_use]
    pub fn project_host(&self, project: &ProjectName) -> String {
        format!("{project}.{}", self.base_domain)
    }

    /// Reads a host name in lower case without a port, where it is below the base domain.
    pub(crate) fn read(&self, host: &str) -> Option<Host> {
        let names = host.strip_suffix(&self.base_domain)?.strip_suffix('.')?;
        match names.split_once('.') {
            None => names.parse().ok().map(Host::Project),
            Some((preview, project)) => {
                let (version, function) = preview.split_once("--")?;
                // A host says `v7`; the bare number is for paths of the API.
                let version = version.starts_with('v').then(|| version.parse().ok())??;
                Some(Host::Preview(project.parse().ok()?, function.parse().ok()?, version))
            }
        }
    }

    /// Whether `host` is, or is below, the base domain, so that no trigger may claim it.
    pub(crate) fn owns(&self, host: &str) -> bool {
        host.strip_suffix(&self.base_domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }

    fn url(&self, host: &str) -> String {
        match self.port {
            Some(port) => format!("{}://{host}:{port}", self.scheme),
            None => format!("{}://{host}", self.scheme),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses() -> Addresses {
        Addresses { scheme: "http".to_owned(), base_domain: "localhost".to_owned(), port: Some(8080) }
    }

    #[test]
    fn a_preview_host_reads_back() {
        let (project, function): (ProjectName, FunctionName) = ("demo".parse().unwrap(), "hello".parse().unwrap());
        let url = addresses().preview(&project, &function, VersionNumber(7));
        assert_eq!(url, "http://v7--hello.demo.localhost:8080");
        let host = addresses().read("v7--hello.demo.localhost");
        assert_eq!(host, Some(Host::Preview(project.clone(), function, VersionNumber(7))));
        assert_eq!(addresses().read("demo.localhost"), Some(Host::Project(project)));
    }

    #[test]
    fn other_hosts_are_nobodys() {
        for host in
            ["localhost", "demo.localhost.example.com", "demolocalhost", "7--hello.demo.localhost", "a.b.localhost"]
        {
            assert_eq!(addresses().read(host), None, "{host}");
        }
        assert!(addresses().owns("localhost") && addresses().owns("a.b.localhost") && !addresses().owns("mylocalhost"));
    }
}
