//! The answer of the token endpoint: a token that lives as long as is believed, or an error that
//! repeats nothing it should not.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::SecretString;
use tokio::runtime::Builder;
use url::Url;
use vcc_net::clock::SystemClock;
use vcc_net::secret::SecretSource;
use vcc_vonage::transport::ResponseFuture;
use vcc_vonage::{
    ApiClient, ClientDeps, Credentials, Endpoints, FetchError, FetchErrorReason, Observer, Request,
    Response, RetrySettings, Transport,
};

/// Stands for the client secret in an answer, as if the request had been sent back. It has a
/// character that a form encodes.
const SECRET: &str = "s3cr3t/of-ours";
const SECRET_ENCODED: &str = "s3cr3t%2Fof-ours";

/// Longer than any sentence of ours with the part of a foreign text that may be in it.
const MOST_CHARS: usize = 1_000;

/// The status, `Content-Type` and `Retry-After` are a line each, the rest is the body.
pub fn check(data: &[u8]) {
    let mut parts = data.splitn(4, |byte| *byte == b'\n');
    let mut text = || String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    let (status, content_type, retry_after) = (text(), text(), text());
    let response = Response {
        status: status.trim().parse().unwrap_or(200),
        content_type: Some(content_type),
        retry_after: Some(retry_after),
        body: parts.next().unwrap_or_default().to_vec().into(),
    };
    let believed = Arc::new(Believed::default());
    match ask(response.clone(), Arc::clone(&believed)) {
        Ok(()) => {
            let life = believed.0.lock().unwrap().unwrap();
            let (least, most) = (Duration::from_secs(60), Duration::from_secs(24 * 3600));
            assert!((least..=most).contains(&life), "{life:?}");
            assert_eq!(response.status, 200);
        }
        Err(error) => it_is_fit_to_be_shown(&error),
    }
}

fn ask(response: Response, believed: Arc<Believed>) -> Result<(), FetchError> {
    let client = ApiClient::new(
        Endpoints {
            api_url: Url::parse("https://api.example.com/").unwrap(),
            token_url: Url::parse("https://id.example.com/Auth/connect/token").unwrap(),
        },
        Credentials {
            client_id: "client".to_owned(),
            secret: SecretSource::Value(SecretString::from(SECRET)),
        },
        RetrySettings::default(),
        ClientDeps {
            transport: Arc::new(Always(response)),
            observer: believed,
            clock: Arc::new(SystemClock),
        },
    );
    // Time is paused, so that waiting before a retry takes none.
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(client.authorize())
}

fn it_is_fit_to_be_shown(error: &FetchError) {
    assert!(FetchErrorReason::ALL.contains(&error.reason()));
    let said = format!("{error} {error:?}");
    assert!(
        !said.contains(SECRET) && !said.contains(SECRET_ENCODED),
        "{said}"
    );
    let sentence = error.to_string();
    assert!(!sentence.chars().any(char::is_control), "{sentence:?}");
    assert!(sentence.chars().count() <= MOST_CHARS, "{sentence}");
}

/// Gives the same answer to every request.
struct Always(Response);

impl Transport for Always {
    fn send(&self, _: Request) -> ResponseFuture<'_> {
        let response = self.0.clone();
        Box::pin(async { Ok(response) })
    }
}

/// The life of the token that was taken.
#[derive(Debug, Default)]
struct Believed(Mutex<Option<Duration>>);

impl Observer for Believed {
    fn token_expires(&self, remaining: Duration) {
        *self.0.lock().unwrap() = Some(remaining);
    }
}
