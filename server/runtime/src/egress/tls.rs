//! Who is trusted to vouch for servers, and the TLS client that asks for it.

use std::{fmt, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    client::Resumption,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use tokio_rustls::TlsConnector;

/// The certificate authorities that a server's certificate must come from.
#[derive(Clone)]
pub struct Authorities(RootCertStore);

/// Why a file of certificates is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthoritiesError {
    /// It is not in PEM.
    #[error("the certificates cannot be read; write them in PEM, each between its BEGIN and END lines")]
    NotPem,
    /// It has no certificate.
    #[error("there is no certificate; write at least one in PEM")]
    None,
    /// One is no certificate of an authority.
    #[error("certificate {number} is damaged or of a kind that cannot vouch for others")]
    Damaged {
        /// Which, counted from 1.
        number: usize,
    },
}

impl Authorities {
    /// Those that browsers trust, as this build knows them.
    #[must_use]
    pub fn public() -> Self {
        Self(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
    }

    /// These and those in `pem`: a company's own, say.
    ///
    /// # Errors
    ///
    /// [`AuthoritiesError`] that says what is wrong with `pem`.
    pub fn with_pem(mut self, pem: &[u8]) -> Result<Self, AuthoritiesError> {
        let before = self.0.len();
        for (number, certificate) in (1..).zip(CertificateDer::pem_slice_iter(pem)) {
            let certificate = certificate.map_err(|_| AuthoritiesError::NotPem)?;
            self.0.add(certificate).map_err(|_| AuthoritiesError::Damaged { number })?;
        }
        if self.0.len() == before { Err(AuthoritiesError::None) } else { Ok(self) }
    }

    /// A client that verifies servers against them.
    pub(super) fn connector(&self) -> Result<TlsConnector, rustls::Error> {
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(self.0.clone())
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // A ticket that one function got would tell the server that another one lives in the same house.
        config.resumption = Resumption::disabled();
        Ok(TlsConnector::from(Arc::new(config)))
    }
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorities({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_told() {
        let with = |pem: &str| Authorities::public().with_pem(pem.as_bytes()).map(|_| ());
        assert_eq!(with(""), Err(AuthoritiesError::None));
        assert_eq!(with("-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n"), Err(AuthoritiesError::NotPem));
        let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(with(damaged), Err(AuthoritiesError::Damaged { number: 1 }));
    }
}
