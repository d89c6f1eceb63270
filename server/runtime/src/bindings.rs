//! The platform's own interfaces as Rust, made from `wit/`.

#[allow(missing_docs, unreachable_pub, unused_qualifications, reason = "generated code")]
mod generated {
    wasmtime::component::bindgen!({
        path: "../../wit/platform",
        world: "dormouse:platform/handlers",
        imports: { default: async | trappable },
        exports: { default: async },
    });
}

pub(crate) use generated::{
    Handlers as World,
    dormouse::{function::types as function, queue::types as queue},
    exports::dormouse::{
        cron::handler as cron_handler, function::handler as function_handler, queue::consumer as queue_consumer,
    },
};
