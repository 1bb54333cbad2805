//! A style file's XML as a tree: elements, their attributes, and texts between them.
//!
//! Styles are small and refer back and forth, so a tree is simpler than events. It is bounded: depth, elements, bytes.
//! Entities that a document defines are never expanded, and nothing that it names is opened.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::LocalName;

use super::super::xml;
use super::StyleError;
use crate::text::Message;

/// Elements within elements: no style nests deeper.
const MOST_DEPTH: usize = 96;
/// Elements and texts of one file.
const MOST_NODES: usize = 400_000;
/// Attributes of one element.
const MOST_ATTRIBUTES: usize = 200;

/// An element, or a text between elements, whose name is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Element {
    /// Its name without prefix.
    pub(super) name: String,
    /// Names without prefix, and values.
    attributes: Vec<(String, String)>,
    /// What it holds, texts among it, in the order of the file.
    pub(super) children: Vec<Element>,
    /// Of a text: what it says.
    said: String,
}

impl Element {
    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The elements of that name in it.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first element of that name in it.
    pub(super) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The first element at the end of a way of names.
    pub(super) fn at(&self, way: &[&str]) -> Option<&Element> {
        way.iter().try_fold(self, |element, name| element.child(name))
    }

    /// The elements in it, texts left aside.
    pub(super) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter(|child| !child.name.is_empty())
    }

    /// The first element of that name anywhere beneath it.
    pub(super) fn find(&self, name: &str) -> Option<&Element> {
        self.children.iter().find_map(|child| if child.name == name { Some(child) } else { child.find(name) })
    }

    /// The texts in it and beneath it, one after the other, blanks around them left out.
    pub(super) fn text(&self) -> String {
        self.whole_text().trim().to_owned()
    }

    /// The same with the blanks around it.
    pub(super) fn whole_text(&self) -> String {
        let mut text = String::new();
        self.add_text(&mut text);
        text
    }

    fn add_text(&self, text: &mut String) {
        text.push_str(&self.said);
        self.children.iter().for_each(|child| child.add_text(text));
    }
}

/// Reads a document to its root element.
///
/// # Errors
/// [`StyleError::Said`] where it is no XML, ends early, or is larger than styles are.
pub(super) fn read(text: &str) -> Result<Element, StyleError> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    // The open elements, outermost first; the first one stands for the document.
    let mut open = vec![Element::default()];
    let mut node_count = 0;
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(text.len()).min(text.len());
        let line = || memchr::memchr_iter(b'\n', &text.as_bytes()[..at]).count() + 1;
        let event = reader.read_event().map_err(|error| {
            StyleError::Said(Message::new("style.broken").with("line", line()).with("reason", error))
        })?;
        node_count += 1;
        if node_count > MOST_NODES || open.len() > MOST_DEPTH {
            return Err(StyleError::Said(Message::new("style.too-deep").with("line", line())));
        }
        match event {
            Event::Start(tag) => open.push(element(&tag)),
            Event::Empty(tag) => add(&mut open, element(&tag)),
            Event::End(_) => {
                if open.len() > 1
                    && let Some(ended) = open.pop()
                {
                    add(&mut open, ended);
                }
            }
            Event::Text(said) => say(&mut open, &said),
            Event::CData(said) => say(&mut open, &said),
            Event::GeneralRef(reference) => say(&mut open, &xml::resolved(&reference)),
            Event::Eof if open.len() > 1 => {
                return Err(StyleError::Said(Message::new("style.truncated").with("line", line())));
            }
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::DocType(_) => {}
        }
    }
    let document = open.swap_remove(0);
    let root = document.children.into_iter().find(|child| !child.name.is_empty());
    root.ok_or_else(|| StyleError::Said(Message::new("style.none")))
}

fn element(tag: &BytesStart<'_>) -> Element {
    let mut attributes = tag.attributes();
    let read = attributes.with_checks(false).flatten().take(MOST_ATTRIBUTES);
    let attributes = read.map(|found| (plain(found.key.local_name()), xml::unescaped(&found.value))).collect();
    Element { name: plain(tag.local_name()), attributes, ..Element::default() }
}

fn plain(name: LocalName<'_>) -> String {
    let name: &str = name.as_ref();
    name.to_owned()
}

fn add(open: &mut [Element], ended: Element) {
    if let Some(parent) = open.last_mut() {
        parent.children.push(ended);
    }
}

/// Adds text to the innermost element: to the text that came right before it, where there is one.
fn say(open: &mut [Element], said: &str) {
    let Some(parent) = open.last_mut() else { return };
    match parent.children.last_mut() {
        Some(last) if last.name.is_empty() => last.said.push_str(said),
        _ => parent.children.push(Element { said: said.to_owned(), ..Element::default() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Language;

    #[test]
    fn elements_attributes_and_texts_come_in_their_order() {
        let root = read("<?xml version='1.0'?><a x='1 &amp; 2'><se:b>甲&lt;乙</se:b>丙<b y='3'/></a>").expect("reads");
        assert_eq!((root.name.as_str(), root.attribute("x")), ("a", Some("1 & 2")));
        assert_eq!(root.all("b").count(), 2);
        assert_eq!(root.child("b").map(Element::text).as_deref(), Some("甲<乙"));
        assert_eq!(root.text(), "甲<乙丙");
        assert_eq!(root.at(&["b"]).and_then(|b| b.attribute("y")), None);
    }

    #[test]
    fn what_is_no_document_is_refused_with_its_line() {
        let said = |text: &str| match read(text) {
            Err(StyleError::Said(message)) => message.text(Language::English),
            other => panic!("{other:?}"),
        };
        assert!(said("<a>\n<b>").contains('2'));
        assert!(said("").contains("no style"));
        let deep = "<a>".repeat(1000);
        assert!(said(&deep).contains("nest"));
        let many = format!("<a>{}</a>", "<b/>".repeat(MOST_NODES));
        assert!(said(&many).contains("nest"));
    }

    #[test]
    fn entities_of_the_document_are_not_expanded() {
        let bomb = "<!DOCTYPE a [<!ENTITY x 'ha'><!ENTITY y '&x;&x;&x;'>]><a b='&y;'>&y;</a>";
        let root = read(bomb).expect("reads");
        assert_eq!((root.text().as_str(), root.attribute("b")), ("&y;", Some("&y;")));
    }
}
