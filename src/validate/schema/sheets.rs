//! A schema from the sheets of a workbook, as offices keep them.
//!
//! Sheets are told by their headings, in Chinese or English, in any order:
//!
//! | sheet | headings |
//! |---|---|
//! | fields | 图层代码 `layer` (else the sheet's name), 图层名称 `layer name`, 几何类型 `geometry`, 字段代码 `field`, 字段名称 `alias`, 字段类型 `type`, 长度 `length`, 小数位 `decimals`, 约束 `required`, 值域 `codes` (a list, or a range such as `>0`), 来源 `source`, 可信度 `confidence` |
//! | layers | 图层代码 `layer`, 图层名称 `layer name`, 几何类型 `geometry`, 约束 `required`, 同义名 `synonyms`, 来源, 可信度 |
//! | codes | 代码表 `list`, 代码 `code`, 名称 `name` |
//!
//! A cell of a layer or a list that is empty stands for the one above, as in merged cells. What there is to be must is M
//! or 必填, 必选, 是; conditional is C or 条件必填. Rules are not in such sheets: those of the survey can be copied.

use super::file::{complete, geometry_of};
use super::{Basis, CodeList, Confidence, FieldKind, FieldSpec, LayerSpec, Range, Required, Schema, SchemaError};
use crate::model::{GeometryKind, Layer};
use crate::text::Message;

/// Most characters of a heading that are compared.
const LONGEST_HEADING: usize = 40;

/// What a column of a sheet is.
const HEADINGS: [(&str, &[&str]); 16] = [
    ("layer", &["layer", "图层代码", "图层", "表代码", "属性表名", "要素代码表", "图层编码"]),
    ("layer-name", &["layer name", "图层名称", "表名称", "图层中文名"]),
    ("geometry", &["geometry", "几何类型", "几何特征", "要素类型", "图形类型"]),
    ("field", &["field", "字段代码", "字段", "字段名", "字段编码"]),
    ("alias", &["alias", "字段名称", "别名", "字段中文名", "字段别名"]),
    ("type", &["type", "字段类型", "类型", "数据类型"]),
    ("length", &["length", "字段长度", "长度"]),
    ("decimals", &["decimals", "小数位", "小数位数"]),
    ("required", &["required", "约束", "约束条件", "是否必填", "必填", "必选"]),
    ("codes", &["codes", "值域", "代码字典", "字典"]),
    ("synonyms", &["synonyms", "同义名", "其他名称"]),
    ("source", &["source", "来源", "依据"]),
    ("confidence", &["confidence", "可信度"]),
    ("list", &["list", "代码表", "字典名称", "代码表名称"]),
    ("code", &["code", "代码", "编码", "值"]),
    ("name", &["name", "名称", "含义", "说明"]),
];

/// A sheet by what its columns are.
struct Sheet<'a> {
    layer: &'a Layer,
    columns: Vec<(&'static str, usize)>,
}

