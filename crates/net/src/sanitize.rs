//! Makes text from outside safe to log and to show.

/// The length limit of [`sanitize_for_log`]: enough for every documented message of the API, too
/// little to flood a log.
pub const MAX_MESSAGE_CHARS: usize = 200;

/// Replaces a secret that a text repeats.
const REDACTED: &str = "[redacted]";

/// Returns `text` on one line of at most [`MAX_MESSAGE_CHARS`] characters: control and direction
/// characters are removed, runs of white space become one blank, and `secrets` are replaced.
pub fn sanitize_for_log(text: &str, secrets: &[&str]) -> String {
    let mut shown = visible(text);
    // Secrets are searched for in the cleaned text and cleaned the same way: removed characters
    // may have stood between the halves of a secret.
    for secret in secrets.iter().map(|secret| visible(secret)) {
        if !secret.is_empty() {
            shown = shown.replace(&secret, REDACTED);
        }
    }
    shown.chars().take(MAX_MESSAGE_CHARS).collect()
}

fn visible(text: &str) -> String {
    let visible: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .collect();
    let words: Vec<&str> = visible.split(' ').filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Characters that have no glyph but can reverse or hide the text around them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_texts_are_made_harmless() {
        assert_eq!(
            sanitize_for_log("a\x1b[31mb\r\nc\u{202e}d\0", &[]),
            "a[31mb cd"
        );
        assert_eq!(
            sanitize_for_log(&"ä".repeat(500), &[]).chars().count(),
            MAX_MESSAGE_CHARS
        );
        let echoed = sanitize_for_log("client_secret=s3cret&x", &["", "s3cret"]);
        assert_eq!(echoed, "client_secret=[redacted]&x");
        assert_eq!(
            sanitize_for_log("s3c\u{200b}r\0et", &["s3cret"]),
            "[redacted]"
        );
        assert_eq!(
            sanitize_for_log("my  s3c\nret", &["s3c\tret "]),
            "my [redacted]"
        );
    }
}
