//! What the platform offers to guests.
//!
//! The lists are what imports are checked against before anything is compiled; the linkers are what
//! instances get. A suite holds both against the worlds in `wit/platform`.

use domain::version::Wasi;
use wasmtime::{
    Engine,
    component::{HasSelf, Linker},
};

use crate::{bindings, state::Guest};

/// Interfaces of WASI 0.2, offered to every guest.
const PREVIEW2: &[&str] = &[
    "wasi:cli/environment@0.2.12",
    "wasi:cli/exit@0.2.12",
    "wasi:cli/stderr@0.2.12",
    "wasi:cli/stdin@0.2.12",
    "wasi:cli/stdout@0.2.12",
    "wasi:cli/terminal-input@0.2.12",
    "wasi:cli/terminal-output@0.2.12",
    "wasi:cli/terminal-stderr@0.2.12",
    "wasi:cli/terminal-stdin@0.2.12",
    "wasi:cli/terminal-stdout@0.2.12",
    "wasi:clocks/monotonic-clock@0.2.12",
    "wasi:clocks/wall-clock@0.2.12",
    "wasi:filesystem/preopens@0.2.12",
    "wasi:filesystem/types@0.2.12",
    "wasi:http/outgoing-handler@0.2.12",
    "wasi:http/types@0.2.12",
    "wasi:io/error@0.2.12",
    "wasi:io/poll@0.2.12",
    "wasi:io/streams@0.2.12",
    "wasi:random/insecure-seed@0.2.12",
    "wasi:random/insecure@0.2.12",
    "wasi:random/random@0.2.12",
    "wasi:sockets/instance-network@0.2.12",
    "wasi:sockets/ip-name-lookup@0.2.12",
    "wasi:sockets/network@0.2.12",
    "wasi:sockets/tcp-create-socket@0.2.12",
    "wasi:sockets/tcp@0.2.12",
    "wasi:sockets/udp-create-socket@0.2.12",
    "wasi:sockets/udp@0.2.12",
];

/// Interfaces of WASI 0.3, offered besides those of 0.2 to guests with a handler of 0.3.
const PREVIEW3: &[&str] = &[
    "wasi:cli/environment@0.3.0",
    "wasi:cli/exit@0.3.0",
    "wasi:cli/stderr@0.3.0",
    "wasi:cli/stdin@0.3.0",
    "wasi:cli/stdout@0.3.0",
    "wasi:cli/terminal-input@0.3.0",
    "wasi:cli/terminal-output@0.3.0",
    "wasi:cli/terminal-stderr@0.3.0",
    "wasi:cli/terminal-stdin@0.3.0",
    "wasi:cli/terminal-stdout@0.3.0",
    "wasi:cli/types@0.3.0",
    "wasi:clocks/monotonic-clock@0.3.0",
    "wasi:clocks/system-clock@0.3.0",
    "wasi:clocks/types@0.3.0",
    "wasi:filesystem/preopens@0.3.0",
    "wasi:filesystem/types@0.3.0",
    "wasi:http/client@0.3.0",
    "wasi:http/types@0.3.0",
    "wasi:random/insecure-seed@0.3.0",
    "wasi:random/insecure@0.3.0",
    "wasi:random/random@0.3.0",
    "wasi:sockets/ip-name-lookup@0.3.0",
    "wasi:sockets/types@0.3.0",
];

/// Interfaces that are not of WASI's own generations, offered to every guest.
const CAPABILITIES: &[&str] = &[
    "dormouse:function/invoker@0.1.0",
    "dormouse:function/types@0.1.0",
    "dormouse:queue/producer@0.1.0",
    "dormouse:queue/types@0.1.0",
    "dormouse:secrets/store@0.1.0",
    "dormouse:websocket/connections@0.1.0",
    "dormouse:websocket/types@0.1.0",
    "wasi:config/store@0.2.0-rc.1",
    "wasi:keyvalue/atomics@0.2.0-draft2",
    "wasi:keyvalue/batch@0.2.0-draft2",
    "wasi:keyvalue/store@0.2.0-draft2",
];

/// The interfaces that guests of `wasi` may import, each by its full name.
pub fn offered_imports(wasi: Wasi) -> impl Iterator<Item = &'static str> {
    let more = match wasi {
        Wasi::Preview2 => &[],
        Wasi::Preview3 => PREVIEW3,
    };
    PREVIEW2.iter().chain(more).chain(CAPABILITIES).copied()
}

/// The linker for guests of `wasi`.
///
/// # Errors
///
/// Two interfaces have one name.
pub(crate) fn linker(engine: &Engine, wasi: Wasi) -> wasmtime::Result<Linker<Guest>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    if wasi == Wasi::Preview3 {
        wasmtime_wasi::p3::add_to_linker(&mut linker)?;
        wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    }
    bindings::World::add_to_linker::<_, HasSelf<Guest>>(&mut linker, |guest| guest)?;
    Ok(linker)
}

// Interfaces of types alone: nothing to call.
impl bindings::queue::Host for Guest {}
impl bindings::function::Host for Guest {}
impl bindings::websocket::Host for Guest {}
