#![no_main]

libfuzzer_sys::fuzz_target!(
    init: {
        // The database's own panics are expected and caught; ours are told, and end the process.
        std::panic::set_hook(Box::new(|panic| {
            let ours = |place: &std::panic::Location<'_>| place.file().ends_with("damaged.rs");
            if panic.location().is_some_and(ours) {
                eprintln!("{panic}");
            }
        }));
    },
    |data: &[u8]| vcc_exporter_fuzz::damaged::check(data)
);
