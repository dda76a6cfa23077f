//! What looks as if it belonged to a person: it never becomes a label.

/// Whether a value looks like a phone number, an e-mail address or a guid.
///
/// Seven digits in a run of phone punctuation are taken for a number: queue names such as
/// `Sales 2024` stay below that. It errs towards redacting.
pub fn looks_personal(value: &str) -> bool {
    has_phone_number(value) || has_email(value) || has_guid(value)
}

fn has_phone_number(value: &str) -> bool {
    const LEAST_DIGITS: usize = 7;
    let mut digits = 0;
    for c in value.chars() {
        match c {
            c if c.is_numeric() => digits += 1,
            c if separates(c) => {}
            _ => digits = 0,
        }
        if digits >= LEAST_DIGITS {
            return true;
        }
    }
    false
}

/// What people put between the digits of a phone number, visible or not.
fn separates(c: char) -> bool {
    let invisible = matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
    );
    let dash = matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}');
    let other = matches!(
        c,
        '+' | '.' | '(' | ')' | '/' | '\\' | '_' | '*' | '#' | '\u{ff0b}'
    );
    c.is_whitespace() || c.is_control() || invisible || dash || other
}

fn has_email(value: &str) -> bool {
    value
        .split('@')
        .zip(value.split('@').skip(1))
        .any(|(before, after)| {
            let domain = after.split(char::is_whitespace).next().unwrap_or("");
            before
                .chars()
                .next_back()
                .is_some_and(|c| !c.is_whitespace())
                && domain.contains('.')
        })
}

fn has_guid(value: &str) -> bool {
    const HEX_DIGITS: usize = 32;
    let mut run = 0;
    for c in value.chars() {
        match c {
            c if c.is_ascii_hexdigit() => run += 1,
            '-' => {}
            _ => run = 0,
        }
        if run >= HEX_DIGITS {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_values_are_recognised() {
        for value in [
            "+44 20 7946 0958",
            "0123456789",
            "Call 0987-654-321 now",
            "(020) 7946.0958",
            "020\t7946\t0958",
            "020\u{202f}7946\u{2013}0958",
            "020_7946_0958",
            "020\u{200b}79460958",
            "jane.doe@example.com",
            "mail jane@example.co.uk please",
            "016f7e44-7525-4e37-b0db-5dd09afe592e",
            "{016F7E4475254E37B0DB5DD09AFE592E}",
            "٠١٢٣٤٥٦٧٨",
        ] {
            assert!(looks_personal(value), "{value}");
        }
        for value in [
            "Billing Queue",
            "Sales 2024",
            "24/7 Support",
            "Tier 1-2",
            "@home",
            "Q@ A",
            "A1",
        ] {
            assert!(!looks_personal(value), "{value}");
        }
    }
}
