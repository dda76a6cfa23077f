//! Asking servers on this machine over plain HTTP.

/// A client without authorities: reading those of the system takes longer than most answers.
pub fn client() -> reqwest::Client {
    let builder = reqwest::Client::builder().tls_certs_only([]);
    builder.build().unwrap()
}

/// A page's text, or why there is none.
pub async fn try_get(url: &str) -> Result<String, String> {
    let answer = client().get(url).send().await;
    let answer = answer.map_err(|error| format!("{error:?}"))?;
    let status = answer.status();
    let text = answer.text().await.map_err(|error| format!("{error:?}"))?;
    if status.is_success() {
        Ok(text)
    } else {
        Err(format!("{url}: {status}: {text}"))
    }
}

/// A page's text.
pub async fn get(url: &str) -> String {
    try_get(url).await.unwrap()
}
