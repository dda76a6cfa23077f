//! Verifies client certificates.

use std::net::IpAddr;
use std::sync::Arc;

use rustls_pki_types::{CertificateDer, UnixTime};
use tokio_rustls::rustls::client::danger::HandshakeSignatureValid;
use tokio_rustls::rustls::crypto::{
    CryptoProvider, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use tokio_rustls::rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use tokio_rustls::rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore,
    SignatureScheme,
};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::time::ASN1Time;

use crate::config_file::ClientAuth;

/// Why the CA certificates of clients cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientsError {
    #[error("holds a certificate that cannot be used: {0}")]
    Certificate(#[source] Error),
    #[error(transparent)]
    Verifier(#[from] VerifierBuilderError),
}

/// Builds the verifier of client certificates; `authorities` are the CA certificates, `names` those
/// a certificate may have.
///
/// # Errors
/// The CA certificates cannot be used.
pub(super) fn verifier(
    asked: ClientAuth,
    authorities: Option<Vec<CertificateDer<'static>>>,
    names: Option<Vec<String>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, ClientsError> {
    let trust = match asked {
        ClientAuth::None | ClientAuth::Request | ClientAuth::RequireAny => Trust::Anybody,
        ClientAuth::VerifyIfGiven | ClientAuth::RequireAndVerify => {
            Trust::of(authorities.unwrap_or_default(), provider)?
        }
    };
    Ok(Arc::new(Clients {
        is_mandatory: matches!(asked, ClientAuth::RequireAny | ClientAuth::RequireAndVerify),
        trust,
        names,
        provider: Arc::clone(provider),
    }))
}

#[derive(Debug)]
struct Clients {
    is_mandatory: bool,
    trust: Trust,
    names: Option<Vec<String>>,
    provider: Arc<CryptoProvider>,
}

/// Which certificates are trusted.
#[derive(Debug)]
enum Trust {
    Anybody,
    /// There is no CA certificate.
    Nobody,
    Issued {
        by: Arc<dyn ClientCertVerifier>,
        /// The CA certificates themselves. The most common client certificate is self-signed and
        /// its own CA certificate, which the library rejects as a client.
        authorities: Vec<CertificateDer<'static>>,
    },
}

impl Trust {
    fn of(
        authorities: Vec<CertificateDer<'static>>,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, ClientsError> {
        if authorities.is_empty() {
            return Ok(Trust::Nobody);
        }
        let mut roots = RootCertStore::empty();
        for authority in &authorities {
            let added = roots.add(authority.clone());
            added.map_err(ClientsError::Certificate)?;
        }
        let by = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
            .build()?;
        Ok(Trust::Issued { by, authorities })
    }

    fn verify(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        match self {
            Trust::Anybody => Ok(()),
            Trust::Nobody => Err(CertificateError::UnknownIssuer.into()),
            Trust::Issued { authorities, .. } if authorities.contains(certificate) => {
                is_current(certificate, now)
            }
            Trust::Issued { by, .. } => {
                by.verify_client_cert(certificate, between, now)?;
                Ok(())
            }
        }
    }
}

fn read<'c>(certificate: &'c CertificateDer<'_>) -> Result<X509Certificate<'c>, Error> {
    let (_, read) = X509Certificate::from_der(certificate)
        .map_err(|_| Error::from(CertificateError::BadEncoding))?;
    Ok(read)
}

/// Whether an authority that shows itself may: its time is not over, and it may be a client.
fn is_current(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), Error> {
    let certificate = read(certificate)?;
    let now_s = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    let now =
        ASN1Time::from_timestamp(now_s).map_err(|_| Error::from(CertificateError::BadEncoding))?;
    if !certificate.validity().is_valid_at(now) {
        return Err(CertificateError::Expired.into());
    }
    let usage = certificate.extended_key_usage();
    let usage = usage.map_err(|_| Error::from(CertificateError::BadEncoding))?;
    match usage {
        Some(usage) if !usage.value.any && !usage.value.client_auth => {
            Err(CertificateError::InvalidPurpose.into())
        }
        _ => Ok(()),
    }
}

/// Whether a certificate has one of these names: a DNS name, an IP address, an e-mail address or a
/// URI, exactly as written.
fn is_named(certificate: &CertificateDer<'_>, names: &[String]) -> Result<bool, Error> {
    let certificate = read(certificate)?;
    let own = certificate.subject_alternative_name();
    let own = own.map_err(|_| Error::from(CertificateError::BadEncoding))?;
    let own = own.iter().flat_map(|own| &own.value.general_names);
    Ok(own.filter_map(spelled).any(|own| names.contains(&own)))
}

fn spelled(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(text) | GeneralName::RFC822Name(text) | GeneralName::URI(text) => {
            Some((*text).to_owned())
        }
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            let ip = v4.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from));
            Some(ip.ok()?.to_string())
        }
        _ => None,
    }
}

impl ClientCertVerifier for Clients {
    fn client_auth_mandatory(&self) -> bool {
        self.is_mandatory
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        match &self.trust {
            Trust::Issued { by, .. } => by.root_hint_subjects(),
            Trust::Anybody | Trust::Nobody => &[],
        }
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.trust.verify(end_entity, intermediates, now)?;
        match &self.names {
            Some(names) if !is_named(end_entity, names)? => {
                Err(CertificateError::ApplicationVerificationFailure.into())
            }
            _ => Ok(ClientCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}
