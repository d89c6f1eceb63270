# What `workerd serve` runs: `reused` shares one isolate, `fresh` makes one for each request.
using Workerd = import "/workerd/workerd.capnp";

const reused :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "main.js", esModule = embed "worker.js")],
    compatibilityDate = "2026-01-01",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const fresh :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "main.js", esModule = embed "fresh.js")],
    bindings = [(name = "LOADER", workerLoader = ())],
    compatibilityDate = "2026-01-01",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
