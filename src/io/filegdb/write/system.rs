//! The tables of a geodatabase itself: what there is, of which types, in which CRS.
//!
//! Types of items and of relationships have identities that are the same in every geodatabase; programs know them by
//! these. Identities of what is written here are made of its names, so that the same layers give the same bytes.
//!
//! An item says what a class is, with the aliases of its fields and the domains that they have; a relationship says that
//! it lies in the root, and another that it uses a domain.

mod types;

use std::collections::BTreeSet;

use self::types::{ITEM_TYPES, RELATION_TYPES};
use super::class::Class;
use super::definition::{self, SCHEMA};
use super::domains::Domain;
use super::grid::{USUAL, WriteGrid};
use super::table::{FieldKind, TableCode, TableField, TableWriter, counted};
use crate::io::hash_hex;
use crate::model::Extent;

/// Tables that every geodatabase lists, in the order of their numbers; the eighth has no file.
const OWN: [&str; 8] = [
    "GDB_SystemCatalog",
    "GDB_DBTune",
    "GDB_SpatialRefs",
    "GDB_Items",
    "GDB_ItemTypes",
    "GDB_ItemRelationships",
    "GDB_ItemRelationshipTypes",
    "GDB_ReplicaLog",
];

/// Keywords, their parameters and what those are.
const TUNING: &[(&str, &str, &str)] = &[
    ("DEFAULTS", "UI_TEXT", "The default datafile configuration."),
    ("DEFAULTS", "CHARACTER_FORMAT", "UTF8"),
    ("DEFAULTS", "GEOMETRY_FORMAT", "Compressed"),
    ("DEFAULTS", "GEOMETRY_STORAGE", "InLine"),
    ("DEFAULTS", "BLOB_STORAGE", "InLine"),
    ("DEFAULTS", "MAX_FILE_SIZE", "1TB"),
    ("DEFAULTS", "RASTER_STORAGE", "InLine"),
];

const FOLDER: &str = "f3783e6f-65ca-4514-8315-ce3985dad3b1";
const WORKSPACE: &str = "c673fe0f-7280-404f-8532-20755dd8fc06";
const FEATURE_CLASS: &str = "70737809-852c-4a03-9e22-2cecea5b9bfa";
const TABLE: &str = "cd06bc3b-789d-4c51-aafa-a467912b8965";
const CODED_DOMAIN: &str = "8c368b12-a12e-4c7e-9638-c9c64e69e98f";
const DOMAIN_IN_DATASET: &str = "17e08adb-2b31-4dcd-8fdd-df529e88f843";
const DATASET_IN_FOLDER: &str = "dc78f1ab-34e4-43ac-ba47-1c4eabd0e7c7";

/// The CRS of the extents of items.
const WGS_84: &str = r#"GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]"#;

/// A row that is being written.
struct Row {
    bytes: Vec<u8>,
    bit: usize,
}

impl Row {
    fn new(null_bytes: usize) -> Self {
        Self { bytes: vec![0xFF; null_bytes], bit: 0 }
    }

    /// The next nullable field has a value.
    fn set(&mut self) -> &mut Vec<u8> {
        self.bytes[self.bit / 8] &= !(1 << (self.bit % 8));
        self.bit += 1;
        &mut self.bytes
    }

    fn null(&mut self) {
        self.bit += 1;
    }

    fn text(&mut self, text: &str) {
        counted(self.set(), text.as_bytes());
    }

    fn int(&mut self, value: i32) {
        self.set().extend_from_slice(&value.to_le_bytes());
    }
}

fn text(name: &str, width: u32, is_nullable: bool) -> TableField {
    TableField::new(name, FieldKind::Text(width), is_nullable)
}

fn object_id(name: &str) -> TableField {
    TableField::new(name, FieldKind::ObjectId, false)
}

/// An identity as it is stored.
fn identity(text: &str) -> [u8; 16] {
    let mut plain = [0u8; 16];
    let digits: Vec<u8> = text.bytes().filter_map(|b| (b as char).to_digit(16)).map(|digit| digit as u8).collect();
    plain.iter_mut().zip(digits.chunks_exact(2)).for_each(|(byte, pair)| *byte = pair[0] << 4 | pair[1]);
    // Its first three groups stand with the lowest byte first.
    plain[..4].reverse();
    plain[4..6].reverse();
    plain[6..8].reverse();
    plain
}

