//! The command line of vcc-exporter.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use vcc_exporter::cli;
use vcc_exporter::commands;

/// The C library's, above all musl's, is slow with a page's many small pieces.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long work may go on that nobody waits for any more.
const LAST: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let cli = match cli::parse(std::env::args_os()) {
        Ok(cli) => cli,
        // Help and version are answers, not errors.
        Err((0, text)) => {
            let _ = write!(std::io::stdout(), "{text}");
            return ExitCode::SUCCESS;
        }
        Err((code, text)) => {
            let _ = write!(std::io::stderr(), "{text}");
            return ExitCode::from(code);
        }
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "the runtime cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(commands::execute(cli));
    // What was committed is committed; a password that is still being hashed matters to nobody.
    runtime.shutdown_timeout(LAST);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "vcc-exporter: {failure}");
            failure.exit_code()
        }
    }
}
