//! The greeting of `hello` as a guest of WASI 0.3.

use http::Response;
use wasip3::{
    exports::http::handler::Guest,
    http::types::{ErrorCode, Request},
    http_compat::http_into_wasi_response,
};

struct Hello;

wasip3::http::service::export!(Hello);

impl Guest for Hello {
    async fn handle(request: Request) -> Result<wasip3::http::types::Response, ErrorCode> {
        let greeting = std::env::var("GREETING").unwrap_or_else(|_| "Hello".to_owned());
        let target = request.get_path_with_query().unwrap_or_default();
        let path = target.split('?').next().unwrap_or_default();
        http_into_wasi_response(Response::new(format!("{greeting} from {path}\n")))
    }
}
