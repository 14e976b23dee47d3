//! Whole scripts: help, parameters, tables, the fixed code, in this order.

use caveat_backend::{EmitBug, Fidelity, Losses};
use caveat_ir::recorded::{self, Place};
use caveat_ir::rule::{Bulletin, RuleSet, Verdict};
use caveat_ir::value::{Architecture, InstallationType, ProductType, Variable, name};

use crate::bulletins;
use crate::help;
use crate::literal::{array, quoted, table};
use crate::options::Settings;
use crate::tables::{Tables, languages, lines, platforms};

/// Texts, JSON and facts: what both kinds of script need.
const COMMON: [&str; 7] = [
    include_str!("runtime/text.ps1"),
    include_str!("runtime/json.ps1"),
    include_str!("runtime/facts.ps1"),
    include_str!("runtime/registry.ps1"),
    include_str!("runtime/os.ps1"),
    include_str!("runtime/host.ps1"),
    include_str!("runtime/updates.ps1"),
];
const COLLECT: &str = include_str!("runtime/collect.ps1");
const JUDGE: [&str; 4] = [
    include_str!("runtime/truth.ps1"),
    include_str!("runtime/verdict.ps1"),
    include_str!("runtime/report.ps1"),
    include_str!("runtime/main.ps1"),
];
const COLLECT_MAIN: &str = include_str!("runtime/main-collect.ps1");

/// In Constrained Language Mode no method can be called, so that nothing else would be said, and `-File` would end
/// with 1, a finding. Scripts of 2.0 know the mode as well.
const HEAD: &str = "\
if ([string]$ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
    # Nothing but cmdlets and properties works here.
    Write-Warning 'caveat: this script needs the full language mode of PowerShell, which a policy of this host takes away'
    exit 2
}
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
";

/// A script that judges a host by these bulletins.
pub(crate) fn judge(
    rules: &RuleSet,
    stem: &str,
    of: &[&Bulletin],
    said: (Fidelity, &Losses),
    settings: &Settings,
) -> Result<String, EmitBug> {
    let mut parts =
        vec![help::judge(stem, of, said), parameters(settings), HEAD.to_owned(), tables(rules, of, true)?];
    parts.extend([capitals(), places()]);
    parts.extend(COMMON.iter().copied().chain([COLLECT]).chain(JUDGE).map(str::to_owned));
    finished(&parts, settings)
}

/// A script that prints the facts that these bulletins ask for.
pub(crate) fn collector(rules: &RuleSet, of: &[&Bulletin], settings: &Settings) -> Result<String, EmitBug> {
    let parameters = "[CmdletBinding()]\nparam(\n    [switch]$MarkPartial\n)\n".to_owned();
    let mut parts = vec![help::collector(of), parameters, HEAD.to_owned(), tables(rules, of, false)?];
    parts.extend([capitals(), places()]);
    parts.extend(COMMON.iter().copied().chain([COLLECT, COLLECT_MAIN]).map(str::to_owned));
    finished(&parts, settings)
}

fn parameters(settings: &Settings) -> String {
    let fail_on: Vec<String> = settings.fail_on.iter().map(|verdict| format!("'{verdict}'")).collect();
    format!(
        "[CmdletBinding()]\nparam(\n    [switch]$AsJson,\n    [string]$FactsPath = '',\n    [string[]]$Bulletin = @(),\n    \
         [ValidateSet('Finding', 'Detection', 'None')]\n    [string]$ExitMode = '{}',\n    \
         [string[]]$FailOn = @({})\n)\n",
        settings.exit_mode,
        fail_on.join(", ")
    )
}

/// The first of a script's tables that follows from rules. The tables end with the first brace that begins a line.
const TESTS: &str = "    Tests = ";

/// The tables of a script that follow from rules; nothing of one that is code only.
pub(crate) fn tables_of(script: &str) -> &str {
    let tables = script.find(TESTS).and_then(|start| {
        let tables = script.get(start..)?;
        tables.get(..tables.find("\n}")? + 1)
    });
    tables.unwrap_or_default()
}

