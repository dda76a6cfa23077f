//! The block `accounts`: who is read, where, and with which secret.

use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::SecretString;
use url::Url;

use super::env::Env;
use super::{keys, values};
use vcc_net::secret::SecretSource;
use vcc_vonage::{Credentials, Endpoints};
use vcc_yaml::{Raw, Scalar, Validator};

/// One contact center and how to sign in to it.
#[derive(Debug, Clone)]
pub struct Account {
    /// The value of the `account` label: 1 to 64 of `A-Z a-z 0-9 _ . -`.
    pub name: String,
    /// https, or http on a loopback host or where it is allowed.
    pub endpoints: Endpoints,
    /// The file of a secret is read when a token is requested; loading the configuration does not
    /// open it.
    pub credentials: Credentials,
}

const REGIONS: [&str; 3] = ["emea", "nam", "apac"];

/// The longest name of an account: it is a label of every series.
const NAME_CHARS: usize = 64;

pub(super) fn accounts(
    raw: Raw<Vec<Raw<keys::Account>>>,
    env: Env<'_>,
    errors: &mut Validator<'_>,
) -> Vec<Account> {
    if matches!(&raw, Raw::Absent | Raw::Empty)
        || matches!(&raw, Raw::Value(list) if list.is_empty())
    {
        errors.add("accounts", None, "needs at least one account");
    }
    let list = errors
        .value("accounts", raw, "a list of accounts")
        .unwrap_or_default();
    let mut seen = BTreeMap::new();
    let mut accounts = Vec::new();
    for (index, raw) in list.into_iter().enumerate() {
        let at = format!("accounts[{index}]");
        accounts.extend(account(&at, raw, &mut seen, env, errors));
    }
    accounts
}

fn account(
    at: &str,
    raw: Raw<keys::Account>,
    seen: &mut BTreeMap<String, String>,
    env: Env<'_>,
    errors: &mut Validator<'_>,
) -> Option<Account> {
    if let Raw::WrongType(what) = raw {
        errors.add(at, None, format!("is {what}: it must be a block of keys"));
        return None;
    }
    let raw = errors.section(at, raw);
    let key = |name: &str| format!("{at}.{name}");
    let name = required(&key("name"), raw.name, errors)
        .and_then(|name| unique_name(&key("name"), name, seen, errors));
    let allow_http = errors.parse_bool(&key("allow_http"), raw.allow_http);
    let endpoints = endpoints(
        at,
        [raw.region, raw.api_url, raw.token_url],
        allow_http.unwrap_or(false),
        errors,
    );
    let client_id = required(&key("client_id"), raw.client_id, errors);
    let secrets = [
        raw.client_secret_file,
        raw.client_secret_env,
        raw.client_secret_credential,
    ];
    let secret = secret(at, secrets, env, errors);
    let endpoints = endpoints?;
    Some(Account {
        name: name?,
        endpoints,
        credentials: Credentials {
            client_id: client_id?,
            secret: secret?,
        },
    })
}

fn required(key: &str, raw: Scalar, errors: &mut Validator<'_>) -> Option<String> {
    if matches!(raw, Raw::Absent) {
        errors.add(key, None, "is required");
    }
    errors.word(key, raw)
}

fn unique_name(
    key: &str,
    name: String,
    seen: &mut BTreeMap<String, String>,
    errors: &mut Validator<'_>,
) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    if name.len() > NAME_CHARS || !name.chars().all(plain) {
        let problem = format!("must be 1 to {NAME_CHARS} of the characters A-Z a-z 0-9 _ . -");
        errors.add(key, Some(&name), problem);
        return None;
    }
    if let Some(first) = seen.get(&name) {
        errors.add(key, Some(&name), format!("is the name of {first} already"));
        return None;
    }
    seen.insert(name.clone(), key.trim_end_matches(".name").to_owned());
    Some(name)
}

