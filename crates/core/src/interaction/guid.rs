//! The identity of interactions and conversations.

/// An interaction's or a conversation's identity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Guid(pub u128);

impl Guid {
    /// Reads the usual spellings of a guid: 32 hexadecimal digits, with or without hyphens and
    /// braces, in either letter case.
    pub fn parse(text: &str) -> Option<Guid> {
        let mut value: u128 = 0;
        let mut digits = 0;
        for byte in text.trim().bytes() {
            let digit = match byte {
                b'0'..=b'9' => byte - b'0',
                b'a'..=b'f' => byte - b'a' + 10,
                b'A'..=b'F' => byte - b'A' + 10,
                b'-' | b'{' | b'}' => continue,
                _ => return None,
            };
            digits += 1;
            if digits > 32 {
                return None;
            }
            value = value << 4 | u128::from(digit);
        }
        (digits == 32).then_some(Guid(value))
    }
}

impl std::fmt::Display for Guid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hex = format!("{:032x}", self.0);
        write!(
            f,
            "{}-{}-{}-{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..]
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_read_in_every_usual_spelling_and_print_in_one() {
        let plain = Guid::parse("016f7e4475254e37b0db5dd09afe592e").unwrap();
        for text in [
            "016f7e44-7525-4e37-b0db-5dd09afe592e",
            "{016F7E44-7525-4E37-B0DB-5DD09AFE592E}",
            " 016f7e44-7525-4e37-b0db-5dd09afe592e ",
        ] {
            assert_eq!(Guid::parse(text), Some(plain), "{text}");
        }
        assert_eq!(plain.to_string(), "016f7e44-7525-4e37-b0db-5dd09afe592e");
        for text in [
            "",
            "abc",
            "016f7e44-7525-4e37-b0db-5dd09afe592",
            "016f7e44-7525-4e37-b0db-5dd09afe592e0",
            "zz",
        ] {
            assert_eq!(Guid::parse(text), None, "{text}");
        }
    }
}
