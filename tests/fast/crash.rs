//! What kills an exporter, its disk or its state, and what its numbers are afterwards.

mod full_disk;
mod refused;
mod restored;
mod sigkill;
mod steps;
mod uncertain;
