//! How the process meets its surroundings: the log, its own traces, systemd, the admin socket, progress of
//! long commands.

pub mod admin_socket;
pub mod logging;
pub mod progress;
pub mod self_tracing;
pub mod systemd;
