//! The answers of `heavy` as a guest of WASI 0.3.

use http::Response;
use wasip3::{
    exports::http::handler::Guest,
    http::types::{ErrorCode, Request},
    http_compat::http_into_wasi_response,
};

struct Heavy;

wasip3::http::service::export!(Heavy);
dormouse::init!(heavy::prepare);

impl Guest for Heavy {
    async fn handle(request: Request) -> Result<wasip3::http::types::Response, ErrorCode> {
        let target = request.get_path_with_query().unwrap_or_default();
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target.as_str(), None),
        };
        let text = heavy::answer(path, query).map_err(|error| ErrorCode::InternalError(Some(error.to_string())))?;
        http_into_wasi_response(Response::new(text))
    }
}