impl<'a> Sheet<'a> {
    fn of(layer: &'a Layer) -> Self {
        let mut columns: Vec<(&'static str, usize)> = Vec::new();
        for (at, field) in layer.fields.iter().enumerate() {
            let heading: String = field.name.trim().chars().take(LONGEST_HEADING).collect::<String>().to_lowercase();
            let known = HEADINGS.iter().find(|(_, words)| words.contains(&heading.as_str()));
            if let Some((key, _)) = known.filter(|(key, _)| columns.iter().all(|(known, _)| known != key)) {
                columns.push((*key, at));
            }
        }
        Self { layer, columns }
    }

    fn has(&self, key: &str) -> bool {
        self.columns.iter().any(|(known, _)| *known == key)
    }

    /// Whether it is one of those that are read.
    fn is_known(&self) -> bool {
        self.has("field") || self.has("layer") || self.has("list") && self.has("code")
    }

    fn cell(&self, row: usize, key: &str) -> String {
        let column = self.columns.iter().find(|(known, _)| *known == key);
        column.map_or_else(String::new, |(_, at)| self.layer.value(row, *at).to_string().trim().to_owned())
    }

    /// Sheet and row, as a user finds them.
    fn place(&self, row: usize) -> String {
        let line = self.layer.line(row).unwrap_or_else(|| self.layer.source_row(row) + 1);
        format!("{}:{line}", self.layer.name)
    }

    fn wrong(&self, row: usize, member: &str, found: &str) -> SchemaError {
        let message = Message::new("validate.schema-word").with("member", member).with("found", found);
        SchemaError::Member { place: self.place(row), message }
    }

    fn required(&self, row: usize) -> Result<Required, SchemaError> {
        let text = self.cell(row, "required");
        match text.as_str() {
            "必填" | "必选" | "是" | "√" | "Y" | "y" => Ok(Required::Mandatory),
            "条件必填" | "条件必选" | "条件" => Ok(Required::Conditional),
            "可选" | "选填" | "否" | "N" | "n" => Ok(Required::Optional),
            _ => Required::of_letter(&text).ok_or_else(|| self.wrong(row, "required", &text)),
        }
    }

    fn basis(&self, row: usize) -> Result<Basis, SchemaError> {
        let letter = self.cell(row, "confidence");
        let confidence = match letter.is_empty() {
            true => Confidence::default(),
            false => Confidence::of_letter(&letter).ok_or_else(|| self.wrong(row, "confidence", &letter))?,
        };
        Ok(Basis { source: self.cell(row, "source"), confidence })
    }

    /// The geometry of a row; polygons where nothing is said.
    fn geometry(&self, row: usize) -> Result<Option<GeometryKind>, SchemaError> {
        let word = self.cell(row, "geometry");
        if word.is_empty() {
            return Ok(Some(GeometryKind::Polygon));
        }
        geometry_of(&word).ok_or_else(|| self.wrong(row, "geometry", &word))
    }

    fn number(&self, row: usize, key: &str) -> Result<Option<usize>, SchemaError> {
        let text = self.cell(row, key);
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| self.wrong(row, key, &text))
    }
}

/// Reads the sheets of a workbook as a schema without rules, and says what of them was left out.
///
/// # Errors
/// [`SchemaError`] with sheet and row where a cell says what cannot be, and where no sheet lists fields or layers.
pub fn from_sheets(name: &str, sheets: &[Layer]) -> Result<(Schema, Vec<Message>), SchemaError> {
    let mut left_out = Vec::new();
    let mut schema = Schema {
        name: name.to_owned(),
        name_en: String::new(),
        note: String::new(),
        note_en: String::new(),
        official: false,
        crs: None,
        lists: Vec::new(),
        layers: Vec::new(),
        rules: Vec::new(),
    };
    let sheets: Vec<Sheet<'_>> = sheets.iter().map(Sheet::of).collect();
    // Lists first: a field's codes are the name of one, or a range.
    for sheet in sheets.iter().filter(|sheet| sheet.has("list") && sheet.has("code")) {
        add_codes(&mut schema, sheet)?;
    }
    for sheet in sheets.iter().filter(|sheet| sheet.has("layer") && !sheet.has("field")) {
        add_layers(&mut schema, sheet)?;
    }
    for sheet in sheets.iter().filter(|sheet| sheet.has("field")) {
        add_fields(&mut schema, sheet, &mut left_out)?;
    }
    for sheet in sheets.iter().filter(|sheet| !sheet.is_known()) {
        left_out.push(Message::new("validate.import-sheet").with("sheet", &sheet.layer.name));
    }
    Ok((complete(schema)?, left_out))
}

