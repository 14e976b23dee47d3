//! Regular expressions for sets of decimal numbers, in the subset that all OVAL engines share:
//! literals, classes, repetition and alternation.

use caveat_ir::value::{NumberSet, name};

/// The most digits that a number may have.
const MOST_DIGITS: usize = 9;

/// The alternatives of an expression that matches the numbers of the set, apart from 0, of at most
/// nine digits and written without leading zeros.
pub(crate) fn positive_numbers(set: &NumberSet) -> Vec<String> {
    let mut alternatives = Vec::new();
    let most = last_of_length(MOST_DIGITS);
    for (low, high) in set.ranges() {
        let (low, high) = (u64::from(*low).max(1), u64::from(*high).min(most));
        let digits = low.to_string().len();
        if high == most && digits < MOST_DIGITS {
            alternatives.extend(numbers(low, last_of_length(digits)));
            alternatives.push(format!("[1-9][0-9]{{{digits},{}}}", MOST_DIGITS - 1));
        } else {
            alternatives.extend(numbers(low, high));
        }
    }
    alternatives
}

/// An expression that matches a text in any case of its letters.
pub(crate) fn any_case(text: &str) -> String {
    let character = |c: char| {
        let mut cases: Vec<char> = name::same_letters(c).collect();
        cases.sort_unstable();
        match cases.as_slice() {
            [_] if r"\^$.|?*+()[]{}".contains(c) => format!(r"\{c}"),
            [only] => only.to_string(),
            several => format!("[{}]", several.iter().collect::<String>()),
        }
    };
    text.chars().map(character).collect()
}

/// The highest number of that many digits.
fn last_of_length(digits: usize) -> u64 {
    std::iter::repeat_n(9, digits).fold(0, |number, nine| number * 10 + nine)
}

/// Numbers that share all digits but some last ones, of which the first lies between two digits
/// and the others are free.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Block {
    shared: u128,
    first: u128,
    last: u128,
    free: u32,
}

/// The same for the numbers from `low`, which is not 0, to `high`; none when it is less.
pub(super) fn numbers(low: u64, high: u64) -> Vec<String> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut next, high) = (u128::from(low), u128::from(high));
    while next <= high {
        let free = widest(next, high);
        let prefix = next / 10_u128.pow(free);
        let digit = prefix % 10;
        match blocks.last_mut() {
            Some(block) if block.free == free && block.shared == prefix / 10 && block.last + 1 == digit => {
                block.last = digit;
            }
            _ => blocks.push(Block { shared: prefix / 10, first: digit, last: digit, free }),
        }
        next += 10_u128.pow(free);
    }
    blocks.into_iter().map(Block::pattern).collect()
}

/// How many last digits are free when the block begins at `start` and stays within `high`.
fn widest(start: u128, high: u128) -> u32 {
    let fits = |free: &u32| {
        let size = 10_u128.pow(*free);
        start.is_multiple_of(size) && start + size - 1 <= high
    };
    (1..=19).take_while(fits).last().unwrap_or(0)
}

impl Block {
    fn pattern(self) -> String {
        let shared = if self.shared == 0 { String::new() } else { self.shared.to_string() };
        let class = if self.first == self.last {
            self.first.to_string()
        } else {
            format!("[{}-{}]", self.first, self.last)
        };
        let free = match self.free {
            0 => String::new(),
            1 => "[0-9]".to_owned(),
            more => format!("[0-9]{{{more}}}"),
        };
        format!("{shared}{class}{free}")
    }
}

#[cfg(test)]
mod tests {
    use caveat_ir::value::NumberSet;

    use super::positive_numbers;

    fn pattern(ranges: &[(u32, u32)]) -> String {
        positive_numbers(&NumberSet::from(ranges.to_vec())).join("|")
    }

    #[test]
    fn patterns_read_as_a_person_would_write_them() {
        assert_eq!(pattern(&[(2, 4)]), "[2-4]");
        assert_eq!(pattern(&[(0, 1), (3, 3)]), "1|3");
        assert_eq!(pattern(&[(3, u32::MAX)]), "[3-9]|[1-9][0-9]{1,8}");
        assert_eq!(pattern(&[(999_999_998, u32::MAX)]), "99999999[8-9]");
        assert_eq!(pattern(&[(1_000_000_000, u32::MAX)]), "");
        assert_eq!(pattern(&[(6, 132)]), "[6-9]|[1-9][0-9]|1[0-2][0-9]|13[0-2]");
        assert_eq!(pattern(&[(0, 0)]), "");
    }

    /// Whether a number matches, read off the pattern's own grammar.
    fn matches(patterns: &[String], number: u32) -> bool {
        patterns.iter().any(|pattern| one(pattern.as_bytes(), number.to_string().as_bytes()))
    }

    fn one(pattern: &[u8], text: &[u8]) -> bool {
        let Some(head) = pattern.first() else { return text.is_empty() };
        let (low, high, rest) = match head {
            b'[' => (pattern[1], pattern[3], &pattern[5..]),
            digit => (*digit, *digit, &pattern[1..]),
        };
        let (least, most, rest) = match rest.first() {
            Some(b'{') => {
                let end = rest.iter().position(|byte| *byte == b'}').unwrap();
                let inner = std::str::from_utf8(&rest[1..end]).unwrap();
                let (least, most) = inner.split_once(',').unwrap_or((inner, inner));
                (least.parse().unwrap(), most.parse().unwrap(), &rest[end + 1..])
            }
            _ => (1, 1, rest),
        };
        (least..=most.max(least)).any(|count| {
            text.len() >= count
                && text[..count].iter().all(|byte| (low..=high).contains(byte))
                && one(rest, &text[count..])
        })
    }

    #[test]
    fn patterns_match_exactly_the_numbers_of_the_set() {
        for low in (0..130).step_by(7) {
            for high in [low, low + 3, low + 10, 99, 100, 999, 1234, u32::MAX] {
                let set = NumberSet::range(low, high);
                let patterns = positive_numbers(&set);
                for number in (1..1500).chain([9_999, 10_000, 123_456]) {
                    assert_eq!(matches(&patterns, number), set.contains(number), "{number} in {set}");
                }
            }
        }
    }
}
