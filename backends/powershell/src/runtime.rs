//! The code of scripts, by functions: a script gets those that it calls.
//!
//! What calls what is read off the sources. A line there that ends with `# when WORD` is for scripts that need one of
//! these words; where it opens a block, so is the block.

use std::collections::{BTreeMap, BTreeSet};

/// What a script needs of the code beyond what all of them do, in the words of the sources.
pub(crate) type Needs = BTreeSet<&'static str>;

/// What precedes the words that a line is for.
const WHEN: &str = " # when ";

/// The functions of a script and its own statements, without comments.
#[derive(Debug, Default)]
struct Code<'s> {
    functions: Vec<Function<'s>>,
    statements: Vec<&'s str>,
}

#[derive(Debug)]
struct Function<'s> {
    name: &'s str,
    lines: Vec<&'s str>,
}

/// The code in these sources that a script with these needs runs. The statements outside of functions are at its end.
pub(crate) fn needed(sources: &[&str], needs: &Needs) -> String {
    let code = Code::read(sources.iter().flat_map(|source| kept(source, |word| needs.contains(word))));
    let called = code.called();
    let functions = code.functions.iter().filter(|function| called.contains(function.name));
    written(functions.flat_map(|function| &function.lines).chain(&code.statements))
}

/// All functions in these sources.
pub(crate) fn whole(sources: &[&str]) -> String {
    let code = Code::read(sources.iter().flat_map(|source| kept(source, |_| true)));
    written(code.functions.iter().flat_map(|function| &function.lines))
}

/// Lines with one blank for each level.
fn written<'l>(lines: impl Iterator<Item = &'l &'l str>) -> String {
    lines.fold(String::new(), |mut text, line| {
        let rest = line.trim_start_matches(' ');
        text.extend(std::iter::repeat_n(' ', (line.len() - rest.len()) / 4));
        text.push_str(rest);
        text.push('\n');
        text
    })
}

/// The lines of a source that are no comments, and are for a script with these words.
fn kept(source: &str, has: impl Fn(&str) -> bool) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut left_out: Option<usize> = None;
    for line in source.lines() {
        let depth = line.len() - line.trim_start().len();
        if let Some(of) = left_out {
            if depth == of && line.trim_start().starts_with('}') {
                left_out = None;
            }
            continue;
        }
        let (code, words) = line.split_once(WHEN).map_or((line, None), |(code, words)| (code, Some(words)));
        if code.trim().is_empty() || code.trim_start().starts_with('#') {
            continue;
        }
        if words.is_none_or(|words| words.split(", ").any(&has)) {
            lines.push(code);
        } else if code.ends_with('{') {
            left_out = Some(depth);
        }
    }
    lines
}

impl<'s> Code<'s> {
    fn read(lines: impl Iterator<Item = &'s str>) -> Self {
        let mut code = Self::default();
        let mut inside = false;
        for line in lines {
            if let Some(head) = line.strip_prefix("function ") {
                let name = head.split(['(', ' ']).next().unwrap_or(head);
                code.functions.push(Function { name, lines: Vec::new() });
                inside = true;
            }
            match code.functions.last_mut().filter(|_| inside) {
                Some(function) => function.lines.push(line),
                None => code.statements.push(line),
            }
            let ends = line == "}" || line.starts_with("function ") && line.ends_with('}');
            inside = inside && !ends;
        }
        code
    }

    /// The names of the functions that the statements call, and of those that these call.
    fn called(&self) -> BTreeSet<&'s str> {
        let by_name: BTreeMap<&str, &Function<'s>> =
            self.functions.iter().map(|function| (function.name, function)).collect();
        let mut called = BTreeSet::new();
        let mut left: Vec<&'s str> = self.statements.clone();
        while let Some(line) = left.pop() {
            for function in names(line).filter_map(|name| by_name.get(name)) {
                if called.insert(function.name) {
                    left.extend(function.lines.iter().skip(1));
                }
            }
        }
        called
    }
}

/// What may be the name of a function in a line: words with a hyphen, outside of literals.
fn names(line: &str) -> impl Iterator<Item = &str> {
    let code = line.split('\'').step_by(2);
    let words =
        code.flat_map(|code| code.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '$')));
    words.filter(|word| word.contains('-') && word.starts_with(|c: char| c.is_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "\
# About.

function Get-One($Text) {
    # Why.
    if ($Text -ceq 'Get-Three') { return 'it''s Get-Three' }
    return Get-Two $Text
}

function Get-Two($Text) {
    foreach ($a in $Text) { # when pairs, more
        if ($a) {
            Get-Three $a
        }
    }
    Get-Four # when four
    return $Text
}

function Get-Three { return 3 }

function Get-Four {
    return 4
}
Get-One 1
";

    fn text(needs: &[&'static str]) -> String {
        needed(&[SOURCE], &needs.iter().copied().collect())
    }

    #[test]
    fn a_script_gets_the_functions_that_it_calls() {
        let one = "function Get-One($Text) {\n if ($Text -ceq 'Get-Three') { return 'it''s Get-Three' }\n return Get-Two $Text\n}\n";
        let two = "function Get-Two($Text) {\n return $Text\n}\n";
        assert_eq!(text(&[]), format!("{one}{two}Get-One 1\n"));
        assert_eq!(text(&["other"]), text(&[]));
        assert!(text(&["four"]).contains(" Get-Four\n return $Text\n}\nfunction Get-Four {\n return 4\n}\n"));
    }

    #[test]
    fn a_block_is_for_the_words_of_its_first_line() {
        let more = text(&["more"]);
        assert!(
            more.contains(
                " foreach ($a in $Text) {\n  if ($a) {\n   Get-Three $a\n  }\n }\n return $Text\n}\n"
            ),
            "{more}"
        );
        assert!(more.contains("function Get-Three { return 3 }\nGet-One 1\n"), "{more}");
    }

    #[test]
    fn a_module_has_all_functions_and_no_statement() {
        let whole = whole(&[SOURCE]);
        assert!(
            whole.contains("Get-Three { return 3 }")
                && whole.contains("Get-Four\n")
                && !whole.contains("Get-One 1")
        );
    }
}
