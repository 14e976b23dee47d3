//! The results of tests as `JUnit` XML, for services that show them.

use std::fmt::Write as _;

use caveat_diag::render::plain;
use caveat_eval::TestResult;

/// One suite a bulletin, one case a test.
pub(super) fn render(results: &[TestResult]) -> String {
    let failed = |results: &[&TestResult]| results.iter().filter(|result| !result.passed()).count();
    let all: Vec<&TestResult> = results.iter().collect();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let counts =
        |results: &[&TestResult]| format!("tests=\"{}\" failures=\"{}\"", results.len(), failed(results));
    let _ = writeln!(out, "<testsuites name=\"caveat\" {}>", counts(&all));
    for suite in all.chunk_by(|a, b| a.bulletin == b.bulletin) {
        let Some(first) = suite.first() else { continue };
        let name = escaped(first.bulletin.as_str());
        let _ = writeln!(out, "  <testsuite name=\"{name}\" {}>", counts(suite));
        for result in suite {
            case(&mut out, &name, result);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn case(out: &mut String, suite: &str, result: &TestResult) {
    let name = escaped(&result.name);
    let _ = write!(out, "    <testcase classname=\"{suite}\" name=\"{name}\"");
    if result.passed() {
        out.push_str("/>\n");
        return;
    }
    out.push_str(">\n");
    for failure in &result.failures {
        let message = escaped(&format!("expected {}, found {}", failure.expected, failure.found));
        let because: Vec<String> = failure.because.iter().map(|fact| format!("not known: {fact}")).collect();
        let text = escaped(&because.join("\n"));
        let _ = writeln!(out, "      <failure message=\"{message}\">{text}</failure>");
    }
    out.push_str("    </testcase>\n");
}

/// Text that can stand in content and in attributes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in plain(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\r' | '\t' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            other => out.push(other),
        }
    }
    out
}
