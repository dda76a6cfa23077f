//! What a configuration of TLS means to the library that speaks it.

mod clients;

use std::sync::Arc;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::crypto::{CryptoProvider, SupportedKxGroup, aws_lc_rs};
use tokio_rustls::rustls::server::NoServerSessionStorage;
use tokio_rustls::rustls::{
    NamedGroup, ProtocolVersion, ServerConfig, SupportedCipherSuite, SupportedProtocolVersion,
    version,
};

use crate::config::{ClientAuth, Tls};

/// The texts that a configuration names, in the PEM encoding.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'t> {
    /// The server's certificates.
    pub certificate: &'t [u8],
    /// The server's key.
    pub key: &'t [u8],
    /// The authorities of clients.
    pub client_ca: Option<&'t [u8]>,
}

/// Prepares what a server needs to speak TLS.
///
/// # Errors
/// The key of the configuration and what is wrong with what it names.
pub fn server(
    tls: &Tls,
    texts: Texts<'_>,
    http2: bool,
) -> Result<ServerConfig, (&'static str, String)> {
    let versions = versions(tls);
    let provider = Arc::new(provider(tls, &versions)?);
    let chain = certificates(texts.certificate).map_err(|problem| ("cert", problem))?;
    let key = PrivateKeyDer::from_pem_slice(texts.key)
        .map_err(|_| ("key", "holds no private key in the PEM encoding".to_owned()))?;
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&versions)
        .map_err(|error| ("cipher_suites", error.to_string()))?;
    let builder = match tls.client_auth {
        ClientAuth::None => builder.with_no_client_auth(),
        asked => {
            let authorities = texts.client_ca.map(certificates).transpose();
            let authorities = authorities.map_err(|problem| ("client_ca", problem))?;
            let names = tls.client_allowed_sans.clone();
            let verifier = clients::verifier(asked, authorities, names, &provider)
                .map_err(|problem| ("client_ca", problem))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut server = builder
        .with_single_cert(chain, key)
        .map_err(|error| ("key", format!("does not fit the certificate: {error}")))?;
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

fn certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
    match all {
        Ok(all) if !all.is_empty() => Ok(all),
        _ => Err("holds no certificate in the PEM encoding".to_owned()),
    }
}

fn versions(tls: &Tls) -> Vec<&'static SupportedProtocolVersion> {
    let tls12 = tls.tls12.then_some(&version::TLS12);
    let tls13 = tls.tls13.then_some(&version::TLS13);
    tls12.into_iter().chain(tls13).collect()
}

/// The cryptography as configured. The suites of TLS 1.3 cannot be chosen, as the format has it;
/// names of what is not to be had here are passed over unless nothing else is left.
fn provider(
    tls: &Tls,
    versions: &[&SupportedProtocolVersion],
) -> Result<CryptoProvider, (&'static str, String)> {
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
            let problem = "names no cipher suite that is spoken here: take one of ECDHE with GCM \
                           or CHACHA20";
            return Err(("cipher_suites", problem.to_owned()));
        }
    }
    if !tls.curve_preferences.is_empty() {
        let named = |name: &String| {
            let all = provider.kx_groups.iter();
            all.copied().find(|group| is_curve(*group, name))
        };
        let groups: Vec<_> = tls.curve_preferences.iter().filter_map(named).collect();
        if groups.is_empty() {
            let problem = "names no group that is spoken here: X25519, CurveP256 and CurveP384 are";
            return Err(("curve_preferences", problem.to_owned()));
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
