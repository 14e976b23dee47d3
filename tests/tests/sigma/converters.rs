//! What becomes of rules of every kind in the converters that users have. `docs/sigma-converters.md` tells it; with
//! `CAVEAT_UPDATE=1` the test writes the page anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;

use caveat_backend_sigma::{Events, Run, Signal, Watch, signals};
use caveat_tests::rules::root;
use caveat_tests::sigma::converters::{Converted, Converter, Converters, names, packages, searched};
use caveat_tests::sigma::engine::{artifacts, id};
use caveat_tests::sigma::events::Event;
use regex::RegexBuilder;
use serde_json::Value;

use crate::expressions::lucene;
use crate::made;
use crate::rows::{Row, rows};

#[path = "judged.rs"]
mod judged;

use judged::{CONVERTERS, of_field, of_language, translated};

/// The converters, or nothing and a line that says so.
pub(super) fn converters() -> Option<Converters> {
    Converters::find().inspect_err(|line| drop(writeln!(std::io::stderr(), "{line}"))).ok()
}

/// A rule, and what it has to find.
struct Case {
    kind: String,
    text: String,
    rows: Vec<Row>,
}

/// What a rule looks for, in the words of the page.
fn kind(signal: &Signal) -> String {
    match &signal.watch {
        Watch::Started(_) => "program".to_owned(),
        Watch::Loaded(_) => "library".to_owned(),
        Watch::Hashed(Run::Started, _) => "digest of a program".to_owned(),
        Watch::Hashed(Run::Loaded, _) => "digest of a library".to_owned(),
        Watch::Hashed(Run::Driver, _) => "digest of a driver".to_owned(),
        Watch::StartSet { .. } => "start type".to_owned(),
        Watch::Ran(_) => "running service".to_owned(),
        Watch::Audited(_) => "installed service".to_owned(),
        Watch::KeyCreated(key) if key.hive.short_name() == "HKCR" => "class".to_owned(),
        Watch::KeyCreated(_) => "new key".to_owned(),
        Watch::KeyDeleted(_) => "deleted key".to_owned(),
        Watch::ValueDeleted { .. } => "deleted value".to_owned(),
        Watch::ValueSet { name, .. } => match name.as_str() {
            "Number" => "number",
            "Negated" => "excluded numbers",
            "Text" => "text",
            "OfUser" => "value of a user",
            other => other,
        }
        .to_owned(),
    }
}

fn cases() -> Vec<Case> {
    let checked = made::compiled(include_str!("kinds.caveat"));
    let artifacts = artifacts(&checked);
    let bulletin = &checked.rules().bulletins[0];
    let cases = signals(checked.rules(), bulletin, Events::Any).into_iter().map(|signal| {
        let wanted = signal.id(bulletin).to_string();
        let artifact = artifacts.iter().find(|one| id(one) == wanted).unwrap();
        Case { kind: kind(&signal), text: artifact.text.clone(), rows: rows(&checked, &signal) }
    });
    let mut kinds = BTreeSet::new();
    cases.filter(|case| kinds.insert(case.kind.clone())).collect()
}

/// The values that a rule compares fields with: the field, its modifiers, and the text that the value stands for.
fn values(rule: &str) -> Vec<(String, String)> {
    let rule: Value = serde_yaml::from_str(rule).unwrap();
    let selections = rule["detection"].as_object().unwrap().values().filter_map(Value::as_object);
    let mut found = Vec::new();
    for (key, value) in selections.flatten() {
        let (field, modifiers) = key.split_once('|').unwrap_or((key, ""));
        let one = [value.clone()];
        for value in value.as_array().map_or(&one[..], Vec::as_slice) {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let text = if modifiers == "re" { text } else { plain(&text) };
            found.push((field.to_owned(), text));
        }
    }
    found
}

/// What a value of Sigma without wildcards stands for.
fn plain(value: &str) -> String {
    let mut text = String::new();
    let mut rest = value.chars().peekable();
    while let Some(c) = rest.next() {
        let escapes = c == '\\' && rest.peek().is_some_and(|next| "\\*?".contains(*next));
        text.push(if escapes { rest.next().unwrap() } else { c });
    }
    text
}

