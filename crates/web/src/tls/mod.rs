//! Builds the TLS server from the web configuration.

mod clients;

use std::sync::Arc;

use self::clients::ClientsError;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::crypto::{CryptoProvider, SupportedKxGroup, aws_lc_rs};
use tokio_rustls::rustls::server::NoServerSessionStorage;
use tokio_rustls::rustls::{
    self, NamedGroup, ProtocolVersion, ServerConfig, SupportedCipherSuite,
    SupportedProtocolVersion, version,
};

use crate::config_file::{ClientAuth, Tls};

/// What the web configuration names, in the PEM encoding.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PemFiles<'t> {
    /// The server's certificates.
    pub certificate: &'t [u8],
    /// The server's key.
    pub key: &'t [u8],
    /// The CA certificates of clients.
    pub client_ca: Option<&'t [u8]>,
}

/// Why the TLS server cannot be built: a predicate for the key of [`TlsError::key`].
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    #[error("holds no certificate in the PEM encoding")]
    NoCertificate { key: &'static str },
    #[error("holds no private key in the PEM encoding")]
    NoPrivateKey,
    #[error("does not fit the certificate: {0}")]
    WrongKey(#[source] rustls::Error),
    #[error("{0}")]
    Protocol(#[source] rustls::Error),
    #[error("names no cipher suite that is spoken here: take one of ECDHE with GCM or CHACHA20")]
    NoCipherSuite,
    #[error("names no group that is spoken here: X25519, CurveP256 and CurveP384 are")]
    NoGroup,
    #[error(transparent)]
    Clients(#[from] ClientsError),
}

impl TlsError {
    /// The key of `tls_server_config` that is wrong.
    pub(crate) fn key(&self) -> &'static str {
        match self {
            TlsError::NoCertificate { key } => key,
            TlsError::NoPrivateKey | TlsError::WrongKey(_) => "key",
            TlsError::Protocol(_) | TlsError::NoCipherSuite => "cipher_suites",
            TlsError::NoGroup => "curve_preferences",
            TlsError::Clients(_) => "client_ca",
        }
    }
}

/// Builds the TLS server.
///
/// # Errors
/// See [`TlsError`].
pub(crate) fn server(
    tls: &Tls,
    texts: PemFiles<'_>,
    http2: bool,
) -> Result<ServerConfig, TlsError> {
    let versions = versions(tls);
    let provider = Arc::new(provider(tls, &versions)?);
    let chain = certificates("cert", texts.certificate)?;
    let key = PrivateKeyDer::from_pem_slice(texts.key).map_err(|_| TlsError::NoPrivateKey)?;
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&versions)
        .map_err(TlsError::Protocol)?;
    let builder = match tls.client_auth {
        ClientAuth::None => builder.with_no_client_auth(),
        asked => {
            let ca = texts.client_ca.map(|text| certificates("client_ca", text));
            let names = tls.client_allowed_sans.clone();
            let verifier = clients::verifier(asked, ca.transpose()?, names, &provider)?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut server = builder
        .with_single_cert(chain, key)
        .map_err(TlsError::WrongKey)?;
    if tls.client_auth != ClientAuth::None {
        // A resumed session is not verified again, so a certificate could outlive its time.
        server.session_storage = Arc::new(NoServerSessionStorage {});
        server.send_tls13_tickets = 0;
    }
    server.ignore_client_order = tls.prefer_server_cipher_suites;
    if http2 {
        server.alpn_protocols.push(b"h2".to_vec());
    }
    server.alpn_protocols.push(b"http/1.1".to_vec());
    Ok(server)
}

fn certificates(key: &'static str, text: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
    match all {
        Ok(all) if !all.is_empty() => Ok(all),
        _ => Err(TlsError::NoCertificate { key }),
    }
}

fn versions(tls: &Tls) -> Vec<&'static SupportedProtocolVersion> {
    let tls12 = tls.tls12.then_some(&version::TLS12);
    let tls13 = tls.tls13.then_some(&version::TLS13);
    tls12.into_iter().chain(tls13).collect()
}

/// The cryptography as configured. The suites of TLS 1.3 cannot be chosen, as the format defines;
/// names of suites and groups that are not supported are ignored unless nothing else is left.
fn provider(tls: &Tls, versions: &[&SupportedProtocolVersion]) -> Result<CryptoProvider, TlsError> {
    let mut provider = aws_lc_rs::default_provider();
    if !tls.cipher_suites.is_empty() {
        let (late, early): (Vec<_>, Vec<_>) = provider
            .cipher_suites
            .iter()
            .partition(|suite| suite.version().version == ProtocolVersion::TLSv1_3);
        let named = |name: &String| {
            let of_name = |suite: &&SupportedCipherSuite| is_named(suite, name);
            early.iter().find(of_name).copied()
        };
        provider.cipher_suites = late;
        let chosen = tls.cipher_suites.iter().filter_map(named);
        provider.cipher_suites.extend(chosen);
        let is_spoken = |suite: &SupportedCipherSuite| versions.contains(&suite.version());
        if !provider.cipher_suites.iter().any(is_spoken) {
            return Err(TlsError::NoCipherSuite);
        }
    }
    if !tls.curve_preferences.is_empty() {
        let named = |name: &String| {
            let all = provider.kx_groups.iter();
            all.copied().find(|group| is_curve(*group, name))
        };
        let groups: Vec<_> = tls.curve_preferences.iter().filter_map(named).collect();
        if groups.is_empty() {
            return Err(TlsError::NoGroup);
        }
        provider.kx_groups = groups;
    }
    Ok(provider)
}

fn is_named(suite: &SupportedCipherSuite, name: &str) -> bool {
    suite.suite().as_str() == Some(name)
}

fn is_curve(group: &dyn SupportedKxGroup, name: &str) -> bool {
    let known = match name {
        "X25519" => NamedGroup::X25519,
        "CurveP256" => NamedGroup::secp256r1,
        "CurveP384" => NamedGroup::secp384r1,
        _ => return false,
    };
    group.name() == known
}
