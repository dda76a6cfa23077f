//! Pins the traffic of some seeds: every version, the truth, the live gauges and the faulty replies.
//!
//! Tests and stored histories refer to seeds, so a change of the traffic must be deliberate.
use vcc_simulator::{
    ApiAssumptions, Call, DAY_MS, Delivery, Faults, HOUR_MS, Simulator, SimulatorConfig, Timeline,
};

/// FNV-1a, because the standard library's hashers may change between releases.
fn hash(state: u64, bytes: &[u8]) -> u64 {
    let step = |state: u64, byte: &u8| (state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(state, step)
}

const BASIS: u64 = 0xcbf2_9ce4_8422_2325;

fn config(seed: u64) -> SimulatorConfig {
    SimulatorConfig {
        seed,
        per_hour: 150.0,
        ..SimulatorConfig::default()
    }
}

fn fingerprint(config: SimulatorConfig) -> (u64, u64) {
    let start_ms = config.start_ms;
    let mut timeline = Timeline::new(config);
    let noon_ms = start_ms + DAY_MS / 2;
    timeline
        .starve(&["Support Queue".to_owned()], noon_ms)
        .expect("a queue");
    timeline.advance(start_ms + DAY_MS);
    let versions = timeline
        .all_versions()
        .concat()
        .iter()
        .fold(BASIS, |state, it| hash(state, it.as_bytes()));
    let live = serde_json::to_vec(&timeline.live(start_ms + DAY_MS)).expect("JSON");
    let truth = timeline.truth(start_ms + 30 * DAY_MS, start_ms + HOUR_MS);
    let truth = serde_json::to_vec(&truth).expect("JSON");
    (versions, hash(hash(BASIS, &live), &truth))
}

#[test]
fn a_seed_gives_the_pinned_versions_and_the_pinned_truth() {
    assert_eq!(
        fingerprint(config(1)),
        (3_875_142_999_200_671_215, 1_650_166_457_774_151_183)
    );
    let assumptions = ApiAssumptions {
        processed_returns_ongoing: false,
        ongoing_durations_null: false,
        reprocessed_leaves_window: false,
        past_end_harmless: false,
    };
    let hard = SimulatorConfig {
        assumptions,
        media: 7,
        queues: 9,
        contradictions: true,
        max_interactions: 1_500,
        time_scale: 0.5,
        ..config(2)
    };
    assert_eq!(
        fingerprint(hard),
        (8_860_281_037_262_844_666, 17_532_757_662_084_226_392)
    );
}

#[test]
fn a_seed_gives_the_pinned_faulty_replies() {
    let config = config(3);
    let mut now_ms = config.start_ms + 6 * HOUR_MS;
    let mut simulator = Simulator::new(config);
    simulator.set_faults(Faults::all_transient());
    let form =
        b"grant_type=client_credentials&client_id=simulated&client_secret=simulated&scope=stats";
    let mut state = BASIS;
    let mut bearer = String::new();
    for page in 0..300 {
        now_ms += 700;
        let query = format!(
            "include=Processed&start=2026-01-01&limit=20&page={}",
            1 + page % 5
        );
        let authorization = bearer.clone();
        let mut call = Call {
            method: "GET",
            path: "/stats/interactions",
            query: &query,
            accept: Some("application/vnd.newvoicemedia.v3+json"),
            authorization: Some(&authorization),
            content_type: None,
            body: b"",
        };
        let reply = simulator.answer(&call, now_ms);
        let delivery = match reply.delivery {
            Delivery::Whole => "whole".to_owned(),
            Delivery::Delayed(delay) => format!("after {} ms", delay.as_millis()),
            Delivery::Truncated(bytes) => format!("{bytes} bytes"),
        };
        let answer = format!("{} {:?} {delivery}", reply.status, reply.headers);
        state = hash(hash(state, answer.as_bytes()), &reply.body);
        if reply.status == 401 {
            call.method = "POST";
            call.path = "/Auth/connect/token";
            call.authorization = None;
            call.content_type = Some("application/x-www-form-urlencoded");
            call.body = form;
            let reply = simulator.answer(&call, now_ms);
            state = hash(state, &reply.body);
            let token = serde_json::from_slice::<serde_json::Value>(&reply.body).ok();
            let token = token.and_then(|it| Some(it["access_token"].as_str()?.to_owned()));
            bearer = format!("Bearer {}", token.unwrap_or_default());
        }
        if page % 10 == 0 {
            call.method = "GET";
            call.path = "/stats/interactions/ongoing";
            call.query = "limit=100";
            state = hash(state, &simulator.answer(&call, now_ms).body);
        }
    }
    assert_eq!(state, 11_587_677_158_285_406_438);
}
