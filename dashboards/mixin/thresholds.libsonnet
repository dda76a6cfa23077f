// The numbers that decide, each with its meaning. They are written as recording rules
// `vcc:threshold:<name>`, so that who uses the plain files changes one small file, and dashboards
// draw the line where the alert fires.
{
  _config+:: {
    thresholds: {
      abandonment_ratio: {
        value: 0.15,
        says: 'Share of the offered that give up, over an hour, short abandonments left out.',
      },
      api_lag_seconds: {
        value: 900,
        says: 'How old the newest event of the API may be while something is expected to happen.',
      },
      burn_fast_factor: {
        value: 2.5,
        says: 'Burn of the error budget of a medium over an hour: missed share over allowed share. At an objective of 80 % the most is 5.',
      },
      burn_factor: {
        value: 1.5,
        says: 'Burn of the error budget of a queue over six hours.',
      },
      burn_slow_factor: {
        value: 1,
        says: 'Burn of the error budget of a medium over three days. 1 is exactly what the objective allows.',
      },
      clock_skew_seconds: {
        value: 60,
        says: "Difference between the API's clock and the exporter's, either way.",
      },
      containment_drop_ratio: {
        value: 0.1,
        says: 'By how much the contained share of a day may be below that of the week, in points.',
      },
      corrections_ratio: {
        value: 0.02,
        says: 'Contradictions of counted facts per interaction that ended, over six hours.',
      },
      data_stale_seconds: {
        value: 600,
        says: "How far behind the API's clock the exporter may be before its numbers are not believed.",
      },
      disk_full_bytes: {
        value: 200 * 1024 * 1024,
        says: "Free bytes on the state's file system below which commits are about to fail.",
      },
      disk_low_bytes: {
        value: 5 * 1024 * 1024 * 1024,
        says: 'Free bytes above which a falling trend is of no interest.',
      },
      expired_interactions: {
        value: 10,
        says: 'Interactions in a day that the API never ended.',
      },
      fact_lateness_seconds: {
        value: 600,
        says: 'How late one in ten ends or waits may be learnt of.',
      },
      in_progress: {
        value: 3,
        says: 'Interactions in progress that make it certain that the API should have news.',
      },
      no_target_ratio: {
        value: 0.05,
        says: "Share of a queue's exits without a target, over a day.",
      },
      otlp_failure_ratio: {
        value: 0.5,
        says: 'Share of the exports over OTLP that fail.',
      },
      poll_duration_ratio: {
        value: 1,
        says: 'Mean duration of a poll over the pause between polls.',
      },
      recovered_facts: {
        value: 0,
        says: 'Ends and waits found only by reading the past again, in three hours.',
      },
      rejected_records: {
        value: 0,
        says: 'Records in an hour that could not be read.',
      },
      throttled_age_seconds: {
        value: 120,
        says: 'How far behind the exporter may be while it is throttled.',
      },
      unanswered_ratio: {
        value: 0.2,
        says: 'Share of the offers to agents that nobody answered, over an hour.',
      },
      volume: {
        value: 20,
        says: 'How many of something a window must have before a ratio of it means anything.',
      },
      wait_over_target_factor: {
        value: 5,
        says: 'How many times its target the longest wait in a queue may be.',
      },
    },
  },
}
