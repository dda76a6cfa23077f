//! What every request passes: the limit on requests, authentication, and the headers of responses.

mod passwords;
mod request_limiter;
mod settings_watcher;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{SecretString, zeroize::Zeroizing};

use self::passwords::AuthResult;
pub use self::settings_watcher::{WebSecurity, WebSettingsWatcher};

/// Requests without authentication and without limit, for service managers. They only learn that the
/// process is alive.
const OPEN_TO_ALL: [&str; 2] = ["/-/healthy", "/-/ready"];

/// The headers of every response unless configured otherwise: the pages load nothing from
/// elsewhere, run no scripts and cannot be framed.
const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'",
        ),
    ),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("deny")),
];

/// Passes a request on, or rejects it.
pub(super) async fn authenticate(
    State(settings): State<Arc<WebSettingsWatcher>>,
    request: Request,
    next: Next,
) -> Response {
    let security = settings.current();
    let connected = request.extensions().get::<Arc<WebSecurity>>();
    if connected.is_some_and(|then| then.tls_fingerprint != security.tls_fingerprint) {
        // RFC 9110, section 15.5.20; the client makes another connection.
        let mut rejection = reject(
            StatusCode::MISDIRECTED_REQUEST,
            "More is demanded of a connection now. Make another one.\n",
        );
        let close = HeaderValue::from_static("close");
        rejection.headers_mut().insert(header::CONNECTION, close);
        return rejection;
    }
    let admitted = admit(
        &settings,
        &security,
        request.uri().path(),
        request.headers(),
    )
    .await;
    let mut response = match admitted {
        Ok(()) => next.run(request).await,
        Err(rejection) => rejection,
    };
    let configured = security.file.headers.iter().cloned();
    let headers = response.headers_mut();
    for (name, value) in HEADERS.into_iter().chain(configured) {
        headers.insert(name, value);
    }
    response
}

async fn admit(
    settings: &WebSettingsWatcher,
    security: &WebSecurity,
    path: &str,
    headers: &HeaderMap,
) -> Result<(), Response> {
    if OPEN_TO_ALL.contains(&path) {
        return Ok(());
    }
    let limit = security.file.rate_limit;
    if limit.is_some_and(|limit| !settings.limiter().try_acquire(limit)) {
        return Err(reject(
            StatusCode::TOO_MANY_REQUESTS,
            "Too many requests.\n",
        ));
    }
    let users = &security.file.users;
    if users.is_empty() {
        return Ok(());
    }
    let result = match credentials(headers) {
        Some((user, password)) => settings.passwords.verify(users, &user, password).await,
        None => AuthResult::Invalid,
    };
    match result {
        AuthResult::Valid => Ok(()),
        AuthResult::Busy => Err(reject(
            StatusCode::SERVICE_UNAVAILABLE,
            "Too many passwords are being judged. Come again.\n",
        )),
        AuthResult::Invalid => {
            let mut rejection =
                reject(StatusCode::UNAUTHORIZED, "A user and a password, please.\n");
            let challenge =
                HeaderValue::from_static(r#"Basic realm="vcc-exporter", charset="UTF-8""#);
            rejection
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
            Err(rejection)
        }
    }
}

fn reject(status: StatusCode, words: &'static str) -> Response {
    (status, words).into_response()
}

/// The user and the password of a request (RFC 7617).
fn credentials(headers: &HeaderMap) -> Option<(String, SecretString)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = Zeroizing::new(STANDARD.decode(encoded.trim()).ok()?);
    let text = std::str::from_utf8(&bytes).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), SecretString::from(password)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_read_as_the_specification_has_them() {
        let of = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            credentials(&headers).map(|(user, password)| {
                use secrecy::ExposeSecret;
                (user, password.expose_secret().to_owned())
            })
        };
        let pair = |user: &str, password: &str| Some((user.to_owned(), password.to_owned()));
        // The example of RFC 7617, section 2.
        let example = "QWxhZGRpbjpvcGVuIHNlc2FtZQ==";
        assert_eq!(
            of(&format!("Basic {example}")),
            pair("Aladdin", "open sesame")
        );
        assert_eq!(
            of(&format!("bAsIc {example}")),
            pair("Aladdin", "open sesame")
        );
        assert_eq!(
            of(&format!("Basic {}", STANDARD.encode("a:b:c"))),
            pair("a", "b:c")
        );
        assert_eq!(of(&format!("Basic {}", STANDARD.encode("a"))), None);
        assert_eq!(of(&format!("Bearer {example}")), None);
        assert_eq!(of("Basic %"), None);
        assert_eq!(of("Basic"), None);
    }
}
