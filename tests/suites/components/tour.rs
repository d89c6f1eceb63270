//! What every tour promises, whatever it was written in. Each claim is made over HTTP/1.1 and over HTTP/2.

use harness::{Project, Request};
use http::{HeaderMap, Method};
use http_body::Frame;
use http_body_util::BodyExt as _;

use super::{elsewhere::Elsewhere, large_body};
use crate::triggers::stage::{data, piecewise};

/// A published tour.
pub(super) struct Tour<'a> {
    pub(super) project: &'a Project,
    pub(super) elsewhere: &'a Elsewhere,
    pub(super) function: &'static str,
}

impl Tour<'_> {
    /// Starts a request to the tour's `path`.
    pub(super) fn request(&self, method: Method, path: &str) -> Request {
        self.project.call(method, &format!("/{}{path}", self.function))
    }

    fn requests(&self, method: &Method, path: &str) -> [Request; 2] {
        let request = || self.request(method.clone(), path);
        [request(), request().http2()]
    }

    /// Checks all that every language can do.
    pub(super) async fn holds(&self) {
        self.knows_its_paths().await;
        self.sees_headers().await;
        self.sends_bodies_back_whole().await;
        self.sends_each_piece_back_before_the_next_is_sent().await;
        self.streams().await;
        self.relays_what_it_fetches().await;
    }

    async fn knows_its_paths(&self) {
        for request in self.requests(&Method::GET, "/elsewhere") {
            let answer = request.send().await.expect(404);
            assert!(answer.text().starts_with("try /echo, /headers, "), "{}: {answer:?}", self.function);
        }
    }

    async fn sees_headers(&self) {
        for request in self.requests(&Method::GET, "/headers") {
            let answer = request.header("x-asked", "yes, this").send().await.expect(200);
            let text = answer.text();
            assert!(text.lines().any(|line| line == "x-asked: yes, this"), "{}: {text}", self.function);
            assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
        }
    }

    async fn sends_bodies_back_whole(&self) {
        for body in [b""[..].into(), b"short"[..].into(), large_body()] {
            for request in self.requests(&Method::POST, "/echo") {
                let answer = request.header("content-type", "text/x-tour").body(body.clone()).send().await.expect(200);
                assert_eq!(answer.header("content-type"), "text/x-tour");
                assert!(*answer.bytes() == body, "{}: {} of {} bytes", self.function, answer.bytes().len(), body.len());
            }
        }
    }

    async fn sends_each_piece_back_before_the_next_is_sent(&self) {
        for request in self.requests(&Method::POST, "/echo") {
            let (sender, body) = piecewise();
            sender.send(data("piece 0")).await.unwrap();
            let mut answer = request.stream(body).open().await.unwrap().into_body();
            for piece in 1..=3 {
                let came = answer.frame().await.unwrap().unwrap().into_data().unwrap();
                assert_eq!(came, format!("piece {}", piece - 1), "{}", self.function);
                sender.send(data(format!("piece {piece}"))).await.unwrap();
            }
            drop(sender);
            assert_eq!(answer.collect().await.unwrap().to_bytes(), "piece 3");
        }
    }

    async fn streams(&self) {
        for request in self.requests(&Method::GET, "/stream?count=3") {
            assert_eq!(request.send().await.expect(200).text(), "1\n2\n3\n", "{}", self.function);
        }
        // What the guest would have to make, were it to end before it is read: more than its memory holds, and
        // more than it may compute.
        for request in self.requests(&Method::GET, "/stream?count=1000000000000") {
            let mut answer = request.open().await.unwrap().into_body();
            let first = answer.frame().await.unwrap().unwrap().into_data().unwrap();
            assert!(first.starts_with(b"1\n"), "{}: {first:?}", self.function);
        }
    }

    async fn relays_what_it_fetches(&self) {
        let outbound = |path: &str| self.requests(&Method::GET, &format!("/outbound?url={path}"));
        for request in outbound(&format!("{}/teapot", self.elsewhere.address())) {
            let answer = request.send().await.expect(418);
            assert_eq!((answer.text().as_str(), answer.header("content-type")), ("short\n", "text/x-tea"));
        }
        for request in outbound(&format!("{}/halves", self.elsewhere.address())) {
            let let_go = self.elsewhere.hold();
            let mut answer = request.open().await.unwrap().into_body();
            assert_eq!(answer.frame().await.unwrap().unwrap().into_data().unwrap(), "one half, ", "{}", self.function);
            let_go.send(()).unwrap();
            assert_eq!(answer.collect().await.unwrap().to_bytes(), "the other", "{}", self.function);
        }
        for request in outbound("http://127.0.0.1:9/") {
            let answer = request.send().await.expect(502);
            assert!(answer.text().starts_with("http://127.0.0.1:9/: "), "{}: {answer:?}", self.function);
        }
    }

    /// Checks that the tour hands the trailers of a body on, for the languages that know them.
    pub(super) async fn passes_trailers(&self) {
        for request in self.requests(&Method::POST, "/echo") {
            let mut trailers = HeaderMap::new();
            trailers.insert("x-sum", "42".parse().unwrap());
            let (sender, body) = piecewise();
            // HTTP/1.1 announces trailers, and sends them only to those who say that they take them.
            let request = request.header("trailer", "x-sum").header("te", "trailers").stream(body);
            let answer = tokio::spawn(request.send());
            sender.send(data("body")).await.unwrap();
            sender.send(Frame::trailers(trailers)).await.unwrap();
            drop(sender);
            let answer = answer.await.unwrap().expect(200);
            assert_eq!(answer.text(), "body", "{}", self.function);
            assert_eq!(answer.trailers().get("x-sum").map(|sum| sum.as_bytes()), Some(&b"42"[..]), "{}", self.function);
        }
    }
}
