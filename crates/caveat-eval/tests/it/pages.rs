//! The examples on the pages of the diagnostics about hosts.

use caveat_diag::Code;
use caveat_eval::{Host, load_hosts};

use crate::rules::platforms;

/// The codes that the page's examples give, first those of the wrong one.
fn codes(page: &str) -> Vec<Vec<&str>> {
    let examples = page.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let problems = |text: &str| match load_hosts("host.yaml", text).remove(0) {
        Ok(file) => Host::new(&file, &platforms()).1,
        Err(problem) => vec![problem],
    };
    examples
        .map(|text| problems(text).iter().map(|problem| problem.diagnostic("host").code.id).collect())
        .collect()
}

#[test]
fn wrong_examples_are_wrong_and_right_ones_right() {
    assert_eq!(codes(Code::MALFORMED_HOST.page), [vec!["CAV0501"], vec![]]);
    assert_eq!(codes(Code::MALFORMED_FACT.page), [vec!["CAV0502", "CAV0502"], vec![]]);
}
