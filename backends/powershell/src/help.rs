//! The help of a script, as `Get-Help` shows it.
//!
//! A line that begins with a dot and a word is a section of the help, so every line made from a
//! rule begins with a label.

use caveat_backend::{Fidelity, Losses};
use caveat_ir::rule::Bulletin;

use crate::literal::comment;

/// The empty line keeps it out of the help: a comment directly above makes `Get-Help` show nothing.
const REQUIRES: &str = "#Requires -Version 2.0\n\n";

/// The help of a script that judges.
pub(crate) fn judge(stem: &str, of: &[&Bulletin], (fidelity, losses): (Fidelity, &Losses)) -> String {
    let about: String = of.iter().map(|bulletin| about(bulletin)).collect();
    format!(
        "{REQUIRES}<#
.SYNOPSIS
    Tells whether this host is vulnerable: {}.

.DESCRIPTION
    Reads registry, file versions, services and installed updates, and prints an object for every bulletin: host,
    bulletin, title, verdict, severity, vulnerabilities, package, article, link, evidence, missing facts and more, all
    of them texts. A last line, which is no object, sums up. It writes nothing, needs no network and changes nothing.

    Verdicts: vulnerable, error (a fact that decides is malformed), unknown (one is missing), mitigated, fixed,
    not-applicable.

    Fidelity: {fidelity}. The verdict is the one that the rules give on the same facts.{}

{about}
.PARAMETER AsJson
    Prints JSON (caveat/eval/v1) in place of objects.

.PARAMETER PerVulnerability
    Prints an object for every vulnerability in place of one for every bulletin.

.PARAMETER FactsPath
    A host file in JSON (caveat/host/v1) to judge in place of this host.

.PARAMETER Bulletin
    Judges these bulletins only.

.PARAMETER ExitMode
    Finding: the exit code is 1 when a verdict is one of -FailOn, else 0; as remediation scripts of Intune expect.
    Detection: prints one line when no verdict is one of -FailOn, else nothing, and ends with 0; as detection
    methods of ConfigMgr and Intune applications expect.
    None: the exit code is 0 whatever the verdicts.
    A script that cannot do its work ends with 2 in every mode.

.PARAMETER FailOn
    The verdicts that count as a finding.

.EXAMPLE
    .\\{stem}.ps1 | Format-List

.EXAMPLE
    .\\{stem}.ps1 -PerVulnerability | Export-Csv -NoTypeInformation outcomes.csv

.EXAMPLE
    powershell.exe -NoProfile -File .\\{stem}.ps1 -AsJson

.NOTES
    Made by Caveat from detection rules. Do not edit: change the rules and build again.
#>
",
        ids(of),
        losses.reasons().iter().map(|reason| format!("\n    Seen in part: {}.", comment(reason))).collect::<String>(),
    )
}

/// The help of a collector.
pub(crate) fn collector(of: &[&Bulletin]) -> String {
    format!(
        "{REQUIRES}<#
.SYNOPSIS
    Prints the facts of this host that rules ask for: {}.

.DESCRIPTION
    Prints a host file (JSON, caveat/host/v1) for caveat eval. It reads the files, registry values, services and
    updates that the rules name, and no others; it writes nothing, needs no network and changes nothing. A file
    or registry key that could not be read is marked as partial. Two runs on one host print the same.

    What a host file does not list is not there. So judge it by the rules that this script was made from, or use
    -MarkPartial: then other rules find what was not collected unknown, and these rules what is not there.

.PARAMETER MarkPartial
    Marks the facts as incomplete, for use with other rules than those of this script.

.EXAMPLE
    .\\collect-facts.ps1 | Set-Content -Encoding ASCII host.json

.NOTES
    Made by Caveat from detection rules. Do not edit: change the rules and build again.
#>
",
        ids(of)
    )
}

fn ids(of: &[&Bulletin]) -> String {
    of.iter().map(|bulletin| bulletin.id.as_str()).collect::<Vec<_>>().join(", ")
}

fn about(bulletin: &Bulletin) -> String {
    let join = |words: Vec<String>| words.join(", ");
    let cves = bulletin.vulnerabilities.iter().map(|one| one.id.to_string()).collect();
    let dates = bulletin.published.iter().map(ToString::to_string);
    let dates = dates.chain(bulletin.revisions.iter().map(|revision| format!("revised {}", revision.date)));
    let rows = [
        ("Bulletin", bulletin.id.to_string()),
        ("Title", bulletin.title().to_owned()),
        ("CVE", join(cves)),
        ("KB", join(bulletin.kb.iter().map(ToString::to_string).collect())),
        ("Published", join(dates.collect())),
        ("Severity", bulletin.severity.map_or_else(String::new, |rating| rating.to_string())),
        ("Reference", bulletin.references.join(" ")),
    ];
    let shown = rows.iter().filter(|(_, text)| !text.is_empty());
    let rows: String = shown.map(|(label, text)| format!("    {label}: {}\n", comment(text))).collect();
    format!("{rows}\n")
}
