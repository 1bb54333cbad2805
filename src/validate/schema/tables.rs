//! Layers, fields and codes of the databases, from the tables in `assets/schema`.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::file::geometry_of;
use super::{Basis, CodeList, Confidence, FieldKind, FieldSpec, LayerSpec, Range, Required};
use crate::model::classes::Scheme;

const LAYERS: &str = include_str!("../../../assets/schema/layers.csv");
const FIELDS: &str = include_str!("../../../assets/schema/fields.csv");
const CODES: &str = include_str!("../../../assets/schema/codes.csv");
const SOURCES: &str = include_str!("../../../assets/schema/sources.csv");

/// Lists that are class schemes of the program.
const SCHEMES: [(&str, Scheme); 2] = [("DLBM_SD2019", Scheme::Sd2019), ("YDYHFL", Scheme::Ydyh2023)];

/// Serial numbers of elements have so many digits: county, layer, number.
const BSM_DIGITS: usize = 18;

/// A row by the names of its columns.
struct Rows {
    columns: HashMap<String, usize>,
    records: Vec<csv::StringRecord>,
}

impl Rows {
    fn of(text: &str) -> Self {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let headers = reader.headers().expect("the tables in the program have headings");
        let columns = headers.iter().enumerate().map(|(at, name)| (name.to_owned(), at)).collect();
        let records = reader.records().map(|record| record.expect("the tables in the program are CSV")).collect();
        Self { columns, records }
    }

    fn cell<'r>(&self, record: &'r csv::StringRecord, name: &str) -> &'r str {
        self.columns.get(name).and_then(|at| record.get(*at)).unwrap_or_default().trim()
    }
}

/// The words of each source.
fn sources() -> &'static HashMap<String, String> {
    static KNOWN: OnceLock<HashMap<String, String>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let rows = Rows::of(SOURCES);
        let pair = |record| (rows.cell(record, "source").to_owned(), rows.cell(record, "text").to_owned());
        rows.records.iter().map(pair).collect()
    })
}

fn basis(rows: &Rows, record: &csv::StringRecord) -> Basis {
    let source = rows.cell(record, "source");
    Basis {
        source: sources().get(source).cloned().unwrap_or_else(|| source.to_owned()),
        confidence: Confidence::of_letter(rows.cell(record, "confidence")).unwrap_or(Confidence::Low),
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(';').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The layers of a schema with their fields; none where it is not known.
pub(super) fn layers(schema: &str) -> Vec<LayerSpec> {
    let rows = Rows::of(LAYERS);
    let mut constants = HashMap::new();
    let mut layers: Vec<LayerSpec> = Vec::new();
    for record in rows.records.iter().filter(|record| rows.cell(record, "schema") == schema) {
        let code = rows.cell(record, "layer").to_owned();
        if layers.iter().any(|known| known.code == code) {
            continue;
        }
        let constant = rows.cell(record, "ysdm");
        if !constant.is_empty() {
            constants.insert(code.clone(), constant.to_owned());
        }
        layers.push(LayerSpec {
            name: rows.cell(record, "zh").to_owned(),
            name_en: rows.cell(record, "en").to_owned(),
            geometry: geometry_of(rows.cell(record, "geometry")).flatten(),
            required: Required::of_letter(rows.cell(record, "required")).unwrap_or_default(),
            synonyms: words(rows.cell(record, "aliases")),
            fields: Vec::new(),
            basis: basis(&rows, record),
            code,
        });
    }
    let rows = Rows::of(FIELDS);
    for record in rows.records.iter().filter(|record| rows.cell(record, "schema") == schema) {
        let code = rows.cell(record, "layer");
        let Some(layer) = layers.iter_mut().find(|layer| layer.code == code) else { continue };
        let field = field(&rows, record, constants.get(code));
        if !layer.fields.iter().any(|known| known.code == field.code) {
            layer.fields.push(field);
        }
    }
    layers
}

fn field(rows: &Rows, record: &csv::StringRecord, constant: Option<&String>) -> FieldSpec {
    let code = rows.cell(record, "field").to_owned();
    let kind = FieldKind::of_word(rows.cell(record, "type")).unwrap_or(FieldKind::Text);
    let is_serial = code == "BSM" && kind == FieldKind::Text;
    let length = rows.cell(record, "length").parse().ok(); // not said of many
    let list = rows.cell(record, "list");
    // A remark may follow the range.
    let range = rows.cell(record, "range");
    let range = range.split('，').next().filter(|_| range.starts_with('>')).unwrap_or(range);
    FieldSpec {
        alias: rows.cell(record, "zh").to_owned(),
        kind,
        length,
        decimals: rows.cell(record, "decimals").parse().ok(), // of numbers only
        required: Required::of_letter(rows.cell(record, "required")).unwrap_or_default(),
        list: Some(list).filter(|list| !list.is_empty()).map(str::to_owned),
        range: Range::parse(range),
        digits: if is_serial && length == Some(BSM_DIGITS) { vec![BSM_DIGITS] } else { Vec::new() },
        unique: is_serial,
        constant: constant.filter(|_| code == "YSDM").cloned(),
        unit: rows.cell(record, "unit").to_owned(),
        synonyms: words(rows.cell(record, "aliases")),
        basis: basis(rows, record),
        code,
    }
}

/// The code list of that name.
pub(super) fn list(name: &str) -> Option<CodeList> {
    let rows = Rows::of(CODES);
    let records: Vec<_> = rows.records.iter().filter(|record| rows.cell(record, "list") == name).collect();
    let first = records.first()?;
    let scheme = SCHEMES.iter().find(|(known, _)| *known == name).map(|(_, scheme)| *scheme);
    let value =
        |record: &&csv::StringRecord| (rows.cell(record, "code").to_owned(), rows.cell(record, "zh").to_owned());
    Some(CodeList {
        name: name.to_owned(),
        values: if scheme.is_some() { Vec::new() } else { records.iter().map(value).collect() },
        scheme,
        complete: scheme.is_some() || records.iter().all(|record| rows.cell(record, "status") == "complete"),
        basis: basis(&rows, first),
    })
}
