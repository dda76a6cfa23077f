//! Certificates of clients, beyond what the files of others hold.

use std::path::Path;

use rcgen::{ExtendedKeyUsagePurpose, SanType};
use serde_json::Value;

use super::asked;
use vcc_test_support::certificates::{Authority, Wanted};
use vcc_test_support::served::Served;

const VERIFIED: &str =
    "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: clients.pem\n";

/// A server that believes an authority, with a folder for certificates.
async fn served(folder: &Path, clients: &Authority, more: &str) -> Served {
    std::fs::write(folder.join("clients.pem"), clients.pem()).unwrap();
    let file = Authority::new().serves(folder, &format!("{VERIFIED}{more}"));
    Served::by(&file).await
}

async fn shown(server: &Served, folder: &Path, (certificate, key): (String, String)) -> Value {
    let paths = ["client.pem", "client.key"].map(|name| folder.join(name));
    std::fs::write(&paths[0], certificate).unwrap();
    std::fs::write(&paths[1], key).unwrap();
    let [certificate, key] = paths.each_ref().map(|path| path.to_str().unwrap());
    asked(server, &["-cert", certificate, "-key", key]).await
}

#[tokio::test]
async fn what_an_authority_issued_to_a_client_is_believed_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let authority = Authority::new();
    let server = served(folder, &authority, "").await;
    let client = Wanted {
        purposes: vec![ExtendedKeyUsagePurpose::ClientAuth],
        ..Wanted::default()
    };
    let good = shown(&server, folder, authority.issue(client.clone())).await;
    assert_eq!(good["status"], 200, "{good}");
    let over = Wanted {
        is_over: true,
        ..client.clone()
    };
    let server_only = Wanted {
        purposes: vec![ExtendedKeyUsagePurpose::ServerAuth],
        ..Wanted::default()
    };
    for (what, pair) in [
        ("another's", Authority::new().issue(client)),
        ("one whose time is over", authority.issue(over)),
        ("a server's", authority.issue(server_only)),
    ] {
        let bad = shown(&server, folder, pair).await;
        assert!(bad["error"].is_string(), "{what}: {bad}");
    }
}

#[tokio::test]
async fn every_kind_of_name_can_be_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let authority = Authority::new();
    let allowed = "  client_allowed_sans: [prometheus, '10.1.2.3', '::1', 'scraper@example.com', \
                   'spiffe://example.com/prometheus']\n";
    let server = served(folder, &authority, allowed).await;
    let named = |name| Wanted {
        names: vec![name],
        ..Wanted::default()
    };
    let good = [
        SanType::DnsName("prometheus".try_into().unwrap()),
        SanType::IpAddress("10.1.2.3".parse().unwrap()),
        SanType::IpAddress("::1".parse().unwrap()),
        SanType::Rfc822Name("scraper@example.com".try_into().unwrap()),
        SanType::URI("spiffe://example.com/prometheus".try_into().unwrap()),
    ];
    for name in good {
        let outcome = shown(&server, folder, authority.issue(named(name.clone()))).await;
        assert_eq!(outcome["status"], 200, "{name:?} {outcome}");
    }
    let bad = [
        SanType::DnsName("prometheus.example.com".try_into().unwrap()),
        SanType::DnsName("spiffe".try_into().unwrap()),
        SanType::IpAddress("10.1.2.4".parse().unwrap()),
    ];
    for name in bad {
        let outcome = shown(&server, folder, authority.issue(named(name.clone()))).await;
        assert!(outcome["error"].is_string(), "{name:?} {outcome}");
    }
    let nameless = shown(&server, folder, authority.issue(Wanted::default())).await;
    assert!(nameless["error"].is_string(), "{nameless}");
}
