//! What a rule says of a host, by the reference evaluator.

use std::path::Path;

use caveat_driver::inputs::{self, Input};
use caveat_driver::{Compilation, compile};
use caveat_eval::{Evaluator, HostFacts, Outcome};
use caveat_sema::Rules;

/// What the one bulletin of the text says of the host. The text may use the standard library.
pub(crate) fn outcome(text: &str, host: &impl HostFacts) -> Outcome {
    let (shown, module, text) = ("rule".to_owned(), "rule".to_owned(), text.to_owned());
    let input = Input { shown, path: None, module, root: "rules".into(), text };
    of(&compile(vec![input], Vec::new()), host)
}

/// What a bundled bulletin says of the host.
pub(crate) fn bundled(file: &str, host: &impl HostFacts) -> Outcome {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let (inputs, problems) = inputs::read(&[root.join(file)], Some(&root));
    of(&compile(inputs, problems), host)
}

fn of(compilation: &Compilation, host: &impl HostFacts) -> Outcome {
    let Compilation { rules: Rules::Checked(rules), .. } = compilation else {
        unreachable!("{:?}", compilation.diagnostics)
    };
    Evaluator::new(rules).outcomes(host).pop().expect("one bulletin")
}
