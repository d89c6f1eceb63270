//! Bodies that people give: on the command line, in a file, or on standard input.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use tokio::io::AsyncReadExt as _;

use crate::error::Error;

/// `data` as given; what a file holds for `@FILE`, what standard input holds for `@-`.
pub(crate) async fn read(data: String) -> Result<Vec<u8>, Error> {
    let Some(path) = data.strip_prefix('@') else { return Ok(data.into_bytes()) };
    let mut bytes = Vec::new();
    let read = if path == "-" {
        tokio::io::stdin().read_to_end(&mut bytes).await.map(|_| bytes)
    } else {
        tokio::fs::read(path).await
    };
    read.map_err(|source| Error::File { path: path.to_owned(), source })
}

/// As [`read`]: text, or base64 where it is none.
pub(crate) async fn read_text(data: String) -> Result<(String, bool), Error> {
    Ok(match String::from_utf8(read(data).await?) {
        Ok(text) => (text, false),
        Err(error) => (BASE64_STANDARD.encode(error.as_bytes()), true),
    })
}