/// Whether a query holds a value, however it escapes it: of backslashes at least one has to be there.
fn holds(query: &str, value: &str) -> bool {
    let part = |c: char| match c {
        '\\' => r"\\+".to_owned(),
        c if c.is_ascii_alphanumeric() => c.to_string(),
        c => format!(r"\\*{}", regex::escape(&c.to_string())),
    };
    let whole: String = value.chars().map(part).collect();
    // Some have a field for each kind of digest.
    let digest = value.split_once('=').filter(|_| !value.contains(['\\', '(']));
    let apart = digest.map(|(kind, digest)| format!(r"{kind}\W+(\w+\W+)?{digest}|hash\W+{digest}"));
    let pattern = apart.map_or(whole.clone(), |apart| format!("{whole}|{apart}"));
    RegexBuilder::new(&pattern).case_insensitive(true).size_limit(1 << 24).build().unwrap().is_match(query)
}

/// What is not as the rule means it, by what the query says.
fn read(converter: &Converter, case: &Case, converted: &Converted) -> BTreeSet<String> {
    let Converted::Query { query, fields, asks } = converted else { return BTreeSet::new() };
    let values = values(&case.text);
    let names_event = values.iter().any(|(field, _)| field == "EventID");
    let mut wrong: BTreeSet<String> =
        of_language(converter, &case.kind).into_iter().map(str::to_owned).collect();
    if !asks && !names_event {
        wrong.insert("asks for no kind of event: any with such fields is found".to_owned());
    }
    for field in values.iter().map(|(field, _)| field).collect::<BTreeSet<_>>() {
        let own = vec![field.clone()];
        for name in fields.get(field).unwrap_or(&own) {
            wrong.extend(of_field(converter, field, name, &case.kind).map(str::to_owned));
        }
    }
    for (field, value) in &values {
        let known = translated(converter, value);
        if !holds(query, &known) && field != "EventID" {
            let lost = if known.contains('\\') && !query.contains('\\') {
                "backslashes are lost".to_owned()
            } else {
                format!("`{value}` is not asked for")
            };
            wrong.insert(lost);
        }
    }
    wrong
}

/// What is not as the rule means it, by what the query finds.
fn ran(case: &Case, found: &BTreeSet<usize>) -> BTreeSet<String> {
    let folded = |event: &Event| format!("{event:?}").to_lowercase();
    let caught: BTreeSet<String> = found.iter().map(|row| folded(&case.rows[*row].0)).collect();
    let missed: Vec<&Event> = case
        .rows
        .iter()
        .enumerate()
        .filter(|(row, (_, fires))| *fires && !found.contains(row))
        .map(|(_, (event, _))| event)
        .collect();
    let mut wrong = BTreeSet::new();
    if case.rows.iter().enumerate().any(|(row, (_, fires))| !fires && found.contains(&row)) {
        wrong.insert("finds what the rule does not".to_owned());
    }
    if missed.iter().any(|event| !caught.contains(&folded(event))) {
        wrong.insert("misses what the rule finds".to_owned());
    } else if !missed.is_empty() {
        wrong.insert("finds names only in the rule's case of letters".to_owned());
    }
    wrong
}

/// For each rule, what is wrong by what the converter's queries find, where they can run here.
fn run<'a>(
    converters: &Converters,
    converter: &Converter,
    cases: &[Case],
    all: &'a [Converted],
) -> Option<Vec<BTreeSet<String>>> {
    let events: Vec<Event> =
        cases.iter().flat_map(|case| &case.rows).map(|(event, _)| event.clone()).collect();
    let query = |(number, one): (usize, &'a Converted)| match one {
        Converted::Query { query, .. } => Some((number, query.as_str())),
        Converted::Refused { .. } => None,
    };
    let queries: Vec<(usize, &str)> = all.iter().enumerate().filter_map(query).collect();
    let texts: Vec<&str> = queries.iter().map(|(_, query)| *query).collect();
    let found = match converter.backend {
        "sqlite" => converters.found(&texts, &events),
        "lucene" | "opensearch_lucene" => searched(&texts, &names(all), &events, false),
        _ => return None,
    };
    let mut wrong = vec![BTreeSet::new(); cases.len()];
    let mut first = 0;
    for (number, case) in cases.iter().enumerate() {
        let range = first..first + case.rows.len();
        first = range.end;
        if let Some(at) = queries.iter().position(|(of, _)| *of == number) {
            let own = found[at].range(range.clone()).map(|row| row - range.start).collect();
            wrong[number] = ran(case, &own);
        }
    }
    Some(wrong)
}

