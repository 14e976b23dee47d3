//! Whole scripts: help, parameters, tables, the fixed code, in this order.

use caveat_backend::{EmitBug, Fidelity, Losses};
use caveat_ir::recorded::{self, Place};
use caveat_ir::rule::{Bulletin, RuleSet, Verdict};
use caveat_ir::value::{Architecture, InstallationType, ProductType, Variable, name};

use crate::bulletins;
use crate::help;
use crate::literal::{array, quoted, table};
use crate::options::{Runtime, Settings};
use crate::runtime::{self, Needs};
use crate::tables::{Tables, languages, lines, platforms};

/// Texts, JSON and facts: what both kinds of script need.
const COMMON: [&str; 8] = [
    include_str!("runtime/text.ps1"),
    include_str!("runtime/json.ps1"),
    include_str!("runtime/facts.ps1"),
    include_str!("runtime/registry.ps1"),
    include_str!("runtime/os.ps1"),
    include_str!("runtime/host.ps1"),
    include_str!("runtime/updates.ps1"),
    include_str!("runtime/collect.ps1"),
];
const JUDGE: [&str; 4] = [
    include_str!("runtime/truth.ps1"),
    include_str!("runtime/verdict.ps1"),
    include_str!("runtime/report.ps1"),
    include_str!("runtime/main.ps1"),
];
const ENTRY: &str = include_str!("runtime/entry.ps1");
const IMPORT: &str = include_str!("runtime/import.ps1");
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
    let made = tables(rules, of, true)?;
    let code = match settings.runtime {
        Runtime::Inline => {
            let own: Vec<&str> = JUDGE.into_iter().chain([ENTRY]).collect();
            runtime::needed(&sources(&generated(), &own), &made.needs)
        }
        Runtime::Module => {
            runtime::needed(&[IMPORT, ENTRY], &made.needs).replace("MARK", &mark(&functions()))
        }
    };
    finished(&[help::judge(stem, of, said), parameters(settings), HEAD.to_owned(), made.text, code], settings)
}

/// A script that prints the facts that these bulletins ask for.
pub(crate) fn collector(rules: &RuleSet, of: &[&Bulletin], settings: &Settings) -> Result<String, EmitBug> {
    let parameters = "[CmdletBinding()]\nparam(\n    [switch]$MarkPartial\n)\n".to_owned();
    let made = tables(rules, of, false)?;
    let code = runtime::needed(&sources(&generated(), &[COLLECT_MAIN]), &made.needs);
    finished(&[help::collector(of), parameters, HEAD.to_owned(), made.text, code], settings)
}

/// The module that scripts without code of their own import.
pub(crate) fn module(settings: &Settings) -> Result<String, EmitBug> {
    let code = functions();
    let about = format!(
        "# The code of the scripts beside it, made by Caveat.\n{HEAD}$CaveatMark = '{}'\n",
        mark(&code)
    );
    finished(&[about, code, "Export-ModuleMember -Function 'Invoke-Rules'\n".to_owned()], settings)
}

/// All functions that scripts may call which judge.
fn functions() -> String {
    runtime::whole(&sources(&generated(), &JUDGE))
}

/// What tells one build of the module from another: FNV-1a of the code.
fn mark(code: &str) -> String {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", code.bytes().fold(0xcbf2_9ce4_8422_2325, step))
}

/// The functions that hold data of ours.
fn generated() -> String {
    capitals() + &places()
}

fn sources<'s>(generated: &'s str, own: &[&'s str]) -> Vec<&'s str> {
    std::iter::once(generated).chain(COMMON).chain(own.iter().copied()).collect()
}

fn parameters(settings: &Settings) -> String {
    let fail_on: Vec<String> = settings.fail_on.iter().map(|verdict| format!("'{verdict}'")).collect();
    format!(
        "[CmdletBinding()]\nparam(\n    [switch]$AsJson,\n    [switch]$PerVulnerability,\n    [string]$FactsPath = '',\n    [string[]]$Bulletin = @(),\n    \
         [ValidateSet('Finding', 'Detection', 'None')]\n    [string]$ExitMode = '{}',\n    \
         [string[]]$FailOn = @({})\n)\n",
        settings.exit_mode,
        fail_on.join(", ")
    )
}

/// What begins the tables of a script, after which those follow that follow from rules. They end with the first brace
/// that begins a line.
const TABLES: &str = "\n$CaveatTables = @{";

/// The tables of a script that follow from rules; nothing of one that is code only.
pub(crate) fn tables_of(script: &str) -> &str {
    let tables = script.split_once(TABLES).and_then(|(_, tables)| {
        let tables = tables.trim_start_matches(['\r', '\n']);
        tables.get(..tables.find("\n}")? + 1)
    });
    tables.unwrap_or_default()
}

/// The data of a script, and what it needs of the code.
struct Made {
    text: String,
    needs: Needs,
}

/// The data of a script. A collector judges nothing, so it has tests only.
fn tables(rules: &RuleSet, of: &[&Bulletin], judges: bool) -> Result<Made, EmitBug> {
    let mut tables = Tables::new(rules);
    let entries: Result<Vec<String>, EmitBug> =
        of.iter().map(|bulletin| bulletins::entry(bulletin, &mut tables)).collect();
    let mut needs = tables.needs().clone();
    let has_languages = !judges || needs.contains("language") || needs.contains("os-backed");
    let mut fields = vec![("Tests", tables.tests())];
    fields.extend(has_languages.then(|| ("Languages", languages())));
    if judges {
        fields.push(("Verdicts", crate::tests_table::words(Verdict::ALL)));
        fields.push(("Platforms", platforms(rules, &needs)));
        fields.push(("Formulas", tables.formulas()));
        fields.push(("Selectors", tables.selectors()?));
        fields.push(("Cases", tables.cases()));
        fields.push(("Files", tables.files()));
        fields.push(("Bulletins", lines(&entries?)));
    }
    let fields: Vec<String> =
        fields.into_iter().map(|(name, value)| format!(" {name} = {value}\n")).collect();
    let fields = fields.concat();
    needs.extend(fields.contains('^').then_some("escapes"));
    needs.extend(has_languages.then_some("languages"));
    let text = format!(
        "# The rules. Entries call each other by number, from 0; `^` and four hexadecimal digits are one UTF-16 unit.\
         {TABLES}\n{fields}}}\n",
    );
    Ok(Made { text, needs })
}

/// The function that returns the table of letters' cases.
fn capitals() -> String {
    let row = |row: &name::Capitals| {
        let small = i32::from(row.first) + row.distance;
        format!("{},{},{},{small}", row.first, row.last, row.step)
    };
    let rows: Vec<String> = name::CAPITALS.iter().map(row).collect();
    let rows: Vec<String> = rows.chunks(6).map(|rows| format!("        {}", rows.join(", "))).collect();
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
