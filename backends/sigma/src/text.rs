//! Strings of rules as values of Sigma, and names as Sysmon spells them.

use std::collections::BTreeSet;

use caveat_ir::value::{Hive, RegistryPath, View, name};

/// A string as a Sigma value that stands for nothing but itself: `*` and `?` are wildcards there, and
/// `\` before them or before another `\` takes their meaning away.
pub(crate) fn literal(text: &str) -> String {
    let mut value = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let escaped = match c {
            '*' | '?' => true,
            '\\' => rest.peek().is_none_or(|next| "\\*?".contains(*next)),
            _ => false,
        };
        value.extend(escaped.then_some('\\'));
        value.push(c);
    }
    value
}

/// The most letters beyond ASCII of which every combination of cases is listed.
const MAX_LETTERS: usize = 4;

/// The values that stand for a name. Sigma compares without regard to case, but engines do so for letters of ASCII
/// only, or for others as their culture has it; so those beyond ASCII are listed in either case.
pub(crate) fn literals(name: &str) -> Vec<String> {
    let in_case = |turn: &dyn Fn(usize) -> Option<bool>| {
        let mut letter = 0;
        let turned = |c: char| {
            let [small, capital] = cases(c)?;
            letter += 1;
            turn(letter - 1).map(|is_capital| if is_capital { capital } else { small })
        };
        let mut turned = turned;
        literal(&name.chars().map(|c| turned(c).unwrap_or(c)).collect::<String>())
    };
    let letters = name.chars().filter_map(cases).count();
    let mut values = vec![literal(name)];
    if letters <= MAX_LETTERS {
        values.extend((0..1_usize << letters).map(|bits| in_case(&|at| Some(bits >> at & 1 == 1))));
    } else {
        values.extend([false, true].map(|is_capital| in_case(&|_| Some(is_capital))));
    }
    let mut seen = BTreeSet::new();
    values.retain(|value| seen.insert(value.clone()));
    values
}

/// The small and the capital letter, of one beyond ASCII that has both.
fn cases(letter: char) -> Option<[char; 2]> {
    let mut cases = name::same_letters(letter).filter(|c| !letter.is_ascii() && !c.is_ascii());
    Some([cases.next()?, cases.next()?])
}

/// Keys as Sysmon names them in `TargetObject`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// One of these names.
    Names(Vec<String>),
    /// A key of any user that ends in one of these ways.
    OfUsers(Vec<String>),
}

/// The names of a key, or of a value when `value` is its name.
pub(crate) fn spelling(path: &RegistryPath, value: Option<&str>) -> Spelling {
    let object = |key: String| match value {
        Some("") => format!("{key}\\(Default)"),
        Some(name) => format!("{key}\\{name}"),
        None => key,
    };
    let objects = in_views(path).into_iter().map(object);
    match path.hive {
        Hive::CurrentUser => Spelling::OfUsers(objects.map(|object| format!("\\{object}")).collect()),
        Hive::Users => Spelling::Names(objects.map(|object| format!("HKU\\{object}")).collect()),
        Hive::ClassesRoot => {
            let classes = |object| [format!("HKCR\\{object}"), format!("HKLM\\SOFTWARE\\Classes\\{object}")];
            Spelling::Names(objects.flat_map(classes).collect())
        }
        Hive::LocalMachine => Spelling::Names(objects.flat_map(|object| of_machine(&object)).collect()),
        Hive::CurrentConfig => {
            let current = r"SYSTEM\CurrentControlSet\Hardware Profiles\Current";
            let names = objects.flat_map(|object| of_machine(&format!("{current}\\{object}")));
            Spelling::Names(names.collect())
        }
    }
}

/// The names of a key in its view: what 32-bit programs see has a name of its own on a 64-bit Windows,
/// and the usual one on a 32-bit Windows.
fn in_views(path: &RegistryPath) -> Vec<String> {
    let software = "SOFTWARE\\";
    let below = path.key.get(software.len()..).filter(|_| starts_with(&path.key, software));
    let redirected = match (path.view, path.hive, below) {
        (Some(View::Bits32), Hive::LocalMachine, Some(below)) => {
            Some(format!("SOFTWARE\\WOW6432Node\\{below}"))
        }
        (Some(View::Bits32), Hive::ClassesRoot, _) => Some(format!("WOW6432Node\\{}", path.key)),
        _ => None,
    };
    redirected.into_iter().chain([path.key.clone()]).collect()
}

/// What is below `HKLM`: the current control set is known by its number too, classes by their hive.
fn of_machine(object: &str) -> Vec<String> {
    let mut names = vec![format!("HKLM\\{object}")];
    let after = |prefix: &str| object.get(prefix.len()..).filter(|_| starts_with(object, prefix));
    if let Some(below) = after(r"SYSTEM\CurrentControlSet\") {
        return control_sets(below).map(|name| format!("HKLM\\{name}")).collect();
    }
    if let Some(below) = after(r"SOFTWARE\Classes\") {
        names.push(format!("HKCR\\{below}"));
    }
    names
}

