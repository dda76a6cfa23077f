//! The keys of the web configuration file, each with its documentation, its default and what is
//! allowed.

use std::collections::BTreeMap;

use vcc_yaml::{Raw, Scalar, sections};

sections! {
    /// The whole file of `--web.config.file`.
    WebFile {
        /// TLS; without this block plain HTTP is served.
        tls_server_config: Raw<TlsServer>;
        /// How answers look.
        http_server_config: Raw<HttpServer>;
        /// The bcrypt hashes of passwords by user: `htpasswd -nBC 10 ""` makes one. Without users
        /// everybody is served. `/-/healthy` and `/-/ready` need no password.
        basic_auth_users: Raw<BTreeMap<String, Scalar>>, allowed("per user a hash of a cost of 4 to 18");
        /// How many requests are answered: a bucket that each takes one from.
        rate_limit: Raw<RateLimit>;
    }
    /// The block `tls_server_config` of that file.
    TlsServer {
        /// The server's certificate itself (PEM), followed by those between it and its authority.
        cert: Scalar, allowed("one of cert and cert_file");
        /// The key itself.
        key: Scalar, allowed("one of key and key_file");
        /// The authorities of clients themselves.
        client_ca: Scalar;
        /// The file of the server's certificate.
        cert_file: Scalar, allowed("one of cert and cert_file");
        /// The file of its key.
        key_file: Scalar, allowed("one of key and key_file");
        /// Whether clients are asked for a certificate, and whether it is verified. What protects is
        /// `RequireAndVerifyClientCert`.
        client_auth_type: Scalar, default "NoClientCert",
            allowed("NoClientCert, RequestClientCert, RequireAnyClientCert, VerifyClientCertIfGiven or RequireAndVerifyClientCert");
        /// The file of the authorities that may issue certificates of clients.
        client_ca_file: Scalar;
        /// Names (DNS, IP address, e-mail, URI) one of which a client's certificate must have.
        client_allowed_sans: Raw<Vec<Scalar>>, allowed("a list");
        /// The lowest version that is spoken. TLS 1.0 and 1.1 are not, whatever is written here.
        min_version: Scalar, default "TLS12", allowed("TLS12 or TLS13");
        /// The highest version that is spoken.
        max_version: Scalar, default "TLS13", allowed("TLS12 or TLS13");
        /// Cipher suites of TLS 1.2 by the names Go has for them. Those with CBC are not spoken.
        cipher_suites: Raw<Vec<Scalar>>, allowed("a list");
        /// Whether the order of these counts, or the client's.
        prefer_server_cipher_suites: Scalar, default "true", allowed("true or false");
        /// Groups of the key exchange. `CurveP521` is not spoken.
        curve_preferences: Raw<Vec<Scalar>>, allowed("X25519, CurveP256, CurveP384");
    }
    /// The block `http_server_config` of that file.
    HttpServer {
        /// Whether HTTP/2 is spoken with clients over TLS.
        http2: Scalar, default "true", allowed("true or false");
        /// Headers of every answer: `Content-Security-Policy`, `Strict-Transport-Security`,
        /// `X-Content-Type-Options`, `X-Frame-Options`, `X-XSS-Protection`.
        headers: Raw<BTreeMap<String, Scalar>>;
    }
    /// The block `rate_limit` of that file.
    RateLimit {
        /// The time in which the bucket gains one request; `0` for no limit.
        interval: Scalar, default "0", allowed("such as 100ms");
        /// How many requests it holds.
        burst: Scalar, default "0", allowed(whole u32 0..=1_000_000);
    }
}