fn add_codes(schema: &mut Schema, sheet: &Sheet<'_>) -> Result<(), SchemaError> {
    let mut above = String::new();
    for row in 0..sheet.layer.feature_count() {
        let named = sheet.cell(row, "list");
        if !named.is_empty() {
            above = named;
        }
        let code = sheet.cell(row, "code");
        if above.is_empty() || code.is_empty() {
            continue;
        }
        let value = (code, sheet.cell(row, "name"));
        match schema.lists.iter_mut().find(|list| list.name == above) {
            Some(list) => list.values.push(value),
            None => {
                let basis = sheet.basis(row)?;
                let name = above.clone();
                schema.lists.push(CodeList { name, values: vec![value], scheme: None, complete: true, basis });
            }
        }
    }
    Ok(())
}

fn add_layers(schema: &mut Schema, sheet: &Sheet<'_>) -> Result<(), SchemaError> {
    for row in 0..sheet.layer.feature_count() {
        let code = sheet.cell(row, "layer");
        if code.is_empty() || schema.layers.iter().any(|layer| layer.code.eq_ignore_ascii_case(&code)) {
            continue;
        }
        let synonyms = sheet.cell(row, "synonyms");
        let synonyms = synonyms.split([';', '；', '、', ',', '，']).map(str::trim).filter(|word| !word.is_empty());
        schema.layers.push(LayerSpec {
            code,
            name: sheet.cell(row, "layer-name"),
            name_en: String::new(),
            geometry: sheet.geometry(row)?,
            required: sheet.required(row)?,
            synonyms: synonyms.map(str::to_owned).collect(),
            fields: Vec::new(),
            basis: sheet.basis(row)?,
        });
    }
    Ok(())
}

fn add_fields(schema: &mut Schema, sheet: &Sheet<'_>, left_out: &mut Vec<Message>) -> Result<(), SchemaError> {
    let mut above = if sheet.has("layer") { String::new() } else { sheet.layer.name.clone() };
    for row in 0..sheet.layer.feature_count() {
        let named = sheet.cell(row, "layer");
        if !named.is_empty() {
            above = named;
        }
        let code = sheet.cell(row, "field");
        if above.is_empty() || code.is_empty() {
            continue;
        }
        let field = field(schema, sheet, row, code, left_out)?;
        let at = match schema.layers.iter().position(|layer| layer.code.eq_ignore_ascii_case(&above)) {
            Some(at) => at,
            None => {
                schema.layers.push(LayerSpec {
                    code: above.clone(),
                    name: sheet.cell(row, "layer-name"),
                    name_en: String::new(),
                    geometry: sheet.geometry(row)?,
                    required: Required::Unknown,
                    synonyms: Vec::new(),
                    fields: Vec::new(),
                    basis: sheet.basis(row)?,
                });
                schema.layers.len() - 1
            }
        };
        schema.layers[at].fields.push(field);
    }
    Ok(())
}

fn field(
    schema: &Schema,
    sheet: &Sheet<'_>,
    row: usize,
    code: String,
    left_out: &mut Vec<Message>,
) -> Result<FieldSpec, SchemaError> {
    let word = sheet.cell(row, "type");
    let kind = FieldKind::of_word(&word).ok_or_else(|| sheet.wrong(row, "type", &word))?;
    let codes = sheet.cell(row, "codes");
    let range = Range::parse(&codes);
    // What is neither a list nor a range is a remark for people: 见表 12.
    let is_list = schema.list(&codes).is_some()
        || schema.list(codes.strip_suffix("(name)").unwrap_or_default()).is_some()
        || super::tables::list(&codes).is_some();
    if !is_list && range.is_none() && !codes.is_empty() {
        left_out.push(Message::new("validate.import-codes").with("place", sheet.place(row)).with("text", &codes));
    }
    Ok(FieldSpec {
        code,
        alias: sheet.cell(row, "alias"),
        kind,
        length: sheet.number(row, "length")?,
        decimals: sheet.number(row, "decimals")?,
        required: sheet.required(row)?,
        list: is_list.then_some(codes),
        range,
        digits: Vec::new(),
        unique: false,
        constant: None,
        unit: String::new(),
        synonyms: Vec::new(),
        basis: sheet.basis(row)?,
    })
}
