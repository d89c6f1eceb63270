//! A small tour of HTTP with wasip3, the bindings of WASI 0.3: bodies are streams and trailers are futures,
//! which pass from hand to hand.

use wasip3::{
    exports::http::handler::Guest,
    http::{
        client,
        types::{ErrorCode, Fields, Request, Response},
    },
    http_compat::http_into_wasi_request,
    wit_bindgen::{self, StreamReader},
    wit_future, wit_stream,
};

const HELP: &str = "try /echo, /headers, /stream?count=10 or /outbound?url=https://…\n";

struct Tour;

wasip3::http::service::export!(Tour);

impl Guest for Tour {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let target = request.get_path_with_query().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        // Where the tour lies is the business of its routes: the last part of the path decides.
        Ok(match path.rsplit('/').next() {
            Some("echo") => echo(request),
            Some("headers") => headers(&request),
            Some("stream") => stream(parameter(query, "count").and_then(|count| count.parse().ok()).unwrap_or(10)),
            Some("outbound") => outbound(&parameter(query, "url").unwrap_or_default()).await,
            _ => text(404, HELP.to_owned()),
        })
    }
}

/// Sends the request's body back as it comes, with its type and its trailers.
fn echo(request: Request) -> Response {
    let (asked, fields) = (request.get_headers(), Fields::new());
    for name in ["content-type", "trailer"] {
        fields.set(name, &asked.get(name)).expect("what HTTP carried once, it carries again");
    }
    let (_, consumed) = wit_future::new(|| Ok(()));
    let (body, trailers) = Request::consume_body(request, consumed);
    Response::new(fields, Some(body), trailers).0
}

/// Lists the request's headers, one a line.
fn headers(request: &Request) -> Response {
    let line = |(name, value): (String, Vec<u8>)| format!("{name}: {}\n", String::from_utf8_lossy(&value));
    text(200, request.get_headers().copy_all().into_iter().map(line).collect())
}

/// Counts to `count`, one number a chunk, while the answer is on its way.
fn stream(count: u64) -> Response {
    let (mut writer, body) = wit_stream::new();
    wit_bindgen::spawn(async move {
        for number in 1..=count {
            let unsent = writer.write_all(format!("{number}\n").into_bytes()).await;
            if !unsent.is_empty() {
                break; // Nobody reads any more.
            }
        }
    });
    plain(200, body)
}

/// Fetches `url` and hands its answer on, whole.
async fn outbound(url: &str) -> Response {
    let fetched = async {
        let request = http::Request::get(url).body(String::new()).map_err(|_| ErrorCode::HttpRequestUriInvalid)?;
        client::send(http_into_wasi_request(request)?).await
    };
    fetched.await.unwrap_or_else(|error| text(502, format!("{url}: {error}\n")))
}

fn text(status: u16, content: String) -> Response {
    let (mut writer, body) = wit_stream::new();
    wit_bindgen::spawn(async move {
        writer.write_all(content.into_bytes()).await;
    });
    plain(status, body)
}

/// An answer of plain text without trailers.
fn plain(status: u16, body: StreamReader<u8>) -> Response {
    let kind = ("content-type".to_owned(), b"text/plain; charset=utf-8".to_vec());
    let (_, trailers) = wit_future::new(|| Ok(None));
    let (response, _) = Response::new(Fields::from_list(&[kind]).expect("a valid field"), Some(body), trailers);
    response.set_status_code(status).expect("a status that HTTP knows");
    response
}

/// The first value of `name` in `query`.
fn parameter(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
