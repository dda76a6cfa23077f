//! What an error says at three in the morning: what happened, where, and what
//! to look at.
use std::fmt;

use super::error::FetchError;

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unauthorized { at } => write!(
                f,
                "{at}: refused a new token too (401); check that the API URL and the token URL \
                 belong to the same region and account"
            ),
            Self::Forbidden { at, message } => write!(
                f,
                "{at}: denied (403){}; check that these credentials may read statistics and \
                 that this network address is allowed",
                after_colon(message)
            ),
            Self::TokenRefused {
                at,
                error,
                description,
            } => write!(
                f,
                "{at}: credentials refused: {error}{}; check the client id, its secret, and \
                 that the token URL is of the account's region",
                after_colon(description)
            ),
            Self::InvalidScope { at, description } => write!(
                f,
                "{at}: the credentials lack the `stats` scope{}; add it to them in the \
                 account's administration",
                after_colon(description)
            ),
            Self::TokenUnreadable { at, content_type } => write!(
                f,
                "{at}: the answer ({}) holds no usable token; check that the token URL is \
                 right and that no proxy answers in its place",
                content_type.as_deref().unwrap_or("of no stated type")
            ),
            Self::Secret { path, cause } => {
                write!(f, "client secret file {}: {cause}", path.display())
            }
            Self::BadRequest { at, message } => {
                write!(f, "{at}: not accepted (400){}", after_colon(message))
            }
            Self::NotFound { at } => write!(
                f,
                "{at}: nothing there (404); check the region and the path of the URL"
            ),
            Self::Throttled { at, retry_after } => {
                write!(f, "{at}: too many requests (429)")?;
                if let Some(wait) = retry_after {
                    write!(f, ", asked to wait {} s", wait.as_secs())?;
                }
                f.write_str(
                    "; the limit is shared by all integrations of the account: lower the \
                     request budget here or there",
                )
            }
            Self::ServerError {
                at,
                status,
                message,
                ..
            } => write!(
                f,
                "{at}: the server failed ({status}){}; it is asked again, for less if this goes on",
                after_colon(message)
            ),
            Self::UnexpectedStatus {
                at,
                status,
                message,
            } => write!(
                f,
                "{at}: unexpected status {status}{}; check the URL and any proxy on the way",
                after_colon(message)
            ),
            Self::Timeout { at } => write!(
                f,
                "{at}: no complete answer in time; it is asked again, for less if this goes on"
            ),
            Self::Connect { at, cause } => write!(
                f,
                "{at}: no connection{}; check name lookup, firewall, proxy and CA certificates",
                after_colon(cause)
            ),
            Self::Interrupted { at, cause } => write!(
                f,
                "{at}: the connection broke before the answer was whole{}",
                after_colon(cause)
            ),
            Self::TooLarge { at, limit } => write!(
                f,
                "{at}: the answer is larger than {} MiB and was dropped; lower the page size \
                 if this goes on",
                limit >> 20
            ),
            Self::Redirect { at, to_host } => write!(
                f,
                "{at}: a redirect to {} was not followed, so as not to take the token there; \
                 check the URL, or a login page or proxy is in the way",
                to_host.as_deref().unwrap_or("an unnamed place")
            ),
            Self::Other { at, cause } => {
                write!(f, "{at}: could not be sent{}", after_colon(cause))
            }
        }
    }
}

/// A detail where there is one.
fn after_colon(detail: &str) -> String {
    match detail {
        "" => String::new(),
        detail => format!(": {detail}"),
    }
}
