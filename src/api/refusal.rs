//! Reads an answer that is not a page: which error it is, and what of the
//! server's own words may be repeated.
use std::time::SystemTime;

use serde_json::Value;

use super::error::{FetchError, Place};
use super::pace::parse_retry_after;
use super::transport::Response;

/// How much of a foreign text goes into an error: enough for every documented
/// message, too little to flood a log.
pub const MAX_MESSAGE_CHARS: usize = 200;

/// What stands where a server's message repeated a secret.
const REDACTED: &str = "[redacted]";

/// The error that an API answer with a status other than 200 stands for.
/// `secrets` is what the answer must not be quoted with.
pub(super) fn of_api(at: Place, response: &Response, secrets: &[&str]) -> FetchError {
    let status = response.status;
    let message = Said::read(response, secrets).message();
    match status {
        400 => FetchError::BadRequest { at, message },
        401 => FetchError::Unauthorized { at },
        403 => FetchError::Forbidden { at, message },
        _ => of_any(at, response, message),
    }
}

/// The error that a token answer with a status other than 200 stands for.
/// Every refusal there is about the credentials, whichever 4xx it comes with.
pub(super) fn of_token(at: Place, response: &Response, secrets: &[&str]) -> FetchError {
    let said = Said::read(response, secrets);
    if !matches!(response.status, 400 | 401 | 403) {
        return of_any(at, response, said.message());
    }
    let description = said.explanation.unwrap_or_default();
    match said.error {
        Some(code) if code == "invalid_scope" => FetchError::InvalidScope { at, description },
        code => FetchError::TokenRefused {
            at,
            error: code.unwrap_or_else(|| format!("status {}", response.status)),
            description,
        },
    }
}

/// The statuses that mean the same everywhere.
fn of_any(at: Place, response: &Response, message: String) -> FetchError {
    let status = response.status;
    let header = response.retry_after.as_deref();
    let retry_after = header.and_then(|value| parse_retry_after(value, SystemTime::now()));
    match status {
        404 => FetchError::NotFound { at },
        429 => FetchError::Throttled { at, retry_after },
        500..=599 => FetchError::ServerError {
            at,
            status,
            retry_after,
            message,
        },
        _ => FetchError::UnexpectedStatus {
            at,
            status,
            message,
        },
    }
}

/// What an error body says, sanitised. Three shapes exist: `message`;
/// `statusCode`, `error` and `message`; `error` and `error_description`.
struct Said {
    error: Option<String>,
    explanation: Option<String>,
}

impl Said {
    fn read(response: &Response, secrets: &[&str]) -> Self {
        if response.status < 400 {
            // This is no error text: it may be a token, or a page of people.
            return Self {
                error: None,
                explanation: None,
            };
        }
        let Ok(body) = serde_json::from_slice::<Value>(&response.body) else {
            // A gateway's own page: its beginning usually names the gateway.
            let text = sanitise(&String::from_utf8_lossy(&response.body), secrets);
            return Self {
                error: None,
                explanation: Some(text),
            };
        };
        let field = |name| Some(sanitise(body.get(name)?.as_str()?, secrets));
        Self {
            error: field("error"),
            explanation: field("message").or_else(|| field("error_description")),
        }
    }

    /// The explanation, or at least the error's name.
    fn message(self) -> String {
        self.explanation.or(self.error).unwrap_or_default()
    }
}

/// Makes a foreign text fit to be shown: control and direction characters are
/// removed, runs of white space become one blank, secrets it repeats are cut
/// out, and what is longer than [`MAX_MESSAGE_CHARS`] is cut off.
pub fn sanitise(text: &str, secrets: &[&str]) -> String {
    let mut shown = visible(text);
    // After the text, and in the same way: what comes between the halves of a
    // secret may be what is removed.
    for secret in secrets.iter().map(|secret| visible(secret)) {
        if !secret.is_empty() {
            shown = shown.replace(&secret, REDACTED);
        }
    }
    shown.chars().take(MAX_MESSAGE_CHARS).collect()
}

/// What of a text is seen, on one line.
fn visible(text: &str) -> String {
    let visible: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .collect();
    let words: Vec<&str> = visible.split(' ').filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Characters that show nothing but can turn or hide the text around them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Operation;

    fn at() -> Place {
        Place {
            operation: Operation::Interactions,
            host: "api.example.com".into(),
        }
    }

    fn answer(status: u16, body: &'static str) -> Response {
        Response {
            status,
            body: body.into(),
            ..Response::default()
        }
    }

    #[test]
    fn all_three_error_shapes_are_read() {
        let window = r#"{"message":"Request window size limit exceeded 31 days"}"#;
        let version = r#"{"statusCode":400,"error":"Bad Request","message":"Invalid api-version! Valid values: 2,3"}"#;
        let token =
            r#"{"error":"unsupported_grant_type","error_description":"Invalid grant_type"}"#;
        for (body, want) in [
            (window, "Request window size limit exceeded 31 days"),
            (version, "Invalid api-version! Valid values: 2,3"),
            (token, "Invalid grant_type"),
            (r#"{"error":"nothing more"}"#, "nothing more"),
            (r#"{"message":7}"#, ""),
            ("[]", ""),
            ("<h1>Bad\n gateway</h1>", "<h1>Bad gateway</h1>"),
        ] {
            let message = want.to_owned();
            assert_eq!(
                of_api(at(), &answer(400, body), &[]),
                FetchError::BadRequest { at: at(), message }
            );
        }
        let refused = FetchError::TokenRefused {
            at: at(),
            error: "unsupported_grant_type".into(),
            description: "Invalid grant_type".into(),
        };
        assert_eq!(of_token(at(), &answer(400, token), &[]), refused);
    }

    #[test]
    fn the_body_of_a_success_is_never_quoted() {
        for refuse in [of_api, of_token] {
            let error = refuse(at(), &answer(206, "+4420794600"), &[]);
            assert!(!format!("{error} {error:?}").contains("+44"), "{error:?}");
        }
    }

    #[test]
    fn foreign_texts_are_made_harmless() {
        assert_eq!(sanitise("a\x1b[31mb\r\nc\u{202e}d\0", &[]), "a[31mb cd");
        assert_eq!(sanitise(&"ä".repeat(500), &[]).chars().count(), 200);
        let echoed = sanitise("client_secret=s3cret&x", &["", "s3cret"]);
        assert_eq!(echoed, "client_secret=[redacted]&x");
        assert_eq!(sanitise("s3c\u{200b}r\0et", &["s3cret"]), "[redacted]");
        assert_eq!(sanitise("my  s3c\nret", &["s3c\tret "]), "my [redacted]");
    }

    #[test]
    fn every_status_has_its_reason() {
        for (status, api, token) in [
            (204, "unexpected_status", "unexpected_status"),
            (206, "unexpected_status", "unexpected_status"),
            (400, "bad_request", "token_refused"),
            (401, "unauthorized", "token_refused"),
            (403, "forbidden", "token_refused"),
            (404, "not_found", "not_found"),
            (418, "unexpected_status", "unexpected_status"),
            (429, "throttled", "throttled"),
            (500, "server_error", "server_error"),
            (524, "server_error", "server_error"),
        ] {
            assert_eq!(of_api(at(), &answer(status, ""), &[]).reason(), api);
            assert_eq!(of_token(at(), &answer(status, ""), &[]).reason(), token);
        }
    }

    #[test]
    fn every_reason_is_on_the_published_list() {
        for status in 100..=599 {
            let reason = of_api(at(), &answer(status, ""), &[]).reason();
            assert!(FetchError::REASONS.contains(&reason), "{reason}");
        }
    }
}
