//! What stands where a feature is expected: a feature, a bare geometry, a collection within a sequence, or none of them.

use super::super::scan::{Kind, RawText, Scanned};
use super::geometry::{GeometryType, Outcome};
use super::reader::Reader;
use crate::model::Severity;
use crate::text::Message;

/// How deep collections may stand within each other: each level is scanned once more.
const DEEPEST_COLLECTION: u32 = 16;

/// An element that was scanned to its end; what it holds lies in the columns, open.
#[derive(Clone, Copy, Debug)]
pub(super) enum Element {
    Feature(Outcome),
    /// A geometry object without a feature around it.
    Geometry(Outcome),
    /// A collection whose array of features starts at this offset.
    Collection(usize),
    /// Nothing that could be used.
    Nothing,
}

/// Members of an object that is yet to show what it is.
#[derive(Default)]
struct Seen<'a> {
    kind: Option<RawText<'a>>,
    /// Where the value of `type` stands.
    type_at: Option<usize>,
    geometry: Option<Outcome>,
    properties: bool,
    id: bool,
    coordinates: bool,
    geometries: bool,
    features: Option<usize>,
    /// Whether `features` stands there without being an array.
    odd_features: bool,
}

impl<'a> Reader<'a> {
    /// Scans the element under the cursor; [`Self::store`] then keeps it.
    pub(super) fn element(&mut self) -> Scanned<Element> {
        let start = self.scanner.pos();
        self.begin(start);
        if self.scanner.kind()? != Kind::Object {
            self.scanner.skip_value()?;
            let message = Message::new("io.not-a-feature").with("found", self.snippet(start));
            self.pend(Severity::Error, message, start);
            return Ok(Element::Nothing);
        }
        let mut seen = Seen::default();
        let mut name = self.scanner.first_name()?;
        while let Some(key) = name {
            self.member(key, &mut seen)?;
            name = self.scanner.next_name()?;
        }
        self.recognise(&seen)
    }

    fn member(&mut self, key: RawText<'a>, seen: &mut Seen<'a>) -> Scanned<()> {
        let at = self.scanner.pos();
        let decoded;
        let key_text = if key.escaped {
            decoded = key.decoded();
            decoded.as_str()
        } else {
            key.raw
        };
        match key_text {
            "type" => {
                if seen.type_at.is_some() {
                    self.tally(Severity::Warning, "io.repeated-member", "type");
                    return self.scanner.skip_value();
                }
                seen.type_at = Some(at);
                if self.scanner.peek() == Some(b'"') {
                    seen.kind = Some(self.scanner.string()?);
                    return Ok(());
                }
                self.scanner.skip_value()
            }
            "geometry" if seen.geometry.is_some() => {
                self.tally(Severity::Warning, "io.repeated-member", "geometry");
                self.scanner.skip_value()
            }
            "geometry" => {
                seen.geometry = Some(self.geometry()?);
                Ok(())
            }
            "properties" if seen.properties => {
                self.tally(Severity::Warning, "io.repeated-member", "properties");
                self.scanner.skip_value()
            }
            "properties" => {
                seen.properties = true;
                match self.scanner.kind()? {
                    Kind::Object => self.properties.read_object(&mut self.scanner, &mut self.noted),
                    Kind::Null => self.scanner.literal().map(|_| ()),
                    _ => {
                        // Kept as it is, under the name that it has.
                        self.tally(Severity::Warning, "io.properties-type", "");
                        self.properties.read_member(key, &mut self.scanner, &mut self.noted)
                    }
                }
            }
            "id" => {
                seen.id = true;
                self.properties.read_id(&mut self.scanner, &mut self.noted)
            }
            "bbox" => self.bbox(),
            "coordinates" => {
                seen.coordinates = true;
                self.scanner.skip_value()
            }
            "geometries" => {
                seen.geometries = true;
                self.scanner.skip_value()
            }
            "features" => {
                if self.scanner.peek() == Some(b'[') {
                    seen.features = seen.features.or(Some(at));
                } else {
                    seen.odd_features = true;
                }
                self.scanner.skip_value()
            }
            "crs" if !self.in_array() => {
                self.scanner.skip_value()?;
                self.members.set_crs(&self.scanner.text()[at..self.scanner.pos()]);
                Ok(())
            }
            "crs" => self.inner_crs(),
            _ => {
                self.foreign.push((key, at));
                self.scanner.skip_value()
            }
        }
    }

