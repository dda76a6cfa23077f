//! What kills an exporter, its disk or its state, and what its numbers are afterwards.

mod full_disk;
mod killed;
mod refused;
mod restored;
mod steps;
mod uncertain;
