//! The only HTTP of the command line: one request, one answer or one [`Error`].

use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response, header};
use serde::{Serialize, de::DeserializeOwned};
use url::Url;

use crate::error::Error;

/// How long the platform may take for any answer but that to an upload: more than the longest `wait`.
const PATIENCE: Duration = Duration::from_secs(90);

/// A platform as the holder of a token sees it.
pub(crate) struct Client {
    http: reqwest::Client,
    url: Url,
    token: Option<String>,
}

impl Client {
    /// A client of the platform at `url`; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if `url` is not one of HTTP.
    pub(crate) fn new(url: Url, token: Option<String>) -> Result<Self, Error> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Error::Usage(format!("the address {url} is not one of HTTP; use http:// or https://")));
        }
        let http = reqwest::Client::builder()
            .user_agent(concat!("dormouse-cli/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(5))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|source| Error::Unreachable { url: url.to_string(), source })?;
        Ok(Self { http, url, token: token.filter(|token| !token.is_empty()) })
    }

    /// The platform's address, without a slash at its end.
    pub(crate) fn url(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// Gets what lies at `path` below the API's root.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        self.read(self.request(Method::GET, path)?.timeout(PATIENCE)).await
    }

    /// Posts `body` to `path` below the API's root.
    pub(crate) async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Error> {
        self.read(self.request(Method::POST, path)?.timeout(PATIENCE).json(body)).await
    }

    /// Puts `body` at `path` below the API's root.
    pub(crate) async fn put<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Error> {
        self.read(self.request(Method::PUT, path)?.timeout(PATIENCE).json(body)).await
    }

    /// Changes what lies at `path` below the API's root by what `body` says.
    pub(crate) async fn patch<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Error> {
        self.read(self.request(Method::PATCH, path)?.timeout(PATIENCE).json(body)).await
    }

    /// Posts `body` to `path` below the API's root, where nothing is to be read from the answer.
    pub(crate) async fn order(&self, path: &str, body: &impl Serialize) -> Result<(), Error> {
        self.send(self.request(Method::POST, path)?.timeout(PATIENCE).json(body)).await.map(drop)
    }

    /// Gets what lies at `path` below the API's root, as it comes, for as long as it comes.
    pub(crate) async fn stream(&self, path: &str) -> Result<Response, Error> {
        self.send(self.request(Method::GET, path)?).await
    }

    /// Deletes what lies at `path` below the API's root.
    pub(crate) async fn delete(&self, path: &str) -> Result<(), Error> {
        self.send(self.request(Method::DELETE, path)?.timeout(PATIENCE)).await.map(drop)
    }

    /// Starts a request with the token.
    ///
    /// # Errors
    ///
    /// [`Error::NoToken`] if there is none.
    pub(crate) fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, Error> {
        let token = self.token.as_ref().ok_or(Error::NoToken)?;
        Ok(self.http.request(method, self.address(&format!("/api/v1{path}"))).bearer_auth(token))
    }

    /// Gets `path` below the platform's root without the token.
    pub(crate) async fn get_openly(&self, path: &str) -> Result<Response, Error> {
        self.send(self.http.get(self.address(path)).timeout(PATIENCE)).await
    }

    /// Gets `url`, which need not be the platform's, without the token and whatever its status.
    pub(crate) async fn probe(&self, url: &str) -> Result<u16, reqwest::Error> {
        let answer = self.http.get(url).timeout(Duration::from_secs(10)).send().await?;
        Ok(answer.status().as_u16())
    }

    /// Sends `request` and reads the answer as a `T`.
    pub(crate) async fn read<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Error> {
        let answer = self.send(request).await?;
        let (url, status) = (answer.url().to_string(), answer.status().as_u16());
        let body = answer.bytes().await.map_err(|error| self.broken(error))?;
        serde_json::from_slice(&body).map_err(|_| Error::NotPlatform { url, status })
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, Error> {
        let answer = request.send().await.map_err(|error| self.broken(error))?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let (url, status) = (answer.url().to_string(), answer.status().as_u16());
        let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !kind.is_some_and(|kind| kind.starts_with("application/problem+json")) {
            return Err(Error::NotPlatform { url, status });
        }
        let body = answer.bytes().await.map_err(|error| self.broken(error))?;
        let problem = serde_json::from_slice(&body).map_err(|_| Error::NotPlatform { url, status })?;
        Err(Error::Problem(Box::new(problem)))
    }

    /// What to tell of a request that broke off.
    pub(crate) fn broken(&self, source: reqwest::Error) -> Error {
        if source.is_timeout() && !source.is_connect() {
            Error::TimedOut(format!("the platform at {} did not answer in time", self.url()))
        } else {
            Error::Unreachable { url: self.url().to_owned(), source }
        }
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.url())
    }
}

/// `text` as one segment of a path, or one value of a query.
pub(crate) fn segment(text: &str) -> String {
    // A form's encoding writes a space as a plus, which stands for itself in a path.
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}
