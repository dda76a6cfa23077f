//! Certificates made for a test.

use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, SanType, SerialNumber,
};

/// One that issues certificates.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// What a certificate is for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub serial: u64,
    pub names: Vec<SanType>,
    pub purposes: Vec<ExtendedKeyUsagePurpose>,
    pub is_over: bool,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "authority");
        let key = KeyPair::generate().unwrap();
        Authority(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate and its key.
    pub fn issue(&self, wanted: Wanted) -> (String, String) {
        let mut params = CertificateParams::default();
        params.serial_number = Some(SerialNumber::from(wanted.serial));
        params.subject_alt_names = wanted.names;
        params.extended_key_usages = wanted.purposes;
        if wanted.is_over {
            params.not_after = rcgen::date_time_ymd(2001, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    /// Issues a certificate for the server and writes it where the configuration of [`serves`]
    /// finds it.
    ///
    /// [`serves`]: Authority::serves
    pub fn put(&self, folder: &Path, serial: u64) {
        let names = vec![SanType::DnsName("localhost".try_into().unwrap())];
        let (certificate, key) = self.issue(Wanted {
            serial,
            names,
            ..Wanted::default()
        });
        std::fs::write(folder.join("server.crt"), certificate).unwrap();
        std::fs::write(folder.join("server.key"), key).unwrap();
    }

    /// Writes a web configuration with a certificate of its own, number 1, and more.
    pub fn serves(&self, folder: &Path, more: &str) -> PathBuf {
        self.put(folder, 1);
        let text =
            format!("tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n{more}");
        let file = folder.join("web.yml");
        std::fs::write(&file, text).unwrap();
        file
    }
}
