//! `healthcheck`: whether the exporter answers, for images that hold no other program.

use std::time::Duration;

use reqwest::redirect;
use url::Url;

use super::CommandError;
use crate::cli::HealthcheckArgs;
use vcc_net::http::causes;

/// Longer than a healthy exporter ever takes, and well below the thirty seconds after which Docker
/// gives up.
const TIMEOUT: Duration = Duration::from_secs(5);

pub(super) async fn healthcheck(args: HealthcheckArgs) -> Result<(), CommandError> {
    if !args.url.username().is_empty() || args.url.password().is_some() {
        let problem = "--url: must not hold a user or a password: /-/healthy needs none";
        return Err(CommandError::Usage(problem.to_owned()));
    }
    let status = status(&args.url).await.map_err(|error| {
        CommandError::run(format!("{} does not answer: {}", args.url, causes(&error)))
    })?;
    if status.is_success() {
        return Ok(());
    }
    Err(CommandError::run(format!("{} answered {status}", args.url)))
}

async fn status(url: &Url) -> reqwest::Result<reqwest::StatusCode> {
    // What is asked is here: no proxy has anything to do with it. Nor has the name in its
    // certificate: nothing secret is sent, and all that is asked is whether somebody answers.
    let client = reqwest::Client::builder()
        .timeout(TIMEOUT)
        .no_proxy()
        .tls_danger_accept_invalid_certs(true)
        .redirect(redirect::Policy::none())
        .build()?;
    Ok(client.get(url.clone()).send().await?.status())
}
