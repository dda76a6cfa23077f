//! The program is killed with SIGKILL again and again within one history.

use vcc_test_support::sigkill::count_through_kills;

#[test]
fn killed_at_any_moment_it_goes_on_and_counts_every_fact_once() {
    count_through_kills(23, 60);
}
