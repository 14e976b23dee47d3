//! A scanner with the bundled rules compiled into it. It reads host files, or looks at the Windows machine that it
//! runs on, and says what to do; the rules were checked when it was compiled, and no rule file is needed where it runs.

use std::io::{self, Write};
use std::process::ExitCode;

use caveat::eval::{Host, HostProblem, load_hosts};
use caveat::ir::RuleSet;
use caveat::ir::host::HostFile;
use caveat::runtime::{Fact, Finding, HostFacts, Outcome, Test, Verdict};

mod rules {
    caveat::include_rules!("../../rules");
}

fn main() -> ExitCode {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let mut out = io::stdout().lock();
    match scan(&files, &mut out) {
        Ok(false) => ExitCode::SUCCESS,
        Ok(true) => ExitCode::from(1),
        Err(problem) => {
            let _ = writeln!(io::stderr(), "{problem}");
            ExitCode::from(2)
        }
    }
}

/// Reports on the hosts of all files; whether one of them is vulnerable.
fn scan(files: &[String], out: &mut impl Write) -> Result<bool, String> {
    if files.is_empty() {
        return this_machine(out);
    }
    let mut vulnerable = false;
    for file in files {
        for host in hosts(file)? {
            vulnerable |= report(&host, out).map_err(|error| error.to_string())?;
        }
    }
    Ok(vulnerable)
}

/// Reports on the machine that this program runs on.
#[cfg(windows)]
fn this_machine(out: &mut impl Write) -> Result<bool, String> {
    report(&caveat_windows::LiveHost::new(), out).map_err(|error| error.to_string())
}

#[cfg(not(windows))]
fn this_machine(_: &mut impl Write) -> Result<bool, String> {
    Err("usage: scanner HOST-FILE...".to_owned())
}

fn hosts(file: &str) -> Result<Vec<Host>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    load_hosts(file, &text).into_iter().map(|loaded| host(loaded, file)).collect()
}

/// The name of a platform stands for facts that rule files define. There are none here, so only the
/// facts that the file lists are known.
fn host(loaded: Result<HostFile, HostProblem>, file: &str) -> Result<Host, String> {
    let mut listed = loaded.map_err(|problem| format!("{file}: {problem}"))?;
    (listed.os.platform, listed.os.edition) = (None, None);
    let (host, problems) = Host::new(&listed, &RuleSet::default());
    problems.first().map_or(Ok(host), |problem| Err(format!("{file}: {problem}")))
}

/// Says what every bulletin that concerns the host comes to; whether it is vulnerable.
fn report(host: &impl HostFacts, out: &mut impl Write) -> io::Result<bool> {
    let outcomes = rules::evaluate(host);
    for outcome in outcomes.iter().filter(|outcome| outcome.verdict != Verdict::NotApplicable) {
        writeln!(out, "{}: {} {}", host.name(), outcome.bulletin.id, outcome.verdict)?;
        match outcome.verdict {
            Verdict::Vulnerable => advise(outcome, host, out)?,
            Verdict::Unknown | Verdict::Error => ask(outcome, host, out)?,
            _ => {}
        }
    }
    Ok(outcomes.iter().any(|outcome| outcome.verdict == Verdict::Vulnerable))
}

/// Names the flaws, what shows them, and the update that mends them.
fn advise(outcome: &Outcome, host: &impl HostFacts, out: &mut impl Write) -> io::Result<()> {
    for one in outcome.vulnerabilities.iter().filter(|one| one.verdict == Verdict::Vulnerable) {
        let severity = one.severity.map_or("unrated", |rating| rating.as_str());
        writeln!(out, "  {} ({severity})", one.vulnerability.id)?;
    }
    for finding in &outcome.reasons(host).evidence {
        writeln!(out, "  {}", shown(finding))?;
    }
    let Some(package) = outcome.package else { return Ok(()) };
    let articles = if package.kb.is_empty() { outcome.bulletin.kb } else { package.kb };
    let articles: Vec<String> = articles.iter().map(ToString::to_string).collect();
    writeln!(out, "  install {} for {}", articles.join(", "), package.name)
}

/// A file that is too old, shortly, and anything else in the words of Caveat.
fn shown(finding: &Finding<'_>) -> String {
    match (finding.test, &finding.found, finding.floor()) {
        (Test::FileVersion(path, _), Fact::Present(version), Some(floor)) => {
            format!("{path} is {version}, fixed in {floor}")
        }
        _ => finding.to_string(),
    }
}

/// Names what has to be found out first.
fn ask(outcome: &Outcome, host: &impl HostFacts, out: &mut impl Write) -> io::Result<()> {
    let reasons = outcome.reasons(host);
    for finding in reasons.missing.iter().chain(&reasons.malformed) {
        writeln!(out, "  not known: {finding}")?;
    }
    Ok(())
}