/// An identity that is made of words.
fn identity_of(words: &str) -> String {
    let (first, second) = (hash_hex(words.as_bytes()), hash_hex(format!("{words}, again").as_bytes()));
    let all = first + &second;
    format!("{}-{}-4{}-8{}-{}", &all[..8], &all[8..12], &all[13..16], &all[17..20], &all[20..32])
}

/// The files of the geodatabase but those of its classes, the first of which is table [`FIRST_CLASS`].
pub(super) fn files(classes: &[Class<'_>], domains: &[Domain]) -> Vec<(String, Vec<u8>)> {
    let root = identity_of(&format!("root of {}", classes.first().map_or("", |class| class.name.as_str())));
    let tables = [
        catalogue(classes),
        tuning(),
        references(classes),
        items(classes, domains, &root),
        item_types(),
        relations(classes, &root),
        relation_types(),
    ];
    let mut files = Vec::new();
    for (at, table) in tables.into_iter().enumerate() {
        let (bytes, index) = table.finish();
        files.push((format!("a{:08x}.gdbtable", at + 1), bytes));
        files.push((format!("a{:08x}.gdbtablx", at + 1), index));
    }
    files.push(("gdb".to_owned(), vec![5, 0, 0, 0, 0xDE, 0xAD, 0xBE, 0xEF]));
    files.push(("timestamps".to_owned(), vec![0xFF; 400]));
    files
}

/// The number of the table of the first class.
pub(super) const FIRST_CLASS: usize = OWN.len() + 1;

/// The identity of a class, and that of a domain.
fn of_class(class: &Class<'_>) -> String {
    identity_of(&format!("class {}", class.name))
}

fn of_domain(name: &str) -> String {
    identity_of(&format!("domain {name}"))
}

fn catalogue(classes: &[Class<'_>]) -> TableWriter {
    let fields = [object_id("ID"), text("Name", 160, false), TableField::new("FileFormat", FieldKind::Int32, false)];
    let mut table = TableWriter::new(&fields, TableCode::default());
    for listed in OWN.into_iter().chain(classes.iter().map(|class| class.name.as_str())) {
        let mut row = Vec::new();
        counted(&mut row, listed.as_bytes());
        let format: i32 = if listed == OWN[7] { 2 } else { 0 };
        row.extend_from_slice(&format.to_le_bytes());
        table.row(&row);
    }
    table
}

fn tuning() -> TableWriter {
    let fields = [text("Keyword", 32, false), text("ParameterName", 32, false), text("ConfigString", 2048, true)];
    let mut table = TableWriter::new(&fields, TableCode::default());
    for (keyword, parameter, value) in TUNING {
        let mut row = Row::new(table.null_bytes());
        counted(&mut row.bytes, keyword.as_bytes());
        counted(&mut row.bytes, parameter.as_bytes());
        row.text(value);
        table.row(&row.bytes);
    }
    table
}

/// The CRS of the items' extents and those of the classes.
fn references(classes: &[Class<'_>]) -> TableWriter {
    let number = |name| TableField::new(name, FieldKind::Float64, true);
    let mut fields = vec![object_id("ID"), text("SRTEXT", 2048, false)];
    let names = [
        "FalseX",
        "FalseY",
        "XYUnits",
        "FalseZ",
        "ZUnits",
        "FalseM",
        "MUnits",
        "XYTolerance",
        "ZTolerance",
        "MTolerance",
    ];
    fields.extend(names.map(number));
    let mut table = TableWriter::new(&fields, TableCode::default());
    let of_items = (WGS_84, [-180.0, -90.0], 1e6, [USUAL; 2], 2e-6);
    let of_classes = classes.iter().filter(|class| class.is_spatial()).map(|class| {
        let grid = &class.grid;
        (grid.wkt.as_str(), grid.origin, grid.scale, [grid.z, grid.m], grid.tolerance)
    });
    let mut known = Vec::new();
    for reference in std::iter::once(of_items).chain(of_classes) {
        // One that several classes have stands there once.
        if known.contains(&reference) {
            continue;
        }
        known.push(reference);
        let (wkt, origin, scale, [z, m], tolerance) = reference;
        let mut row = Row::new(table.null_bytes());
        counted(&mut row.bytes, wkt.as_bytes());
        for number in [origin[0], origin[1], scale, z.0, z.1, m.0, m.1, tolerance, 0.001, 0.001] {
            row.set().extend_from_slice(&number.to_le_bytes());
        }
        table.row(&row.bytes);
    }
    table
}

fn items(classes: &[Class<'_>], domains: &[Domain], root: &str) -> TableWriter {
    let of_items = WriteGrid {
        wkt: WGS_84.to_owned(),
        origin: [-180.0, -90.0],
        scale: 1e6,
        z: USUAL,
        z_range: (0.0, 0.0),
        has_z: false,
        m: USUAL,
        m_range: (0.0, 0.0),
        has_m: false,
        tolerance: 2e-6,
        cell: 0.012,
        is_exact: true,
    };
    let int = |name| TableField::new(name, FieldKind::Int32, true);
    let shape = FieldKind::Geometry { wkt: WGS_84.to_owned(), grid: of_items, extent: Extent::EMPTY };
    let own = [
        object_id("ObjectID"),
        TableField::new("UUID", FieldKind::GlobalId, false),
        TableField::new("Type", FieldKind::Guid, false),
        text("Name", 160, true),
        text("PhysicalName", 160, true),
        text("Path", 260, true),
        int("DatasetSubtype1"),
        int("DatasetSubtype2"),
        text("DatasetInfo1", 255, true),
        text("DatasetInfo2", 255, true),
        text("URL", 255, true),
        TableField::new("Definition", FieldKind::Xml, true),
        TableField::new("Documentation", FieldKind::Xml, true),
        TableField::new("ItemInfo", FieldKind::Xml, true),
        int("Properties"),
        TableField::new("Defaults", FieldKind::Binary, true),
        TableField::new("Shape", shape, true),
    ];
    let mut table = TableWriter::new(&own, TableCode { kind: 4, ..TableCode::default() });
    let begun = |table: &TableWriter, own: &str, kind: &str| {
        let mut row = Row::new(table.null_bytes());
        row.bytes.extend_from_slice(&identity(own));
        row.bytes.extend_from_slice(&identity(kind));
        row
    };
    let ended = |mut row: Row, properties: i32| {
        (0..2).for_each(|_| row.null());
        row.int(properties);
        (0..2).for_each(|_| row.null());
        row.bytes
    };
    // The root, the workspace, the domains, the classes.
    let mut row = begun(&table, root, FOLDER);
    ["", "", "\\"].iter().for_each(|text| row.text(text));
    (0..4).for_each(|_| row.null());
    row.text("");
    row.null();
    table.row(&ended(row, 1));
    let mut row = begun(&table, &identity_of("workspace"), WORKSPACE);
    ["Workspace", "WORKSPACE", ""].iter().for_each(|text| row.text(text));
    (0..4).for_each(|_| row.null());
    row.text("");
    row.text(&format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DEWorkspace {SCHEMA} xsi:type=\"typens:DEWorkspace\"><CatalogPath>\\</CatalogPath><Name/>\
         <ChildrenExpanded>false</ChildrenExpanded><WorkspaceType>esriLocalDatabaseWorkspace</WorkspaceType>\
         <WorkspaceFactoryProgID/><ConnectionString/><ConnectionInfo xsi:nil=\"true\"/>\
         <Domains xsi:type=\"typens:ArrayOfDomain\"/><MajorVersion>3</MajorVersion><MinorVersion>0</MinorVersion>\
         <BugfixVersion>0</BugfixVersion></DEWorkspace>"
    ));
    table.row(&ended(row, 0));
    for domain in domains {
        let mut row = begun(&table, &of_domain(&domain.name), CODED_DOMAIN);
        [domain.name.as_str(), &domain.name.to_uppercase(), ""].iter().for_each(|text| row.text(text));
        (0..4).for_each(|_| row.null());
        row.text("");
        row.text(&definition::of_domain(domain));
        table.row(&ended(row, 1));
    }
    for (at, class) in classes.iter().enumerate() {
        let name = &class.name;
        let mut row = begun(&table, &of_class(class), if class.is_spatial() { FEATURE_CLASS } else { TABLE });
        [name.as_str(), &name.to_uppercase(), &format!("\\{name}")].iter().for_each(|text| row.text(text));
        if class.is_spatial() {
            row.int(1);
            row.int(i32::from(class.code.kind));
            row.text("SHAPE");
            row.null();
        } else {
            (0..4).for_each(|_| row.null());
        }
        row.text("");
        row.text(&definition::of_class(class, FIRST_CLASS + at));
        table.row(&ended(row, 1));
    }
    table
}

fn item_types() -> TableWriter {
    let guid = |name| TableField::new(name, FieldKind::Guid, false);
    let fields = [object_id("ObjectID"), guid("UUID"), guid("ParentTypeID"), text("Name", 160, false)];
    let mut table = TableWriter::new(&fields, TableCode::default());
    for (own, parent, name) in ITEM_TYPES {
        let mut row = [identity(own), identity(parent)].concat();
        counted(&mut row, name.as_bytes());
        table.row(&row);
    }
    table
}

/// That classes lie in the root, and which domains they use.
fn relations(classes: &[Class<'_>], root: &str) -> TableWriter {
    let guid = |name| TableField::new(name, FieldKind::Guid, false);
    let fields = [
        object_id("ObjectID"),
        TableField::new("UUID", FieldKind::GlobalId, false),
        guid("OriginID"),
        guid("DestID"),
        guid("Type"),
        TableField::new("Attributes", FieldKind::Xml, true),
        TableField::new("Properties", FieldKind::Int32, true),
    ];
    let mut table = TableWriter::new(&fields, TableCode::default());
    let mut add = |origin: &str, destination: &str, kind: &str| {
        let own = identity_of(&format!("{origin} holds {destination}"));
        let mut row = Row::new(table.null_bytes());
        for part in [own.as_str(), origin, destination, kind] {
            row.bytes.extend_from_slice(&identity(part));
        }
        row.null();
        row.int(1);
        table.row(&row.bytes);
    };
    for class in classes {
        let item = of_class(class);
        add(root, &item, DATASET_IN_FOLDER);
        let used: BTreeSet<&str> = class.fields.iter().filter_map(|field| field.domain.as_deref()).collect();
        used.into_iter().for_each(|domain| add(&item, &of_domain(domain), DOMAIN_IN_DATASET));
    }
    table
}

fn relation_types() -> TableWriter {
    let guid = |name| TableField::new(name, FieldKind::Guid, false);
    let fields = [
        object_id("ObjectID"),
        guid("UUID"),
        guid("OrigItemTypeID"),
        guid("DestItemTypeID"),
        text("Name", 160, true),
        text("ForwardLabel", 255, true),
        text("BackwardLabel", 255, true),
        TableField::new("IsContainment", FieldKind::Int16, true),
    ];
    let mut table = TableWriter::new(&fields, TableCode::default());
    for (own, origin, destination, name, forward, backward, is_containment) in RELATION_TYPES {
        let mut row = Row::new(table.null_bytes());
        for part in [own, origin, destination] {
            row.bytes.extend_from_slice(&identity(part));
        }
        [name, forward, backward].iter().for_each(|text| row.text(text));
        row.set().extend_from_slice(&is_containment.to_le_bytes());
        table.row(&row.bytes);
    }
    table
}

/// The list of indexes of a class: that of its ids, which is the index beside the table, and that of its geometry.
pub(super) fn indexes(class: &Class<'_>) -> Vec<u8> {
    let text = |text: &str, out: &mut Vec<u8>| {
        out.extend_from_slice(&(text.len() as u32).to_le_bytes());
        text.encode_utf16().for_each(|unit| out.extend_from_slice(&unit.to_le_bytes()));
    };
    let of_geometry = class.index.is_some().then_some(("FDO_SHAPE", [0, 0, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0], "SHAPE"));
    let of_ids = ("FDO_OBJECTID", [0, 0, 0x10, 0, 0, 0, 0xFF, 0xFF, 1, 0, 0, 0], "OBJECTID");
    let all: Vec<(&str, [u8; 12], &str)> = std::iter::once(of_ids).chain(of_geometry).collect();
    let mut out = (all.len() as u32).to_le_bytes().to_vec();
    for (name, what, field) in all {
        text(name, &mut out);
        out.extend_from_slice(&what);
        text(field, &mut out);
        out.extend_from_slice(&[0, 0]);
    }
    out
}
