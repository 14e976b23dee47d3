//! Writing well-formed XML, whatever the texts in it.
//!
//! Elements close where they were opened, every value is escaped, and a character that XML
//! cannot carry is an error: quick-xml alone lets some through. One element per line, two spaces
//! a level; OpenSCAP skips an element that follows an empty one on the same line.

use std::borrow::Cow;
use std::io;

use caveat_backend::EmitBug;
use quick_xml::Writer;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::name::QName;

/// What most documents fit in, in bytes.
const CAPACITY: usize = 64 * 1024;

/// A document being written.
pub(crate) struct Xml {
    writer: Writer<Vec<u8>>,
}

/// Names and values of attributes.
pub(crate) type Attributes<'a> = [(&'a str, &'a str)];

impl Xml {
    /// Begins a document.
    pub(crate) fn new() -> Result<Self, EmitBug> {
        let mut xml = Self { writer: Writer::new_with_indent(Vec::with_capacity(CAPACITY), b' ', 2) };
        xml.write(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        Ok(xml)
    }

    /// An element with others in it.
    pub(crate) fn element(
        &mut self,
        name: &str,
        attributes: &Attributes<'_>,
        inner: impl FnOnce(&mut Self) -> Result<(), EmitBug>,
    ) -> Result<(), EmitBug> {
        self.write(Event::Start(start(name, attributes)?))?;
        inner(self)?;
        self.write(Event::End(BytesEnd::new(name)))
    }

    /// An element without content.
    pub(crate) fn empty(&mut self, name: &str, attributes: &Attributes<'_>) -> Result<(), EmitBug> {
        self.write(Event::Empty(start(name, attributes)?))
    }

    /// An element with a text.
    pub(crate) fn text(
        &mut self,
        name: &str,
        attributes: &Attributes<'_>,
        text: &str,
    ) -> Result<(), EmitBug> {
        self.write(Event::Start(start(name, attributes)?))?;
        self.write(Event::Text(BytesText::from_escaped(escape(text, false)?)))?;
        self.write(Event::End(BytesEnd::new(name)))
    }

    /// The document, with a line end at its end.
    pub(crate) fn finish(self) -> Result<String, EmitBug> {
        let mut bytes = self.writer.into_inner();
        bytes.push(b'\n');
        bytes.shrink_to_fit();
        String::from_utf8(bytes).map_err(|error| EmitBug(error.to_string()))
    }

    fn write(&mut self, event: Event<'_>) -> Result<(), EmitBug> {
        let failed = |error: io::Error| EmitBug(format!("writing XML failed: {error}"));
        self.writer.write_event(event).map_err(failed)
    }
}

fn start<'a>(name: &'a str, attributes: &Attributes<'a>) -> Result<BytesStart<'a>, EmitBug> {
    let mut start = BytesStart::new(name);
    for (key, value) in attributes {
        start.push_attribute(Attribute { key: QName(key), value: escape(value, true)? });
    }
    Ok(start)
}

/// The text with references for what is markup, for white space that a parser would normalise,
/// and for characters that would show a reader something else than is there.
fn escape(text: &str, in_attribute: bool) -> Result<Cow<'_, str>, EmitBug> {
    if text.bytes().all(is_plain) {
        return Ok(Cow::Borrowed(text));
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            _ if !is_allowed(c) => {
                return Err(EmitBug(format!("XML cannot carry the character U+{:04X}", u32::from(c))));
            }
            _ if needs_reference(c, in_attribute) => escaped.push_str(&reference(c)),
            _ => escaped.push(c),
        }
    }
    Ok(Cow::Owned(escaped))
}

/// Whether a byte is a character that stands for itself everywhere.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'&' | b'<' | b'>' | b'"')
}

fn reference(c: char) -> Cow<'static, str> {
    match c {
        '&' => "&amp;".into(),
        '<' => "&lt;".into(),
        '>' => "&gt;".into(),
        '"' => "&quot;".into(),
        other => format!("&#x{:X};", u32::from(other)).into(),
    }
}

fn needs_reference(c: char, in_attribute: bool) -> bool {
    match c {
        '&' | '<' | '>' | '\r' | '\u{2028}' | '\u{2029}' => true,
        '"' | '\t' | '\n' => in_attribute,
        _ => is_direction(c),
    }
}

/// The characters that change the direction of text.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// XML 1.0, production 2, `Char`.
fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::Xml;

    fn written(text: &str) -> String {
        let mut xml = Xml::new().unwrap();
        xml.element("a", &[("b", text)], |xml| xml.text("c", &[], text)).unwrap();
        xml.finish().unwrap()
    }

    #[test]
    fn any_text_comes_back() {
        for text in [
            "",
            "a&b<c>\"d'",
            "]]>",
            "--",
            " \t\n\r\r\n ",
            "\u{202e}\u{feff}\u{1f600}\u{85}",
            "&amp;",
            "&#10;",
        ] {
            let written = written(text);
            let document = roxmltree::Document::parse(&written).unwrap();
            assert_eq!(document.root_element().attribute("b"), Some(text));
            let inner = document.descendants().find(|node| node.has_tag_name("c")).unwrap();
            assert_eq!(inner.text().unwrap_or_default(), text);
            assert!(!written.contains(['\r', '\u{202e}']), "{written}");
        }
    }

    #[test]
    fn what_xml_cannot_carry_is_refused() {
        for text in ["\u{0}", "\u{1}", "\u{b}", "\u{1f}", "\u{fffe}", "\u{ffff}"] {
            let mut xml = Xml::new().unwrap();
            assert!(xml.text("a", &[], text).is_err());
            assert!(xml.empty("a", &[("b", text)]).is_err());
        }
    }

    #[test]
    fn one_element_a_line() {
        let mut xml = Xml::new().unwrap();
        xml.element("a", &[], |xml| {
            xml.empty("b", &[])?;
            xml.empty("b", &[])?;
            xml.text("c", &[], "")
        })
        .unwrap();
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a>\n  <b/>\n  <b/>\n  <c></c>\n</a>\n";
        assert_eq!(xml.finish().unwrap(), expected);
    }
}
