//! Bodies that are too large, or not whole: real sockets, in real time.
use vcc_vonage::http::MAX_ERROR_BODY_BYTES;

use super::servers::{LIMIT, ask, gzip, serve_bytes, serve_endless, with_length};
use super::*;

/// A block of deflated zeros that can be repeated for ever: 1 MiB in 1 KiB.
fn deflated_zeros() -> Vec<u8> {
    let mut block = Vec::with_capacity(64 << 10);
    let mut compress = flate2::Compress::new(flate2::Compression::best(), false);
    let zeros = vec![0; 1 << 20];
    compress
        .compress_vec(&zeros, &mut block, flate2::FlushCompress::Full)
        .unwrap();
    assert_eq!(compress.total_in(), 1 << 20);
    block
}

#[tokio::test]
async fn a_body_of_the_limit_passes_and_one_byte_more_does_not() {
    let (url, _) = serve_bytes(with_length(&vec![b' '; LIMIT])).await;
    assert_eq!(ask(&url).await.unwrap().body.len(), LIMIT);
    let (url, _) = serve_bytes(with_length(&vec![b' '; LIMIT + 1])).await;
    let limit = LIMIT;
    assert_eq!(
        ask(&url).await.unwrap_err(),
        TransportError::TooLarge { limit }
    );
}

#[tokio::test]
async fn an_endless_body_stops_at_the_limit() {
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = [b"10000\r\n", vec![b' '; 0x10000].as_slice(), b"\r\n"].concat();
    let url = serve_endless(head, chunk).await;
    let limit = LIMIT;
    assert_eq!(
        ask(&url).await.unwrap_err(),
        TransportError::TooLarge { limit }
    );
}

/// Plays the test of this name alone in a process of its own, whose memory is then its own; false
/// in that process.
fn played_alone(name: &str) -> bool {
    const ALONE: &str = "VCC_TEST_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return false;
    }
    let program = std::env::current_exe().unwrap();
    let ended = std::process::Command::new(program)
        .args(["--exact", name])
        .env(ALONE, "1")
        .output()
        .unwrap();
    assert!(
        ended.status.success(),
        "{}",
        String::from_utf8_lossy(&ended.stdout)
    );
    true
}

#[tokio::test]
async fn an_endless_gzip_bomb_stops_at_the_limit_with_bounded_memory() {
    let name = "an_endless_gzip_bomb_stops_at_the_limit_with_bounded_memory";
    if played_alone(&format!("api_client::bodies::{name}")) {
        return;
    }
    let head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\
        \x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff";
    let url = serve_endless(head, deflated_zeros()).await;
    let limit = LIMIT;
    assert_eq!(
        ask(&url).await.unwrap_err(),
        TransportError::TooLarge { limit }
    );
    // The socket buffers alone can hold gigabytes of this bomb.
    if let Some(peak) = peak_memory() {
        assert!(peak < 1 << 30, "{peak} bytes");
    }
}

/// The largest this process has been, where the system tells.
fn peak_memory() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: usize = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib << 10)
}

#[tokio::test]
async fn a_body_cut_off_is_never_taken_as_whole() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n";
    let mut zipped = gzip(&vec![b'x'; 5000]);
    zipped.truncate(zipped.len() - 9);
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        zipped.len()
    );
    for (case, bytes) in [
        (
            "content-length",
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nwhole".to_vec(),
        ),
        ("chunked", chunked.into()),
        ("gzip", [head.into_bytes(), zipped].concat()),
        ("head", b"HTTP/1.1 200 OK\r\nContent-Le".to_vec()),
        ("nothing", Vec::new()),
        ("not HTTP", b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
    ] {
        let (url, _) = serve_bytes(bytes).await;
        let error = ask(&format!("{url}/?start=x")).await.unwrap_err();
        assert!(
            matches!(error, TransportError::Interrupted(_)),
            "{case}: {error:?}"
        );
        assert!(!error.to_string().contains("start="), "{error}");
    }
}

#[tokio::test]
async fn a_status_is_not_lost_with_its_body() {
    let cut = "HTTP/1.1 503 Busy\r\nContent-Length: 99\r\n\r\n{\"message\":\"busy\"}";
    let (url, _) = serve_bytes(cut).await;
    let response = ask(&url).await.unwrap();
    assert_eq!((response.status, response.body.len()), (503, 18));

    let endless = b"HTTP/1.1 502 Bad\r\n\r\n";
    let url = serve_endless(endless, vec![b'<'; 0x10000]).await;
    let response = ask(&url).await.unwrap();
    assert_eq!(
        (response.status, response.body.len()),
        (502, MAX_ERROR_BODY_BYTES)
    );
}
