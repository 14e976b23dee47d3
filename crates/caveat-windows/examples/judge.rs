//! Judges the machine that it runs on by rule files, and prints the outcomes as JSON, a file a line:
//! `judge RULES.caveat MODULES`. `.ci/windows` holds it to the evaluator on machines that it sets up.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program prints")]

#[cfg(windows)]
fn main() -> std::process::ExitCode {
    use caveat_driver::{Compilation, compile, inputs};
    use caveat_eval::Evaluator;
    use caveat_sema::Rules;
    use caveat_windows::LiveHost;
    use std::path::PathBuf;
    use std::process::ExitCode;

    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(file), Some(modules)) = (arguments.next(), arguments.next()) else {
        eprintln!("judge RULES.caveat MODULES");
        return ExitCode::from(2);
    };
    let (rules, problems) = inputs::read(&[file], Some(&modules));
    let Compilation { rules: Rules::Checked(rules), .. } = compile(rules, problems) else {
        eprintln!("the rules are unsound");
        return ExitCode::from(2);
    };
    let outcomes: Vec<_> = Evaluator::new(&rules).outcomes(&LiveHost::new()).into_iter().collect();
    match serde_json::to_string(&outcomes) {
        Ok(json) => println!("{json}"),
        Err(error) => eprintln!("{error}"),
    }
    ExitCode::SUCCESS
}

#[cfg(not(windows))]
fn main() {}
