use super::*;

const WINDOW: Window = Window {
    start_ms: 0,
    end_ms: 60_000,
};

fn info(up_to_ms: i64, items: i64, total: i64) -> PageInfo {
    let page_count = Some(pages_for(total, 10));
    PageInfo {
        up_to_ms,
        items,
        page_count,
        total_count: Some(total),
    }
}

#[test]
fn one_page_is_whole_and_moves_the_cursor_to_the_nearer_of_up_to_and_end() {
    assert_eq!(
        PageOrder::new(WINDOW, 10).on_page(&info(90_000, 9, 9)),
        Step::Done(60_000)
    );
    assert_eq!(
        PageOrder::new(WINDOW, 10).on_page(&info(50_000, 0, 0)),
        Step::Done(50_000)
    );
}

#[test]
fn several_pages_are_read_from_the_last_down_and_the_first_again() {
    let mut reader = PageOrder::new(WINDOW, 10);
    assert_eq!(reader.on_page(&info(70_000, 10, 25)), Step::Next(3));
    assert_eq!(reader.on_page(&info(70_001, 5, 25)), Step::Next(2));
    assert_eq!(reader.on_page(&info(70_002, 10, 24)), Step::Next(1));
    assert_eq!(reader.on_page(&info(70_003, 10, 24)), Step::Done(60_000));
}

#[test]
fn growth_reads_again_then_gives_up_for_a_narrower_window() {
    let mut reader = PageOrder::new(WINDOW, 10);
    let mut total = 15;
    assert_eq!(reader.on_page(&info(1, 10, total)), Step::Next(2));
    for pass in 0..3 {
        total += 1;
        assert_eq!(reader.on_page(&info(2, 5, total)), Step::Next(1));
        let step = reader.on_page(&info(3, 10, total));
        assert_eq!(
            step,
            if pass < 2 {
                Step::Next(2)
            } else {
                Step::TooWide
            }
        );
    }
}

#[test]
fn a_minimal_window_that_keeps_growing_is_accepted_unstable() {
    let mut reader = PageOrder::new(
        Window {
            start_ms: 0,
            end_ms: 1_000,
        },
        10,
    );
    let mut total = 15;
    let mut step = reader.on_page(&info(1, 10, total));
    while !matches!(step, Step::Done(_)) {
        total += 1;
        step = reader.on_page(&info(1, 10, total));
    }
    assert!(reader.accepted_unstable);
}

#[test]
fn a_page_from_a_cache_is_not_taken_for_the_second_look() {
    let mut reader = PageOrder::new(WINDOW, 10);
    reader.on_page(&info(10, 10, 15));
    reader.on_page(&info(20, 5, 15));
    assert_eq!(reader.on_page(&info(10, 10, 15)), Step::Stale);
    assert_eq!(reader.on_page(&info(30, 10, 15)), Step::Done(10));
}

#[test]
fn a_full_page_is_never_taken_for_the_last_whatever_meta_says() {
    let mut reader = PageOrder::new(WINDOW, 10);
    let lie = |up_to_ms, items| PageInfo {
        up_to_ms,
        items,
        page_count: Some(0),
        total_count: Some(0),
    };
    assert_eq!(reader.on_page(&lie(1, 10)), Step::Next(2));
    assert_eq!(reader.on_page(&lie(2, 10)), Step::Next(3));
    assert_eq!(reader.on_page(&lie(3, 4)), Step::Next(2));
    assert_eq!(reader.on_page(&lie(4, 10)), Step::Next(1));
    assert_eq!(reader.on_page(&lie(5, 10)), Step::Done(1));
}

#[test]
fn a_window_of_too_many_pages_is_halved_first() {
    assert_eq!(
        PageOrder::new(WINDOW, 10).on_page(&info(1, 10, 100_000)),
        Step::TooWide
    );
}
