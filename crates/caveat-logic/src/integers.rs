//! Numbers of every sort that checks of a registry value tell apart: by order, by digits, by bits.

use std::collections::BTreeSet;

use caveat_ir::expr::{Integer, ValueCheck};

use crate::samples::literals;

/// The most masks of which all combinations are tried.
const MAX_MASKS: usize = 5;

/// What checks ask of numbers of one type.
struct Asked {
    /// The greatest number of the type.
    max: u64,
    /// Where another sort may begin by order or by digits, 0 among them.
    starts: BTreeSet<u64>,
    /// Bits that are asked for together.
    masks: BTreeSet<u64>,
}

impl Asked {
    fn new(checks: &[&ValueCheck], max: u64, of_type: impl Fn(Integer) -> Option<u64>) -> Self {
        let named: Vec<u64> = checks
            .iter()
            .filter_map(|check| match check {
                ValueCheck::Number(_, number) => of_type(*number),
                _ => None,
            })
            .chain(literals(checks, true).filter_map(|text| text.parse().ok()))
            .filter(|number| *number <= max)
            .collect();
        let near = |number: u64| [number.checked_sub(1), Some(number), number.checked_add(1)];
        let starts = named.into_iter().chain([0]).flat_map(near).flatten().filter(|number| *number <= max);
        let masks = checks.iter().filter_map(|check| match check {
            ValueCheck::Bits(bits) => of_type(*bits),
            _ => None,
        });
        Self { max, starts: starts.collect(), masks: masks.collect() }
    }

    fn dwords(checks: &[&ValueCheck]) -> Self {
        Self::new(checks, u32::MAX.into(), |number| match number {
            Integer::Dword(number) => Some(number.into()),
            Integer::Qword(_) => None,
        })
    }

    fn qwords(checks: &[&ValueCheck]) -> Self {
        Self::new(checks, u64::MAX, |number| match number {
            Integer::Qword(number) => Some(number),
            Integer::Dword(_) => None,
        })
    }

    /// Numbers with every combination of the masks: on their own, and the first from each start on.
    fn samples(&self) -> BTreeSet<u64> {
        let mut samples = self.starts.clone();
        let masks: Vec<u64> = self.masks.iter().copied().take(MAX_MASKS).collect();
        let told = masks.iter().fold(0, |all, mask| all | mask);
        for chosen in 0..1_u32 << masks.len() {
            let is_chosen = |index: &usize| chosen >> index & 1 == 1;
            let bits = (0..masks.len()).filter(is_chosen).filter_map(|index| masks.get(index));
            let bits = bits.fold(0, |all, mask| all | mask);
            samples.insert(bits);
            samples.extend(self.starts.iter().filter_map(|start| first_from(*start, told, bits)));
        }
        samples.retain(|number| *number <= self.max);
        samples
    }

    /// Whether the samples are certain to be of all sorts. Masks of several bits can be combined with an order in
    /// more ways than are tried.
    fn are_settled(&self, ordered: bool) -> bool {
        let single = self.masks.iter().all(|mask| mask.is_power_of_two());
        self.masks.len() <= MAX_MASKS && (single || !ordered)
    }
}

/// The least number from `start` on that has these `bits`, and no others of those `told`.
fn first_from(start: u64, told: u64, bits: u64) -> Option<u64> {
    if start & told == bits {
        return Some(start);
    }
    // It begins as the start does, is greater in one bit, and has no more bits than it must below that.
    (0..u64::BITS).find_map(|place| {
        let one = 1_u64 << place;
        let above = !(one | (one - 1));
        let fits = start & above & told == bits & above;
        let grows = start & one == 0 && (told & one == 0 || bits & one != 0);
        (fits && grows).then_some(start & above | one | bits & (one - 1))
    })
}

/// Double words of every sort.
pub(crate) fn dwords(checks: &[&ValueCheck]) -> BTreeSet<u32> {
    Asked::dwords(checks).samples().into_iter().filter_map(|number| u32::try_from(number).ok()).collect()
}

/// Quad words of every sort, where any are asked for.
pub(crate) fn qwords(checks: &[&ValueCheck]) -> BTreeSet<u64> {
    let asked = checks.iter().any(|check| {
        matches!(
            check,
            ValueCheck::Number(_, Integer::Qword(_))
                | ValueCheck::Bits(Integer::Qword(_))
                | ValueCheck::Type(_)
        )
    });
    if asked { Asked::qwords(checks).samples() } else { BTreeSet::new() }
}

/// Whether the numbers are certain to be of all sorts that the checks tell apart.
pub(crate) fn are_settled(checks: &[&ValueCheck]) -> bool {
    let ordered = checks.iter().any(|check| matches!(check, ValueCheck::Number(..)))
        || literals(checks, true).any(|text| text.parse::<u64>().is_ok());
    [Asked::dwords(checks), Asked::qwords(checks)].iter().all(|asked| asked.are_settled(ordered))
}

#[cfg(test)]
mod tests {
    use super::first_from;

    #[test]
    fn the_first_number_is_the_least_one() {
        for start in 0..40 {
            for told in 0..32 {
                for bits in (0..32).filter(|bits| bits & !told == 0) {
                    let least = (start..200).find(|number| number & told == bits);
                    assert_eq!(first_from(start, told, bits), least, "{start} {told} {bits}");
                }
            }
        }
        assert_eq!(first_from(u64::MAX, 1, 0), None);
    }
}