    /// Decides what an object is whose members were all seen.
    fn recognise(&mut self, seen: &Seen<'a>) -> Scanned<Element> {
        let type_name = seen.kind.map(|kind| kind.decoded());
        let is = |name: &str| type_name.as_deref().is_some_and(|t| t.eq_ignore_ascii_case(name));
        let geometry_type = type_name.as_deref().and_then(GeometryType::from_name);
        let is_collection = is("FeatureCollection") || (type_name.is_none() && seen.features.is_some());
        let located = seen.coordinates || seen.geometries;
        let is_feature = is("Feature")
            || (seen.geometry.is_some() && !(geometry_type.is_some() && located))
            || (seen.properties && geometry_type.is_none() && !located);
        if is_feature && !is_collection {
            return Ok(Element::Feature(self.feature(seen, type_name.as_deref())));
        }
        if is_collection {
            if let Some(at) = seen.features {
                return Ok(Element::Collection(at));
            }
            let key = if seen.odd_features { "io.features-type" } else { "io.no-features" };
            self.pend(Severity::Error, Message::new(key), self.start);
            return Ok(Element::Nothing);
        }
        if geometry_type.is_some() || located {
            return self.bare_geometry(seen, geometry_type.is_some()).map(Element::Geometry);
        }
        let found = match (&type_name, seen.type_at) {
            (Some(name), _) => name.chars().take(24).collect(),
            (None, Some(at)) => self.snippet(at),
            (None, None) => self.snippet(self.start),
        };
        self.pend(Severity::Error, Message::new("io.not-a-feature").with("found", found), self.start);
        Ok(Element::Nothing)
    }

    fn feature(&mut self, seen: &Seen<'a>, type_name: Option<&str>) -> Outcome {
        match type_name {
            Some("Feature") => {}
            Some(other) => self.tally(Severity::Warning, "io.feature-type", other),
            None => self.tally(Severity::Warning, "io.feature-without-type", ""),
        }
        if !seen.properties {
            self.tally(Severity::Note, "io.no-properties", "");
        }
        for (there, name) in [
            (seen.coordinates, "coordinates"),
            (seen.geometries, "geometries"),
            (seen.features.is_some() || seen.odd_features, "features"),
        ] {
            if there {
                self.tally(Severity::Warning, "io.misplaced-member", name);
            }
        }
        match seen.geometry {
            Some(outcome) => outcome,
            None => {
                self.tally(Severity::Note, "io.no-geometry", "");
                Outcome { null: true, ..Outcome::default() }
            }
        }
    }

    /// Reads the object again as a geometry. Members that GeoJSON does not know become attributes where the object has
    /// no type either: so boundary files of Chinese maps keep their name and code.
    fn bare_geometry(&mut self, seen: &Seen<'a>, typed: bool) -> Scanned<Outcome> {
        let end = self.scanner.pos();
        self.sinks.rollback();
        if self.in_array() {
            self.tally(Severity::Warning, "io.bare-geometry", "");
        }
        for (there, name) in [
            (seen.properties, "properties"),
            (seen.geometry.is_some(), "geometry"),
            (seen.features.is_some() || seen.odd_features, "features"),
        ] {
            if there {
                self.tally(Severity::Warning, "io.misplaced-member", name);
            }
        }
        self.adopts_foreign = !typed;
        if self.adopts_foreign {
            for (name, at) in std::mem::take(&mut self.foreign) {
                self.scanner.rewind(at);
                self.properties.read_member(name, &mut self.scanner, &mut self.noted)?;
            }
        }
        self.scanner.rewind(self.start);
        self.again = true;
        let outcome = self.geometry()?;
        self.again = false;
        self.scanner.rewind(end);
        Ok(outcome)
    }

    /// Keeps the element that was scanned last.
    pub(super) fn store(&mut self, element: Element) -> Scanned<()> {
        match element {
            Element::Feature(outcome) => self.end_feature(outcome),
            Element::Geometry(outcome) if outcome.bad.is_some() && outcome.kinds.is_empty() => self.skip(),
            Element::Geometry(outcome) => self.end_feature(outcome),
            Element::Collection(at) => self.store_collection(at)?,
            Element::Nothing => self.skip(),
        }
        Ok(())
    }

    /// Reads the features of a collection that stands among features, or is one record of a sequence.
    fn store_collection(&mut self, at: usize) -> Scanned<()> {
        let end = self.scanner.pos();
        self.abandon();
        self.nesting += 1;
        if self.in_array() || self.nesting > 1 {
            self.tally(Severity::Warning, "io.collection-among-features", "");
        }
        self.scanner.rewind(at);
        let mut more = self.scanner.first_element()?;
        while more {
            match self.element()? {
                Element::Collection(_) if self.nesting >= DEEPEST_COLLECTION => {
                    self.pend(Severity::Error, Message::new("io.collection-too-deep"), self.start);
                    self.skip();
                }
                element => self.store(element)?,
            }
            more = self.scanner.next_element()?;
        }
        self.nesting -= 1;
        self.scanner.rewind(end);
        Ok(())
    }
}
