//! What a difference between an output and the evaluator means.

use caveat_backend::Fidelity;
use caveat_ir::Truth;
use caveat_ir::rule::Verdict;

use super::{Reference, Said};

/// How an output compares with the evaluator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Judgement {
    /// It says the same.
    Agreed,
    /// It flags a host that is not vulnerable, as it said it may.
    OverReported,
    /// It misses a vulnerable host, as it said it may.
    Missed,
    /// It decides what the evaluator leaves open, or the other way round, as approximations may.
    Open,
    /// It has nothing on the vulnerability, and said so.
    LeftOut,
    /// It says something else, and did not say that it may.
    Disagreed,
}

const fn flagged_by(verdict: Verdict) -> Truth {
    match verdict {
        Verdict::Vulnerable => Truth::True,
        Verdict::Unknown => Truth::Unknown,
        Verdict::Error => Truth::Error,
        Verdict::Mitigated | Verdict::Fixed | Verdict::NotApplicable => Truth::False,
    }
}

/// Compares what an output says with what the evaluator says.
#[must_use]
pub fn judge(fidelity: Fidelity, ours: Reference, theirs: Said) -> Judgement {
    let flagged = match theirs {
        Said::Nothing => return Judgement::LeftOut,
        Said::Verdict(verdict) if verdict == ours.verdict => return Judgement::Agreed,
        Said::Verdict(_) if fidelity == Fidelity::Exact => return Judgement::Disagreed,
        // A verdict of rules that are only approximated is one of what is flagged.
        Said::Verdict(verdict) => flagged_by(verdict),
        Said::Vulnerable(truth) if truth == ours.vulnerable => return Judgement::Agreed,
        Said::Vulnerable(truth) => truth,
    };
    if flagged == ours.vulnerable {
        return Judgement::Agreed;
    }
    let over = matches!(fidelity, Fidelity::MayOverReport | Fidelity::MayErrBothWays);
    let under = matches!(fidelity, Fidelity::MayMiss | Fidelity::MayErrBothWays);
    match (ours.vulnerable, flagged) {
        (Truth::True, _) if under => Judgement::Missed,
        (Truth::False, Truth::True) if over => Judgement::OverReported,
        (Truth::True, _) | (Truth::False, Truth::True) => Judgement::Disagreed,
        _ if over || under => Judgement::Open,
        _ => Judgement::Disagreed,
    }
}
