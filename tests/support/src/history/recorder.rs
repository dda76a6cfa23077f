//! Remembers every sample of every scrape, briefly: most samples are the same as before.

use std::collections::HashMap;
use std::ops::Range;

/// Times the operating system knows of this process, which are not those of its virtual time.
const STARTED: &str = "process_start_time_seconds";

/// What Prometheus stores where a series was seen no more: a NaN of its own.
const STALE: f64 = f64::from_bits(0x7ff0_0000_0000_0002);

/// The scrapes so far.
#[derive(Debug, Default)]
pub struct Recorder {
    /// When the exporter last started.
    pub started_ms: i64,
    /// When each scrape was.
    pub scrapes_ms: Vec<i64>,
    series: Vec<Series>,
    /// Where each is, by its name and labels.
    places: HashMap<String, usize>,
    /// Which series last came after each: pages hardly ever change their order.
    next: Vec<usize>,
    samples: usize,
}

/// A series and its values.
#[derive(Debug)]
pub struct Series {
    /// Name and labels as the page spells them.
    pub name: String,
    runs: Vec<Run>,
}

/// A value that stayed the same for some scrapes.
#[derive(Debug)]
struct Run {
    scrapes: Range<usize>,
    value: f64,
}

impl Recorder {
    /// How many samples there are.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// Every series.
    pub fn series(&self) -> &[Series] {
        &self.series
    }

    /// A scrape of this page, with what Prometheus itself says of each scrape.
    pub fn take(&mut self, at_ms: i64, page: &str) {
        self.scrapes_ms.push(at_ms);
        let (mut lines, mut last) = (0, 0);
        for line in page.lines().filter(|line| !line.starts_with('#')) {
            let (series, value) = line.rsplit_once(' ').unwrap();
            lines += 1;
            let value = match series {
                STARTED => (self.started_ms / 1_000) as f64,
                _ => value.parse().unwrap(),
            };
            last = self.sample(last, series, value);
        }
        for (name, value) in [
            ("up", 1.0),
            ("scrape_duration_seconds", 0.012),
            ("scrape_samples_scraped", f64::from(lines)),
            ("scrape_samples_post_metric_relabeling", f64::from(lines)),
        ] {
            last = self.sample(last, name, value);
        }
    }

    /// Takes a sample that came after one of the series at place `last`; tells its own place.
    fn sample(&mut self, last: usize, name: &str, value: f64) -> usize {
        let now = self.scrapes_ms.len() - 1;
        self.samples += 1;
        let place = self.place(last, name);
        let runs = &mut self.series[place].runs;
        match runs.last_mut() {
            Some(last) if last.scrapes.end == now && last.value == value => {
                last.scrapes.end = now + 1;
            }
            _ => runs.push(Run {
                scrapes: now..now + 1,
                value,
            }),
        }
        place
    }

    fn place(&mut self, last: usize, name: &str) -> usize {
        let expected = self.next.get(last).copied().unwrap_or_default();
        if self.series.get(expected).is_some_and(|it| it.name == name) {
            return expected;
        }
        let place = self.places.get(name).copied().unwrap_or_else(|| {
            self.places.insert(name.to_owned(), self.series.len());
            self.next.push(0);
            self.series.push(Series {
                name: name.to_owned(),
                runs: Vec::new(),
            });
            self.series.len() - 1
        });
        self.next[last] = place;
        place
    }
}

impl Series {
    /// Its samples in these scrapes; the scrape after its last one says that it is gone.
    pub fn during(&self, wanted: Range<usize>) -> impl Iterator<Item = (usize, f64)> {
        let first = self
            .runs
            .partition_point(|run| run.scrapes.end < wanted.start);
        let within = move |scrape: &usize| wanted.contains(scrape);
        self.runs[first..]
            .iter()
            .enumerate()
            .flat_map(move |(number, run)| {
                let next = self.runs.get(first + number + 1);
                let goes_on = next.is_some_and(|next| next.scrapes.start == run.scrapes.end);
                let gone = (!goes_on).then_some((run.scrapes.end, STALE));
                let values = run.scrapes.clone().map(|scrape| (scrape, run.value));
                values.chain(gone).filter({
                    let within = within.clone();
                    move |(scrape, _)| within(scrape)
                })
            })
    }
}
