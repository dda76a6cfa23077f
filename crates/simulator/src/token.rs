//! The token endpoint and the tokens it has given out.
use std::collections::VecDeque;

use serde_json::json;

use super::config::WorldConfig;
use super::dice::Dice;
use super::reply::{Call, Reply};

const TOKEN_DICE: u64 = 5;
const LIFETIME_SECONDS: i64 = 7_200;
/// Most tokens remembered; older ones are no longer valid.
const MAX_TOKENS: usize = 1_000;

/// The tokens that are valid, oldest first, each with its end in Unix milliseconds.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    valid: VecDeque<(String, i64)>,
    given: u64,
}

impl Tokens {
    /// Answers a request for a token; a secret that does not hold any more is a wrong one.
    pub(super) fn issue(
        &mut self,
        config: &WorldConfig,
        secret_holds: bool,
        call: &Call<'_>,
        now_ms: i64,
    ) -> Reply {
        if call.method != "POST" {
            return Reply::error(405, "Method not allowed");
        }
        let is_form = call
            .content_type
            .is_some_and(|it| it.starts_with("application/x-www-form-urlencoded"));
        if !is_form {
            return Reply::token_error("invalid_request", "The body must be a form");
        }
        let form: Vec<(String, String)> = url::form_urlencoded::parse(call.body)
            .into_owned()
            .collect();
        let field = |name: &str| {
            form.iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
        };
        if field("grant_type") != Some("client_credentials") {
            return Reply::token_error("unsupported_grant_type", "Invalid grant_type");
        }
        let basic = call.authorization.and_then(basic_credentials);
        let known = match (&basic, field("client_id"), field("client_secret")) {
            (Some((id, secret)), ..) => *id == config.client_id && *secret == config.client_secret,
            (None, Some(id), Some(secret)) => {
                id == config.client_id && secret == config.client_secret
            }
            _ => false,
        };
        if !known || !secret_holds {
            return Reply::token_error("invalid_client", "Invalid client credentials");
        }
        let scope = field("scope").unwrap_or_default();
        if !scope.split_whitespace().any(|word| word == "stats") {
            let description = format!("\"vonage/api/{scope}\" is an invalid scope");
            return Reply::token_error("invalid_scope", &description);
        }
        self.given += 1;
        let token = Dice::new(config.seed, TOKEN_DICE, self.given)
            .guid()
            .replace('-', "");
        self.valid
            .push_back((token.clone(), now_ms + LIFETIME_SECONDS * 1000));
        if self.valid.len() > MAX_TOKENS {
            self.valid.pop_front();
        }
        let body =
            json!({"access_token": token, "expires_in": LIFETIME_SECONDS, "token_type": "Bearer"});
        Reply::json(200, body.to_string()).with("cache-control", "no-store")
    }

    /// Whether this header bears a token that is valid; the scheme may be in any letter case.
    pub(super) fn accepts(&self, authorization: Option<&str>, now_ms: i64) -> bool {
        let Some(token) = authorization.and_then(bearer) else {
            return false;
        };
        self.valid
            .iter()
            .any(|(valid, until)| valid == token && now_ms < *until)
    }

    /// The token of this header is valid no longer.
    pub(super) fn revoke(&mut self, authorization: Option<&str>) {
        let Some(token) = authorization.and_then(bearer) else {
            return;
        };
        self.valid.retain(|(valid, _)| valid != token);
    }
}

fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Id and secret of an HTTP Basic header.
fn basic_credentials(authorization: &str) -> Option<(String, String)> {
    let (scheme, encoded) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(base64(encoded.trim())?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// Decodes standard Base64; a crate for this one header would be too much.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0_u32, 0);
    for character in text.trim_end_matches('=').bytes() {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xFF).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(body: &str, authorization: Option<&str>) -> Reply {
        let content_type = Some("application/x-www-form-urlencoded");
        let path = "/Auth/connect/token";
        let body = body.as_bytes();
        let call = Call {
            method: "POST",
            path,
            query: "",
            accept: None,
            authorization,
            content_type,
            body,
        };
        Tokens::default().issue(&WorldConfig::default(), true, &call, 0)
    }

    fn text(reply: &Reply) -> &str {
        std::str::from_utf8(&reply.body).expect("text")
    }

    #[test]
    fn credentials_are_taken_from_the_form_or_from_basic() {
        let form =
            "grant_type=client_credentials&client_id=simulated&client_secret=simulated&scope=stats";
        let reply = ask(form, None);
        assert_eq!(reply.status, 200);
        assert!(
            text(&reply).contains("\"expires_in\":7200")
                && text(&reply).contains("\"token_type\":\"Bearer\"")
        );
        let basic = "grant_type=client_credentials&scope=users:read%20stats";
        assert_eq!(
            ask(basic, Some("Basic c2ltdWxhdGVkOnNpbXVsYXRlZA==")).status,
            200
        );
        let refused = ask(basic, Some("Basic c2ltdWxhdGVkOndyb25n"));
        assert_eq!(
            (refused.status, text(&refused).contains("invalid_client")),
            (400, true)
        );
    }

    #[test]
    fn errors_have_the_documented_shape() {
        let reply = ask("grant_type=password", None);
        assert_eq!(reply.status, 400);
        assert_eq!(
            text(&reply),
            r#"{"error":"unsupported_grant_type","error_description":"Invalid grant_type"}"#
        );
        let reply = ask(
            "grant_type=client_credentials&client_id=simulated&client_secret=simulated&scope=other",
            None,
        );
        assert_eq!(
            text(&reply),
            r#"{"error":"invalid_scope","error_description":"\"vonage/api/other\" is an invalid scope"}"#
        );
        assert!(
            text(&ask("grant_type=client_credentials&scope=stats", None))
                .contains("invalid_client")
        );
    }
}