/// A key of the current control set, by all its names, in the case of letters that Sysmon writes: some engines compare
/// with regard to it.
pub(crate) fn control_sets(below: &str) -> impl Iterator<Item = String> {
    let sets = ["CurrentControlSet", "ControlSet001", "ControlSet002", "ControlSet003"];
    sets.into_iter().map(move |set| format!("System\\{set}\\{below}"))
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

// Engines disagree about expressions: some search for them within a text, where `^` and `$` tie them to its ends; Lucene
// compares whole texts and takes `^` and `$` for letters. These two are read alike. `a?&b?` is what both `a?` and `b?` match to
// Lucene, which is nothing, so that it ties nothing; to others it asks for a `&`.

/// The beginning of a text.
pub(crate) const START: &str = "(^|a?&b?)";
/// Its end.
pub(crate) const END: &str = "($|a?&b?)";

/// An expression for the binary data of event 7036: the short name of the service in UTF-16, `/` and the
/// number of the state, 4 for running, in hexadecimal digits. Names compare without regard to case.
pub(crate) fn running(name: &str) -> String {
    let units = name.encode_utf16().chain("/4".encode_utf16());
    format!("{START}(0x)?{}.*", units.map(letter).collect::<String>())
}

/// A unit in either case.
fn letter(of: u16) -> String {
    let cases =
        char::from_u32(of.into()).and_then(cases).map(|cases| cases.map(u32::from).map(u16::try_from));
    match cases {
        Some([Ok(small), Ok(capital)]) => format!("({}|{})", unit(small), unit(capital)),
        _ => unit(of),
    }
}

/// The bytes of a unit of UTF-16, the lower one first; letters of ASCII in both cases, which differ in
/// one bit of the first digit.
fn unit(unit: u16) -> String {
    let [low, high] = unit.to_le_bytes();
    let letter = high == 0 && low.is_ascii_alphabetic();
    let first = match low >> 4 {
        4 | 6 if letter => "[46]".to_owned(),
        5 | 7 if letter => "[57]".to_owned(),
        other => digit(other),
    };
    [first, digit(low & 0xf), digit(high >> 4), digit(high & 0xf)].concat()
}

/// A hexadecimal digit in either case.
fn digit(value: u8) -> String {
    match char::from_digit(value.into(), 16) {
        Some(letter) if letter.is_ascii_alphabetic() => format!("[{}{letter}]", letter.to_ascii_uppercase()),
        Some(digit) => digit.to_string(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use caveat_ir::value::{RegistryPath, View};

    use super::{Spelling, literal, running, spelling};

    #[test]
    fn values_stand_for_themselves() {
        for (text, value) in [
            (r"a\b", r"a\b"),
            (r"a\\b", r"a\\\b"),
            (r"a\*b", r"a\\\*b"),
            (r"a?", r"a\?"),
            (r"a\", r"a\\"),
            (r"\\*", r"\\\\\*"),
        ] {
            assert_eq!(literal(text), value);
        }
    }

    fn names(key: &str, view: Option<View>, value: Option<&str>) -> Spelling {
        spelling(&RegistryPath::parse(key, view).unwrap(), value)
    }

    #[test]
    fn keys_have_the_names_that_sysmon_gives_them() {
        let list = |names: &[&str]| Spelling::Names(names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(names(r"HKCR\HCP", None, None), list(&[r"HKCR\HCP", r"HKLM\SOFTWARE\Classes\HCP"]));
        assert_eq!(
            names(r"HKLM\software\classes\A", None, None),
            list(&[r"HKLM\software\classes\A", r"HKCR\A"])
        );
        assert_eq!(
            names(r"HKLM\SOFTWARE\A", Some(View::Bits32), Some("B")),
            list(&[r"HKLM\SOFTWARE\WOW6432Node\A\B", r"HKLM\SOFTWARE\A\B"])
        );
        assert_eq!(
            names(r"HKLM\SYSTEM\CurrentControlSet\A", None, Some("")),
            list(&[
                r"HKLM\System\CurrentControlSet\A\(Default)",
                r"HKLM\System\ControlSet001\A\(Default)",
                r"HKLM\System\ControlSet002\A\(Default)",
                r"HKLM\System\ControlSet003\A\(Default)",
            ])
        );
        assert_eq!(names(r"HKCU\A", None, None), Spelling::OfUsers(vec![r"\A".to_owned()]));
    }

    #[test]
    fn running_services_are_told_by_the_binary_data() {
        let pattern = regex::Regex::new(&running("Wins.é")).unwrap();
        let hex = |text: &str| -> String {
            text.encode_utf16().flat_map(u16::to_le_bytes).map(|byte| format!("{byte:02X}")).collect()
        };
        assert!(pattern.is_match(&hex("WINS.é/4\0")));
        assert!(pattern.is_match(&hex("wins.é/4").to_lowercase()));
        assert!(pattern.is_match(&hex("WINS.É/4")));
        for other in ["WINS.é/1", "WINS.é", "XWINS.é/4", "WINSNé/4", "WINS.è/4"] {
            assert!(!pattern.is_match(&hex(other)), "{other}");
        }
    }
}
