//! What can go wrong on our side.

/// The runtime could not start or could not do its own work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An engine refused its configuration, or its memory could not be reserved.
    #[error("the WebAssembly engine could not start")]
    Engine(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A thread could not be started.
    #[error("the epoch ticker could not start")]
    Ticker(#[source] std::io::Error),
    /// The client that calls other hosts for guests could not be set up.
    #[error("the client's encryption could not be set up")]
    Tls(#[source] rustls::Error),
}

/// An artifact could not be loaded. All but [`Self::Io`] mean that it is to be made again from its
/// component.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file does not carry the MAC that was recorded when it was made.
    #[error("the artifact does not match its recorded mac")]
    Tampered,
    /// The artifact was made for another engine, or does not link.
    #[error("the artifact was made for another engine")]
    Incompatible(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The file could not be read.
    #[error("the artifact could not be read")]
    Io(#[source] std::io::Error),
}
