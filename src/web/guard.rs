//! What every request passes: how many are answered, who asks, and which headers an answer has.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{SecretString, zeroize::Zeroizing};
use tokio::time::Instant;

use super::access::{Access, Terms};
use super::passwords::Verdict;
use crate::config::RateLimit;
use crate::net::rate_limit::TokenBucket;

/// What a service manager asks without a password and as often as it likes. It learns that the process
/// lives, no more.
const OPEN_TO_ALL: [&str; 2] = ["/-/healthy", "/-/ready"];

/// The headers of every answer, unless the operator has others: the pages load nothing from
/// elsewhere, run nothing and are not to be framed.
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

/// Lets a request pass, or answers it.
pub(super) async fn guard(
    State(access): State<Arc<Access>>,
    request: Request,
    next: Next,
) -> Response {
    let terms = access.terms();
    let made = request.extensions().get::<Arc<Terms>>();
    if made.is_some_and(|made| made.demands != terms.demands) {
        // RFC 9110, section 15.5.20; who asks makes another connection.
        let mut refusal = refuse(
            StatusCode::MISDIRECTED_REQUEST,
            "More is demanded of a connection now. Make another one.\n",
        );
        let close = HeaderValue::from_static("close");
        refusal.headers_mut().insert(header::CONNECTION, close);
        return refusal;
    }
    let mut response = match admit(&access, &terms, request.uri().path(), request.headers()).await {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal,
    };
    let configured = terms.file.headers.iter().cloned();
    let headers = response.headers_mut();
    for (name, value) in HEADERS.into_iter().chain(configured) {
        headers.insert(name, value);
    }
    response
}

async fn admit(
    access: &Access,
    terms: &Terms,
    path: &str,
    headers: &HeaderMap,
) -> Result<(), Response> {
    if OPEN_TO_ALL.contains(&path) {
        return Ok(());
    }
    let limit = terms.file.rate_limit;
    if limit.is_some_and(|limit| !access.gate().lets_pass(limit)) {
        return Err(refuse(
            StatusCode::TOO_MANY_REQUESTS,
            "Too many requests.\n",
        ));
    }
    let users = &terms.file.users;
    if users.is_empty() {
        return Ok(());
    }
    let verdict = match credentials(headers) {
        Some((user, password)) => access.passwords.judge(users, &user, password).await,
        None => Verdict::Wrong,
    };
    match verdict {
        Verdict::Right => Ok(()),
        Verdict::Busy => Err(refuse(
            StatusCode::SERVICE_UNAVAILABLE,
            "Too many passwords are being judged. Come again.\n",
        )),
        Verdict::Wrong => {
            let mut refusal = refuse(StatusCode::UNAUTHORIZED, "A user and a password, please.\n");
            let challenge =
                HeaderValue::from_static(r#"Basic realm="vcc-exporter", charset="UTF-8""#);
            refusal
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
            Err(refusal)
        }
    }
}

fn refuse(status: StatusCode, words: &'static str) -> Response {
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

/// Counts the requests against the limit that is configured now.
#[derive(Debug)]
pub(super) struct Gate {
    /// The origin of the bucket's times.
    opened: Instant,
    /// The limit, and what is left of it. A limit that changes begins anew.
    limited: Option<(RateLimit, TokenBucket)>,
}

impl Gate {
    pub fn new() -> Self {
        Gate {
            opened: Instant::now(),
            limited: None,
        }
    }

    /// Whether one more request may pass. With a burst of 0 none ever does, as the format has it.
    fn lets_pass(&mut self, limit: RateLimit) -> bool {
        let Some(burst) = NonZeroU32::new(limit.burst) else {
            return false;
        };
        let bucket = match &mut self.limited {
            Some((of, bucket)) if *of == limit => bucket,
            limited => {
                let bucket = TokenBucket::new(limit.interval, burst);
                &mut limited.insert((limit, bucket)).1
            }
        };
        bucket.try_acquire(self.opened.elapsed()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn as_many_pass_at_once_as_the_limit_of_now_has_it() {
        let interval = Duration::from_secs(1);
        let mut gate = Gate::new();
        let mut passed = |burst| {
            let limit = RateLimit { interval, burst };
            (0..10).filter(|_| gate.lets_pass(limit)).count()
        };
        assert_eq!([3, 3, 5, 0].map(&mut passed), [3, 0, 5, 0]);
        tokio::time::advance(interval).await;
        assert_eq!([5, 5].map(passed), [1, 0]);
    }

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
