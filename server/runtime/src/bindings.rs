//! The platform's own interfaces as Rust, made from `wit/`.

#[allow(missing_docs, unreachable_pub, unused_qualifications, reason = "generated code")]
mod generated {
    wasmtime::component::bindgen!({
        path: "../../wit/platform",
        world: "dormouse:platform/handlers",
        imports: { default: async | trappable },
        exports: { default: async },
        with: {
            "wasi:keyvalue/store.bucket": crate::capability::Bucket,
            "wasi:keyvalue/atomics.cas": crate::capability::Cas,
            "dormouse:secrets/store.secret": crate::capability::Secret,
        },
    });
}

pub(crate) use generated::{
    Handlers as World,
    dormouse::{
        function::{invoker, types as function},
        queue::{producer, types as queue},
        secrets::store as secrets,
        websocket::{connections, types as websocket},
    },
    exports::dormouse::{
        cron::handler as cron_handler, function::handler as function_handler, queue::consumer as queue_consumer,
        websocket::handler as websocket_handler,
    },
    wasi::{config::store as config, keyvalue as key_value},
};
