//! TLS and passwords of the web surface, asked as Go's TLS asks, and held to the files of exporter-toolkit's
//! own tests.

mod clients;
mod toolkit;

use serde_json::Value;

use vcc_test_support::served::Served;
use vcc_test_support::tools::tls_client;

/// Asks a server over TLS, and says what came of it.
async fn asked(server: &Served, arguments: &[&str]) -> Value {
    ask(&server.url("https", "/"), arguments).await
}

/// Asks an address as Go does.
async fn ask(url: &str, arguments: &[&str]) -> Value {
    let output = tokio::process::Command::new(tls_client())
        .args(["-url", url])
        .args(arguments)
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}