/// The data of a script. A collector judges nothing, so it has tests only.
fn tables(rules: &RuleSet, of: &[&Bulletin], judges: bool) -> Result<String, EmitBug> {
    let mut tables = Tables::new(rules);
    let entries: Result<Vec<String>, EmitBug> =
        of.iter().map(|bulletin| bulletins::entry(bulletin, &mut tables)).collect();
    let mut fields = vec![("Languages", languages()), ("Tests", tables.tests())];
    if judges {
        fields.push(("Verdicts", crate::tests_table::words(Verdict::ALL)));
        fields.push(("Platforms", platforms(rules)));
        fields.push(("Formulas", tables.formulas()));
        fields.push(("Selectors", tables.selectors()?));
        fields.push(("Bulletins", lines(&entries?)));
    }
    let fields: Vec<String> =
        fields.into_iter().map(|(name, value)| format!("    {name} = {value}\n")).collect();
    Ok(format!(
        "# The rules. Entries call each other by number, from 0; `^` and four hexadecimal digits are one UTF-16 unit.\n\
         $CaveatTables = @{{\n{}}}\n",
        fields.concat()
    ))
}

/// The function that returns the table of letters' cases.
fn capitals() -> String {
    let row = |row: &name::Capitals| {
        let small = i32::from(row.first) + row.distance;
        format!("        {}, {}, {}, {small}", row.first, row.last, row.step)
    };
    let rows: Vec<String> = name::CAPITALS.iter().map(row).collect();
    format!(
        "function Get-Capitals {{\n    # Four numbers each: the first and the last of some capital letters, the step from one to \
         the next, the small\n    # letter of the first.\n    return @(\n{}\n    )\n}}\n",
        rows.join(",\n")
    )
}

/// The functions that return where Windows keeps facts.
fn places() -> String {
    let folded = |key: &str| quoted(&name::folded(&format!(r"hklm\{key}")));
    let place = |place: &Place| {
        let fields = table([("Key", folded(place.key())), ("Name", quoted(place.name()))]);
        format!("        {place:?} = {fields}\n")
    };
    let places: String = Place::ALL.iter().map(place).collect();
    let keys = [
        ("Get-ServicesKey", "The key whose keys are services.", recorded::SERVICES),
        ("Get-UpdatesKey", "The key whose keys are updates, before Windows Vista.", recorded::UPDATES),
        ("Get-MachineKey", "The key that holds the machine's variables.", Variable::MACHINE),
    ];
    let key = |(function, what, key): (&str, &str, &str)| {
        format!("\nfunction {function} {{\n    # {what}\n    return {}\n}}\n", folded(key))
    };
    format!(
        "function Get-SystemPlaces {{\n    # Where Windows keeps the facts of the system: a key and a value each.\n    \
         return @{{\n{places}    }}\n}}\n{}",
        keys.map(key).concat()
    ) + &words()
}

/// The words of facts, and the names that Windows has for them.
fn words() -> String {
    let architectures = Architecture::ALL.iter().map(|one| (one.as_str(), one.processor_name()));
    let types = ProductType::ALL.iter().map(|one| (one.as_str(), one.registry_name()));
    let installations = InstallationType::ALL.iter().map(|one| (one.as_str(), one.registry_name()));
    let lists: [(&str, Vec<(&str, &str)>); 3] = [
        ("Get-Architectures", architectures.collect()),
        ("Get-ProductTypes", types.collect()),
        ("Get-InstallationTypes", installations.collect()),
    ];
    let list = |(function, pairs): (&str, Vec<(&str, &str)>)| {
        let (words, names): (Vec<String>, Vec<String>) =
            pairs.into_iter().map(|(word, name)| (quoted(word), quoted(name))).unzip();
        format!(
            "\nfunction {function} {{\n    # Our words, and Windows' names for the same.\n    return @{{\n        \
             Words = {}\n        Names = {}\n    }}\n}}\n",
            array(words),
            array(names)
        )
    };
    lists.map(list).concat()
}

/// The parts with blank lines between them.
fn finished(parts: &[String], settings: &Settings) -> Result<String, EmitBug> {
    let text = parts.join("\n");
    match text.chars().find(|c| !matches!(c, '\n' | ' '..='~')) {
        Some(bad) => Err(EmitBug(format!("a script holds the character U+{:04X}", u32::from(bad)))),
        None => Ok(text.replace('\n', settings.line_end)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No compiler looks into scripts: whoever adds a place finds here what they have forgotten.
    #[test]
    fn every_fact_of_the_system_is_read_and_put_where_windows_keeps_it() {
        let runtime = COMMON.concat();
        let (read, backed) = runtime.split_once("function Set-OsBacked").unwrap();
        for place in Place::ALL {
            let named = format!("laces['{place:?}']");
            assert!(backed.contains(&named), "{place:?} is not put into the registry");
            assert!(read.contains(&named), "{place:?} is not read");
        }
    }
}
