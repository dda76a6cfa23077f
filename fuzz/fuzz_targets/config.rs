#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vcc_exporter_fuzz::config::check(data));
