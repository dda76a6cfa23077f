//! Files that cannot be read, broken YAML, and what must never be shown.

use std::fs;

use proptest::prelude::*;
use vcc_exporter::config::Config;
use vcc_yaml::MAX_FILE_BYTES;

use super::{SECRET, data, env, parse, text_of, valid};

#[test]
fn what_cannot_be_read_is_one_problem() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vcc.yml");
    let problem = || {
        let problems = Config::load(&path, &env).expect_err("a mistake");
        assert_eq!(problems.len(), 1);
        let line = problems[0].to_string();
        let start = format!("{}: ", path.display());
        line.strip_prefix(&start)
            .expect("names the file")
            .to_owned()
    };
    assert_eq!(
        problem(),
        "cannot be read: No such file or directory (os error 2)"
    );
    // A comment is not read in vain: the file is refused for its size alone.
    let large = format!("#{}", "é".repeat(MAX_FILE_BYTES / 2));
    fs::write(&path, &large).unwrap();
    assert_eq!(problem(), "is larger than 1 MiB");
    let problems = parse("file.yml", &large).expect_err("a mistake");
    assert_eq!(problems[0].to_string(), "file.yml: is larger than 1 MiB");
    fs::write(&path, format!("#{}", " ".repeat(MAX_FILE_BYTES - 1))).unwrap();
    assert_eq!(problem(), "is empty: it needs at least one account");
    fs::write(&path, [b'a', 0xff]).unwrap();
    assert_eq!(problem(), "is not UTF-8 text: save it as UTF-8");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(problem(), "cannot be read: Is a directory (os error 21)");
}

#[test]
fn secrets_are_in_no_debug_output_and_no_message() {
    let config = valid("valid-full.yml");
    assert!(!format!("{config:?} {config:#?}").contains(SECRET));
    for entry in fs::read_dir(data("")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        for problem in parse(&name, &text_of(&name)).err().unwrap_or_default() {
            let all = format!("{problem} {problem:?}");
            assert!(!all.contains(SECRET), "{all}");
        }
    }
    // Broken YAML is where parsers like to quote the line.
    let broken = [
        "accounts: [{client_secret: hunter2",
        "accounts:\n  - client_secret: !!int hunter2\n",
        "accounts:\n  - client_secret:hunter2\n    name: a\n",
        "accounts:\n  - client_secret: 'hunter2\n",
        "accounts:\n  - client_secret: *hunter2\n",
        "client_secret: \"hunter2\\q\"\n",
    ];
    for text in broken {
        let problems = parse("file.yml", text).expect_err("a mistake");
        assert!(!format!("{problems:?}").contains(SECRET), "{problems:?}");
    }
}

#[test]
fn hostile_yaml_is_refused_and_not_expanded() {
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..10 {
        let before = vec![format!("*a{}", i - 1); 10].join(", ");
        laughs += &format!("a{i}: &a{i} [{before}]\n");
    }
    let deep = "[".repeat(100_000);
    let long_key = format!("{}: 1\n", "k".repeat(100_000));
    for text in [laughs, deep, long_key] {
        assert!(parse("file.yml", &text).is_err());
    }
}

proptest! {
    /// Any text is either a configuration or has a problem to tell.
    #[test]
    fn no_text_makes_it_panic(more in "[ \\-\n:a-z\\[\\]{}\"'&*!|>%@#0-9.]{0,80}", cut in 0_usize..900) {
        let full = text_of("valid-full.yml");
        let text = full.get(..cut).unwrap_or(&full).to_owned() + &more;
        if let Err(problems) = parse("file.yml", &text) {
            prop_assert!(!problems.is_empty());
        }
    }
}
