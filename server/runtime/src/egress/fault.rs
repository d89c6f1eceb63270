//! What went wrong, as the standard error codes that guests know.

use std::{
    error::Error as StdError,
    io::{self, ErrorKind},
};

use wasmtime_wasi_http::Error;

use super::exchange::HEAD_BYTES;

/// Why no connection came about.
pub(super) fn of_connect(error: &io::Error) -> Error {
    match error.kind() {
        ErrorKind::ConnectionRefused => Error::ConnectionRefused,
        ErrorKind::TimedOut => Error::ConnectionTimeout,
        ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable | ErrorKind::AddrNotAvailable => {
            Error::DestinationIpUnroutable
        }
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => Error::ConnectionTerminated,
        _ => Error::DestinationUnavailable,
    }
}

/// Why the connection could not be encrypted.
pub(super) fn of_tls(error: &io::Error) -> Error {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(_)) => Error::TlsCertificateError,
        Some(rustls::Error::AlertReceived(alert)) => {
            Error::TlsAlertReceived { alert_id: Some(u8::from(*alert)), alert_message: Some(format!("{alert:?}")) }
        }
        Some(_) => Error::TlsProtocolError,
        None if error.kind() == ErrorKind::InvalidData => Error::TlsProtocolError,
        None => Error::ConnectionTerminated,
    }
}

/// Why an exchange broke off.
pub(super) fn of_exchange(error: &hyper::Error) -> Error {
    if let Some(size) = cause::<Error>(error).and_then(request_size) {
        return Error::HttpRequestBodySize(size);
    }
    if error.is_parse_too_large() {
        return Error::HttpResponseHeaderSectionSize(u32::try_from(HEAD_BYTES).ok());
    }
    if error.is_incomplete_message() {
        return Error::HttpResponseIncomplete;
    }
    if error.is_canceled() || error.is_closed() || cause::<io::Error>(error).is_some() {
        return Error::ConnectionTerminated;
    }
    Error::HttpProtocolError
}

fn request_size(error: &Error) -> Option<Option<u64>> {
    match error {
        Error::HttpRequestBodySize(size) => Some(*size),
        _ => None,
    }
}

/// The first error of type `E` that `error` came from.
fn cause<E: StdError + 'static>(error: &hyper::Error) -> Option<&E> {
    let mut next = error.source();
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}
