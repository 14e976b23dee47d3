//! The directives at the head of a case: lines that begin with `//@`.

/// The directives of a text, in order: name and what follows its colon.
pub(crate) fn directives(text: &str) -> Vec<(&str, &str)> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let head: Vec<&str> = text.lines().take_while(|line| line.starts_with("//@")).collect();
    let stray = text.lines().skip(head.len()).find(|line| line.trim_start().starts_with("//@"));
    assert!(stray.is_none(), "a directive below the head: {stray:?}");
    head.into_iter().map(directive).collect()
}

fn directive(line: &str) -> (&str, &str) {
    let line = line.trim_start_matches("//@").trim();
    line.split_once(':').map_or((line, ""), |(name, value)| (name.trim(), value.trim()))
}
