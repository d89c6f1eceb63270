//! The same as `fetch`, as a guest of WASI 0.3: it calls out as the lines of its request's body say, and
//! answers with one line for each. A line is `METHOD SCHEME AUTHORITY PATH` and perhaps `send=BYTES`.

use wasip3::{
    exports::http::handler::Guest,
    http::{
        client,
        types::{ErrorCode, Fields, Method, Request, Response, Scheme},
    },
    wit_bindgen, wit_future, wit_stream,
};

struct Fetch;

wasip3::http::service::export!(Fetch);

impl Guest for Fetch {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let (_, consumed) = wit_future::new(|| Ok(()));
        let (body, _) = Request::consume_body(request, consumed);
        let lines = String::from_utf8(body.collect().await).expect("the lines are text");
        let mut told = String::new();
        for line in lines.lines() {
            told += &answer(line)
                .await
                .unwrap_or_else(|code| format!("{code:?}").trim_start_matches("ErrorCode::").to_owned());
            told.push('\n');
        }
        let (mut writer, body) = wit_stream::new();
        wit_bindgen::spawn(async move {
            writer.write_all(told.into_bytes()).await;
        });
        let (_, trailers) = wit_future::new(|| Ok(None));
        Ok(Response::new(Fields::new(), Some(body), trailers).0)
    }
}

/// What became of the request that `line` describes.
async fn answer(line: &str) -> Result<String, ErrorCode> {
    let mut words = line.split_whitespace();
    let [method, scheme, authority, path] = [(); 4].map(|()| words.next().unwrap_or_default());
    let bytes = words.find_map(|word| word.strip_prefix("send=")).map_or(0, |bytes| bytes.parse().expect("a number"));
    let (mut writer, body) = wit_stream::new();
    wit_bindgen::spawn(async move {
        if bytes > 0 {
            writer.write_all(vec![b'a'; bytes]).await;
        }
    });
    let (_, trailers) = wit_future::new(|| Ok(None));
    let (request, sent) = Request::new(Fields::new(), Some(body), trailers, None);
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => Scheme::Other(other.to_owned()),
    };
    let method = match method {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "CONNECT" => Method::Connect,
        other => Method::Other(other.to_owned()),
    };
    let said = request.set_method(&method).is_ok()
        && request.set_scheme(Some(&scheme)).is_ok()
        && request.set_authority(Some(authority)).is_ok()
        && request.set_path_with_query(Some(path)).is_ok();
    if !said {
        return Ok("cannot be said".to_owned());
    }
    let response = client::send(request).await?;
    let status = response.get_status_code();
    let (_, consumed) = wit_future::new(|| Ok(()));
    let (body, trailers) = Response::consume_body(response, consumed);
    let bytes = body.collect().await;
    let end = match trailers.await.and(sent.await) {
        Ok(_) => String::new(),
        Err(code) => format!(" then {code:?}").replace("ErrorCode::", ""),
    };
    let text = if bytes.len() > 500 {
        format!("{} bytes", bytes.len())
    } else {
        String::from_utf8_lossy(&bytes).replace('\n', " ")
    };
    Ok(format!("{status} {text}{end}").trim_end().to_owned())
}