/// The kinds of rules by what is said of them.
type Said = BTreeMap<String, Vec<String>>;

fn listed(said: &Said) -> String {
    let mut text = String::new();
    for (why, kinds) in said {
        let _ = writeln!(text, "- {}: {why}", kinds.join(", "));
    }
    text
}

/// A section of the page.
fn section(
    converters: &Converters,
    converter: &Converter,
    cases: &[Case],
    all: &[Converted],
) -> (String, String) {
    let by_running = run(converters, converter, cases, all);
    let (mut kept, mut changed, mut refused) = (Vec::new(), Said::new(), Said::new());
    for (number, (case, one)) in cases.iter().zip(all).enumerate() {
        let mut wrong = read(converter, case, one);
        wrong.extend(by_running.iter().flat_map(|ran| ran[number].clone()));
        match one {
            Converted::Refused { refused: why } => {
                refused.entry(judged::refusal(why)).or_default().push(case.kind.clone());
            }
            Converted::Query { .. } if wrong.is_empty() => kept.push(case.kind.clone()),
            Converted::Query { .. } => {
                for why in wrong {
                    changed.entry(why).or_default().push(case.kind.clone());
                }
            }
        }
    }
    let changes: BTreeSet<&String> = changed.values().flatten().collect();
    let count = |some: usize| if some == 0 { "–".to_owned() } else { some.to_string() };
    let refusals: usize = refused.values().map(Vec::len).sum();
    let pipelines = converter.pipelines.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let pipelines = if pipelines.is_empty() { "none".to_owned() } else { pipelines };
    let row = format!(
        "| {} | `{}` | {pipelines} | {} | {} | {} |\n",
        converter.title.replace('|', r"\|"),
        converter.backend,
        count(kept.len()),
        count(changes.len()),
        count(refusals)
    );
    let how = if by_running.is_some() { "Its queries were run on events." } else { "Its queries were read." };
    let mut text = format!("## {}, pipelines: {pipelines}\n\n{how}\n", converter.title);
    for (title, list) in
        [("Keeps", kept.join(", ")), ("Changes silently", listed(&changed)), ("Refuses", listed(&refused))]
    {
        if !list.is_empty() {
            let between = if list.starts_with('-') { ":\n\n" } else { ": " };
            let _ = write!(text, "\n{title}{between}{}\n", list.trim_end());
        }
    }
    (row, text)
}

#[test]
fn the_page_of_converters_is_fresh() {
    let Some(_) = lucene() else { return };
    let Some(converters) = converters() else { return };
    let cases = cases();
    let rules: Vec<&str> = cases.iter().map(|case| case.text.as_str()).collect();
    let converted = converters.convert(CONVERTERS, &rules);
    let (mut rows, mut sections) = (String::new(), String::new());
    for (converter, all) in CONVERTERS.iter().zip(&converted) {
        let (row, section) = section(&converters, converter, &cases, all);
        rows.push_str(&row);
        let _ = write!(sections, "\n{section}");
    }
    let kinds = cases.iter().map(|case| case.kind.as_str()).collect::<Vec<_>>().join(", ");
    let versions: Vec<String> =
        packages().iter().map(|(name, version)| format!("{name} {version}")).collect();
    let page = format!(
        "{}\nThe kinds of rules: {kinds}.\n\n{}{rows}{sections}\n## Versions\n\nWritten by {}.\n",
        judged::HEAD,
        judged::TABLE,
        versions.join(", ")
    );
    let path = root().join("docs/sigma-converters.md");
    if std::env::var_os("CAVEAT_UPDATE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page, "docs/sigma-converters.md is stale: run the test with CAVEAT_UPDATE=1");
}
