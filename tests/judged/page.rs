//! The page for people, looked at with a real browser: light and dark, wide and narrow.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};

use vcc_test_support::browser::Browser;
use vcc_test_support::process::Process;

/// What the page's elements are to a screen reader.
const ROLES: [&str; 9] = [
    "banner",
    "main",
    "contentinfo",
    "navigation",
    "heading",
    "table",
    "columnheader",
    "rowheader",
    "link",
];

/// As text must stand out for WCAG 2.2 AA (1.4.3), and other parts that say something (1.4.11).
const CONTRAST: (f64, f64) = (4.5, 3.0);

#[tokio::test]
async fn everybody_can_read_the_page() {
    let (process, _) = Process::demo().await;
    let address = process.address;
    let looked = tokio::task::spawn_blocking(move || look(address));
    looked.await.unwrap();
    process.kill().await;
}

fn look(address: SocketAddr) {
    let mut browser = Browser::start();
    for (width, scheme, ground) in [
        (1_280, "light", 0.8..=1.0),
        (390, "light", 0.8..=1.0),
        (1_280, "dark", 0.0..=0.05),
        (390, "dark", 0.0..=0.05),
    ] {
        browser.looks(width, scheme);
        let seen = with_much_to_show(&mut browser, address);
        let number = |name: &str| seen[name].as_f64().unwrap();
        let here = format!("{width} {scheme}");
        assert!(seen["title"].as_str().unwrap().ends_with(" · vcc-exporter"));
        assert!(
            ground.contains(&number("ground")),
            "{here}: {}",
            number("ground")
        );
        assert!(
            number("overflow") <= 0.0,
            "{here}: wider than the screen by {}",
            seen["overflow"]
        );
        assert_eq!((number("scripts"), number("refreshes")), (0.0, 0.0));
        assert_readable(&seen, &here);
        assert_bars(&seen, &here);
        assert!(
            browser.complaints().is_empty(),
            "{here}: {:?}",
            browser.complaints()
        );
    }
    assert_roles(&mut browser);
    browser.open(&format!("http://{address}/?refresh"));
    let seen = browser.evaluate(include_str!("page/look.js"));
    assert_eq!(seen["refreshes"], 1, "who asks for it has it");
}

/// Opens the page until it has much to show: it begins anew at midnight, whenever this runs.
fn with_much_to_show(browser: &mut Browser, address: SocketAddr) -> Value {
    const TRIES: u32 = 600;
    for _ in 0..TRIES {
        browser.open(&format!("http://{address}/"));
        let seen = browser.evaluate(include_str!("page/look.js"));
        if seen["bars"].as_array().unwrap().len() > 5 {
            return seen;
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    panic!("after {TRIES} tries the page has still no more than five bars");
}

fn assert_readable(seen: &Value, here: &str) {
    let texts = seen["texts"].as_array().unwrap();
    assert!(texts.len() > 40, "{here}: {} texts", texts.len());
    for text in texts {
        assert!(
            text["contrast"].as_f64() >= Some(CONTRAST.0),
            "{here}: {text}"
        );
        assert!(
            text["size"].as_f64() > Some(50.0),
            "{here}: nobody sees {text}"
        );
    }
}

/// Each bar is there and as long as its count is of the largest.
fn assert_bars(seen: &Value, here: &str) {
    let bars = seen["bars"].as_array().unwrap();
    let counts = bars.iter().map(|bar| bar["count"].as_f64().unwrap());
    let most = counts.fold(0.0, f64::max);
    for bar in bars {
        let number = |name: &str| bar[name].as_f64().unwrap();
        assert!(
            number("height") >= 8.0 && number("width") > 0.5,
            "{here}: {bar}"
        );
        assert!(number("contrast") >= CONTRAST.1, "{here}: {bar}");
        let expected = (number("count") / most).max(0.005);
        assert!(
            (number("share") - expected).abs() < 0.01,
            "{here}: {bar} of {most}"
        );
    }
}

fn assert_roles(browser: &mut Browser) {
    let tree = browser.call("Accessibility.getFullAXTree", json!({}));
    let nodes = tree["nodes"].as_array().unwrap();
    for role in ROLES {
        let has = |node: &&Value| node["ignored"] == false && node["role"]["value"] == role;
        assert!(nodes.iter().any(|node| has(&node)), "nothing is a {role}");
    }
}
