//! Misbehaves against the bare interfaces of WASI 0.2, in the way that the path names: what it uses up
//! is in `spend`, how it answers wrongly in `reply`.

mod reply;
mod spend;

use wasip2::{
    exports::http::incoming_handler::Guest,
    http::types::{IncomingRequest, ResponseOutparam},
};

struct Hostile;

wasip2::http::proxy::export!(Hostile);

impl Guest for Hostile {
    fn handle(request: IncomingRequest, answer: ResponseOutparam) {
        let path = request.path_with_query().unwrap_or_default();
        let said = match path.as_str() {
            "/spin" => spend::spin(),
            "/recurse" => spend::recurse(),
            "/grow" => spend::grow(),
            "/grow-and-live" => format!("{} MiB\n", spend::grown() / 16),
            "/handles" => spend::handles(),
            "/calls" => spend::calls(),
            "/large-call" => spend::large_call(),
            "/wake" => spend::wake(),
            "/sleep" => spend::sleep(),
            "/random" => spend::random(),
            "/large-random" => spend::large_random(),
            "/log-line" => spend::log_line(),
            "/log-lines" => spend::log_lines(),
            "/trap" => panic!("this guest panics here"),
            "/exit-well" => return wasip2::cli::exit::exit(Ok(())),
            "/exit-badly" => return wasip2::cli::exit::exit(Err(())),
            "/drop" => return drop(answer),
            other => return reply::wrongly(other, answer),
        };
        reply::with(answer, &said);
    }
}
