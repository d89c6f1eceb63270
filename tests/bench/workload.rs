//! What is asked of every server.

/// How a workload's requests are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    /// With a body of [`ECHO_BYTES`].
    Post,
}

/// The body of one request of the workload `echo`: 1 MiB.
pub(crate) const ECHO_BYTES: usize = 1 << 20;

/// What is asked of every server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Workload {
    /// Its name, on the command line and in the figures.
    pub(crate) name: &'static str,
    /// Its name in the table.
    pub(crate) title: &'static str,
    /// The function's name, the first part of the path.
    pub(crate) path: &'static str,
    /// The guest that Dormouse runs.
    pub(crate) guest: &'static str,
    /// The guest that `wasmtime serve` runs: the same one, where it needs nothing of ours.
    pub(crate) plain_guest: &'static str,
    /// Whether the guests are of WASI 0.3.
    pub(crate) preview3: bool,
    pub(crate) method: Method,
    /// The path of the plain server with the same answer.
    pub(crate) control: &'static str,
}

/// All workloads, in the order in which they are measured: those that leave the servers large come last.
pub(crate) const WORKLOADS: [Workload; 8] = [
    Workload {
        name: "hello",
        title: "hello, a guest of WASI 0.2",
        path: "hello",
        guest: "greet",
        plain_guest: "greet",
        preview3: false,
        method: Method::Get,
        control: "/hello/",
    },
    Workload {
        name: "wstd",
        title: "hello by way of wstd",
        path: "wstd",
        guest: "hello",
        plain_guest: "hello",
        preview3: false,
        method: Method::Get,
        control: "/hello/",
    },
    Workload {
        name: "hello3",
        title: "hello, a guest of WASI 0.3",
        path: "hello3",
        guest: "greet3",
        plain_guest: "greet3",
        preview3: true,
        method: Method::Get,
        control: "/hello/",
    },
    Workload {
        name: "compat3",
        title: "hello of WASI 0.3 by way of the crate http",
        path: "compat3",
        guest: "hello3",
        plain_guest: "hello3",
        preview3: true,
        method: Method::Get,
        control: "/hello/",
    },
    Workload {
        name: "heavy",
        title: "hello after about 40 ms of set-up",
        path: "heavy",
        guest: "heavy",
        plain_guest: "heavy-cold",
        preview3: false,
        method: Method::Get,
        control: "/hello/",
    },
    Workload {
        name: "cpu",
        title: "1 ms of CPU",
        path: "cpu",
        guest: "cpu",
        plain_guest: "cpu",
        preview3: false,
        method: Method::Get,
        control: "/cpu/",
    },
    Workload {
        name: "echo",
        title: "echo of 1 MiB",
        path: "echo",
        guest: "echo",
        plain_guest: "echo",
        preview3: false,
        method: Method::Post,
        control: "/echo/",
    },
    Workload {
        name: "javascript",
        title: "hello in JavaScript",
        path: "javascript",
        guest: "hello-javascript",
        plain_guest: "hello-javascript",
        preview3: false,
        method: Method::Get,
        control: "/hello/",
    },
];

impl Workload {
    /// With how many connections variants of servers are measured: as the figure to reach is. `None` where they
    /// are not: what componentize-js makes answers one request per instance and fails the next.
    pub(crate) fn connections_of_variants(&self) -> Option<u32> {
        match self.name {
            "javascript" => None,
            "heavy" => Some(1),
            _ => Some(16),
        }
    }
}

/// The workload `name`.
pub(crate) fn workload(name: &str) -> Option<Workload> {
    WORKLOADS.into_iter().find(|workload| workload.name == name)
}
