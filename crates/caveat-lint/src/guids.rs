//! GUIDs in the components of registry keys.

/// How many digits stand between the hyphens of a GUID.
const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];

/// Keys below which all keys are named by GUIDs.
const NAMED_BY_GUID: [&str; 6] =
    ["ActiveX Compatibility", "AppID", "CLSID", "Component Categories", "Installed Components", "Interface"];

/// What is wrong with a component that holds a GUID or should, and what to do; `above` is the component
/// above it, and `is_key` knows keys by name.
pub(crate) fn wrong(part: &str, above: Option<&str>, is_key: fn(&str) -> bool) -> Option<(String, String)> {
    let bare = part.trim_matches(['{', '}']);
    let by_guid = above.is_some_and(|above| NAMED_BY_GUID.iter().any(|key| key.eq_ignore_ascii_case(above)));
    if by_guid && is_guid(bare) && part != format!("{{{bare}}}") {
        let message = format!("`{part}` is a GUID without its braces");
        return Some((message, format!("write `{{{bare}}}`")));
    }
    let (before, rest) = part.split_once('{')?;
    let Some((inner, _)) = rest.split_once('}') else {
        return Some((format!("a brace of `{part}` is not closed"), "write `}` behind the GUID".to_owned()));
    };
    if !is_guid(inner) {
        let message = format!("the braces of `{part}` hold no GUID");
        return Some((
            message,
            format!("a GUID is hexadecimal digits, 8-4-4-4-12; this is {}", shape(inner)),
        ));
    }
    // Installers write some names before a GUID, with a mark between them.
    is_key(before).then(|| {
        let message = format!("`{before}` and the GUID behind it are two keys");
        (message, format!(r"write `{before}\{{{inner}}}`"))
    })
}

fn is_guid(text: &str) -> bool {
    let groups = text.split('-');
    text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()) && groups.map(str::len).eq(GROUPS)
}

/// How many characters stand between the hyphens, and what is no digit.
fn shape(text: &str) -> String {
    let counts: Vec<String> = text.split('-').map(|group| group.chars().count().to_string()).collect();
    match text.chars().find(|c| *c != '-' && !c.is_ascii_hexdigit()) {
        Some(strange) => format!("{}, and has `{strange}`", counts.join("-")),
        None => counts.join("-"),
    }
}
