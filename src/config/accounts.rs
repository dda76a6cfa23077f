//! The block `accounts`: who is read, where, and with which secret.

use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::SecretString;
use url::Url;

use super::{
    check::Env,
    problems::Problems,
    raw::{self, Leaf, Shape},
    settings::{Account, SecretRef},
    values,
};

/// The parts of the world that have an API of their own.
const REGIONS: [&str; 3] = ["emea", "nam", "apac"];

/// The longest name of an account: it is a label of every series.
const NAME_CHARS: usize = 64;

/// Checks the block.
pub(super) fn accounts(
    raw: Shape<Vec<Shape<raw::Account>>>,
    env: Env<'_>,
    found: &mut Problems<'_>,
) -> Vec<Account> {
    if matches!(&raw, Shape::Absent | Shape::Empty)
        || matches!(&raw, Shape::Right(list) if list.is_empty())
    {
        found.add("accounts", None, "needs at least one account");
    }
    let list = found
        .shaped("accounts", raw, "a list of accounts")
        .unwrap_or_default();
    let mut seen = BTreeMap::new();
    let mut accounts = Vec::new();
    for (index, raw) in list.into_iter().enumerate() {
        let at = format!("accounts[{index}]");
        accounts.extend(account(&at, raw, &mut seen, env, found));
    }
    accounts
}

fn account(
    at: &str,
    raw: Shape<raw::Account>,
    seen: &mut BTreeMap<String, String>,
    env: Env<'_>,
    found: &mut Problems<'_>,
) -> Option<Account> {
    if let Shape::Wrong(what) = raw {
        found.add(at, None, format!("is {what}: it must be a block of keys"));
        return None;
    }
    let raw = found.block(at, raw);
    let key = |name: &str| format!("{at}.{name}");
    let name = required(&key("name"), raw.name, found)
        .and_then(|name| unique_name(&key("name"), name, seen, found));
    let allow_http = found.truth(&key("allow_http"), raw.allow_http);
    let urls = urls(
        at,
        [raw.region, raw.api_url, raw.token_url],
        allow_http.unwrap_or(false),
        found,
    );
    let client_id = required(&key("client_id"), raw.client_id, found);
    let secrets = [
        raw.client_secret_file,
        raw.client_secret_env,
        raw.client_secret_credential,
    ];
    let secret = secret(at, secrets, env, found);
    let (api_url, token_url) = urls?;
    Some(Account {
        name: name?,
        api_url,
        token_url,
        client_id: client_id?,
        secret: secret?,
    })
}

fn required(key: &str, leaf: Leaf, found: &mut Problems<'_>) -> Option<String> {
    if matches!(leaf, Shape::Absent) {
        found.add(key, None, "is required");
    }
    found.word(key, leaf)
}

fn unique_name(
    key: &str,
    name: String,
    seen: &mut BTreeMap<String, String>,
    found: &mut Problems<'_>,
) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    if name.len() > NAME_CHARS || !name.chars().all(plain) {
        let problem = format!("must be 1 to {NAME_CHARS} of the characters A-Z a-z 0-9 _ . -");
        found.add(key, Some(&name), problem);
        return None;
    }
    if let Some(first) = seen.get(&name) {
        found.add(key, Some(&name), format!("is the name of {first} already"));
        return None;
    }
    seen.insert(name.clone(), key.trim_end_matches(".name").to_owned());
    Some(name)
}

fn urls(
    at: &str,
    [region, api, token]: [Leaf; 3],
    allow_http: bool,
    found: &mut Problems<'_>,
) -> Option<(Url, Url)> {
    let absent = |leaf: &Leaf| matches!(leaf, Shape::Absent);
    if absent(&region) && (absent(&api) || absent(&token)) {
        let problem = "needs a region (emea, nam or apac), or both api_url and token_url";
        found.add(at, None, problem);
    }
    let region = found.parsed(&format!("{at}.region"), region, |text| {
        let known = REGIONS.contains(&text);
        known
            .then(|| text.to_owned())
            .ok_or_else(|| "is not a region: allowed are emea, nam and apac".to_owned())
    });
    let mut url = |name: &str, leaf: Leaf, of_region: &dyn Fn(&str) -> String| {
        if absent(&leaf) {
            Url::parse(&of_region(region.as_deref()?)).ok()
        } else {
            found.parsed(&format!("{at}.{name}"), leaf, |text| {
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
    Some((api?, token?))
}

/// The keys a secret may stand behind, each with what reads it.
const SECRET_KEYS: &str = "client_secret_file, client_secret_env or client_secret_credential";

/// Resolves the secret. What stands behind these keys is never shown: now and
/// then the secret itself is put there.
fn secret(
    at: &str,
    [file, variable, credential]: [Leaf; 3],
    env: Env<'_>,
    found: &mut Problems<'_>,
) -> Option<SecretRef> {
    let given = [&file, &variable, &credential].map(|leaf| !matches!(leaf, Shape::Absent));
    match given {
        [true, false, false] => found
            .path(&format!("{at}.client_secret_file"), file)
            .map(SecretRef::File),
        [false, true, false] => from_variable(at, variable, env, found),
        [false, false, true] => from_credential(at, credential, env, found),
        [false, false, false] => {
            found.add(at, None, format!("needs {SECRET_KEYS}"));
            None
        }
        _ => {
            let problem = format!("has more than one of {SECRET_KEYS}: keep one");
            found.add(at, None, problem);
            None
        }
    }
}

fn from_variable(
    at: &str,
    variable: Leaf,
    env: Env<'_>,
    found: &mut Problems<'_>,
) -> Option<SecretRef> {
    let key = format!("{at}.client_secret_env");
    let variable = found.word(&key, variable)?;
    let value = env(&variable).unwrap_or_default();
    // `export X="$(cat file)"` and its relatives differ in the last line end.
    let value = value.trim_end_matches(['\r', '\n']);
    if value.trim().is_empty() {
        let problem = "names an environment variable that is not set or is empty";
        found.add(&key, None, problem);
        return None;
    }
    Some(SecretRef::Value(SecretString::from(value)))
}

/// A credential of systemd's `LoadCredential=`: a file in the directory that it names in
/// `CREDENTIALS_DIRECTORY` (systemd.exec(5)).
fn from_credential(
    at: &str,
    credential: Leaf,
    env: Env<'_>,
    found: &mut Problems<'_>,
) -> Option<SecretRef> {
    let key = format!("{at}.client_secret_credential");
    let name = found.word(&key, credential)?;
    if name.contains('/') || name == ".." {
        found.add(&key, None, "must be the name of a credential, not a path");
        return None;
    }
    match env("CREDENTIALS_DIRECTORY").filter(|directory| !directory.is_empty()) {
        Some(directory) => Some(SecretRef::File(PathBuf::from(directory).join(name))),
        None => {
            let problem = "needs a service manager that sets CREDENTIALS_DIRECTORY, as systemd does \
                           for LoadCredential=";
            found.add(&key, None, problem);
            None
        }
    }
}