fn endpoints(
    at: &str,
    [region, api, token]: [Scalar; 3],
    allow_http: bool,
    errors: &mut Validator<'_>,
) -> Option<Endpoints> {
    let absent = |raw: &Scalar| matches!(raw, Raw::Absent);
    if absent(&region) && (absent(&api) || absent(&token)) {
        let problem = "needs a region (emea, nam or apac), or both api_url and token_url";
        errors.add(at, None, problem);
    }
    let region = errors.parsed(&format!("{at}.region"), region, |text| {
        let known = REGIONS.contains(&text);
        known
            .then(|| text.to_owned())
            .ok_or_else(|| "is not a region: allowed are emea, nam and apac".into())
    });
    let mut url = |name: &str, raw: Scalar, of_region: &dyn Fn(&str) -> String| {
        if absent(&raw) {
            Url::parse(&of_region(region.as_deref()?)).ok()
        } else {
            errors.parsed(&format!("{at}.{name}"), raw, |text| {
                values::service_url(text, allow_http)
            })
        }
    };
    let api = url("api_url", api, &|region| {
        format!("https://{region}.api.newvoicemedia.com")
    });
    let token = url("token_url", token, &|region| {
        format!("https://{region}.newvoicemedia.com/Auth/connect/token")
    });
    Some(Endpoints {
        api_url: api?,
        token_url: token?,
    })
}

/// The keys a secret may stand behind, each with what reads it.
const SECRET_KEYS: &str = "client_secret_file, client_secret_env or client_secret_credential";

/// Resolves the secret. What stands behind these keys is never shown: now and
/// then the secret itself is put there.
fn secret(
    at: &str,
    [file, variable, credential]: [Scalar; 3],
    env: Env<'_>,
    errors: &mut Validator<'_>,
) -> Option<SecretSource> {
    let given = [&file, &variable, &credential].map(|raw| !matches!(raw, Raw::Absent));
    match given {
        [true, false, false] => errors
            .path(&format!("{at}.client_secret_file"), file)
            .map(SecretSource::File),
        [false, true, false] => from_variable(at, variable, env, errors),
        [false, false, true] => from_credential(at, credential, env, errors),
        [false, false, false] => {
            errors.add(at, None, format!("needs {SECRET_KEYS}"));
            None
        }
        _ => {
            let problem = format!("has more than one of {SECRET_KEYS}: keep one");
            errors.add(at, None, problem);
            None
        }
    }
}

fn from_variable(
    at: &str,
    variable: Scalar,
    env: Env<'_>,
    errors: &mut Validator<'_>,
) -> Option<SecretSource> {
    let key = format!("{at}.client_secret_env");
    let variable = errors.word(&key, variable)?;
    let value = env(&variable).unwrap_or_default();
    // `export X="$(cat file)"` and its relatives differ in the last line end.
    let value = value.trim_end_matches(['\r', '\n']);
    if value.trim().is_empty() {
        let problem = "names an environment variable that is not set or is empty";
        errors.add(&key, None, problem);
        return None;
    }
    Some(SecretSource::Value(SecretString::from(value)))
}

/// A credential of systemd's `LoadCredential=`: a file in the directory that it names in
/// `CREDENTIALS_DIRECTORY` (systemd.exec(5)).
fn from_credential(
    at: &str,
    credential: Scalar,
    env: Env<'_>,
    errors: &mut Validator<'_>,
) -> Option<SecretSource> {
    let key = format!("{at}.client_secret_credential");
    let name = errors.word(&key, credential)?;
    if name.contains('/') || name == ".." {
        errors.add(&key, None, "must be the name of a credential, not a path");
        return None;
    }
    match env("CREDENTIALS_DIRECTORY").filter(|directory| !directory.is_empty()) {
        Some(directory) => Some(SecretSource::File(PathBuf::from(directory).join(name))),
        None => {
            let problem = "needs a service manager that sets CREDENTIALS_DIRECTORY, as systemd does \
                           for LoadCredential=";
            errors.add(&key, None, problem);
            None
        }
    }
}
