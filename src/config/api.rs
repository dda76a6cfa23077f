//! The block `api`: proxy and CA certificates.

use std::path::PathBuf;

use super::{keys, values};
use vcc_net::http::{HttpSettings, Proxy};
use vcc_vonage::RetrySettings;
use vcc_yaml::{Raw, Validator, set};

/// Hosts that are always reached without the proxy.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.0/8", "::1"];

/// How the APIs of all accounts are reached. The two files are read when the transport is made.
#[derive(Debug, Clone, Default)]
pub struct Api {
    /// Without the contents of the two files.
    pub http: HttpSettings,
    /// Retries and the limit on requests, per account.
    pub retry: RetrySettings,
    /// CA certificates to trust besides those of the system.
    pub ca_file: Option<PathBuf>,
    /// Holds `user:password` for [`Proxy::Through`].
    pub proxy_credentials_file: Option<PathBuf>,
}

pub(super) fn api(raw: Raw<keys::Api>, errors: &mut Validator<'_>) -> Api {
    let raw = errors.section("api", raw);
    let mut api = Api::default();
    set(
        &mut api.http.proxy,
        errors.parsed("api.proxy", raw.proxy, values::proxy),
    );
    let file = errors.path("api.proxy_credentials_file", raw.proxy_credentials_file);
    let hosts = errors.value("api.no_proxy", raw.no_proxy, "a list of hosts");
    let hosts = hosts.unwrap_or_default().into_iter().enumerate();
    let hosts: Vec<_> = hosts
        .filter_map(|(index, raw)| errors.word(&format!("api.no_proxy[{index}]"), raw))
        .collect();
    if let Proxy::Through { except, .. } = &mut api.http.proxy {
        let hosts = hosts.iter().map(String::as_str);
        *except = LOOPBACK
            .into_iter()
            .chain(hosts)
            .collect::<Vec<_>>()
            .join(",");
        api.proxy_credentials_file = file;
    } else if file.is_some() || !hosts.is_empty() {
        let problem = "must be the URL of a proxy, since there are settings for one";
        errors.add("api.proxy", None, problem);
    }
    api.ca_file = errors.path("api.ca_file", raw.ca_file);
    api
}
