use super::*;
use crate::io::{OpenOptions, open_bytes};
use crate::model::Layer;
use crate::task::Progress;

#[test]
fn the_schemas_in_the_program_are_read_and_written_without_loss() {
    for word in built_in_words() {
        let schema = built_in(word).expect("is there");
        assert!(!schema.official && !schema.layers.is_empty() && !schema.rules.is_empty(), "{word}");
        let text = schema.to_toml();
        assert!(text.starts_with("# 非官方质检规则") && text.contains("# Not the official rule"), "{word}");
        let again = Schema::parse(&text).unwrap_or_else(|error| panic!("{word}: {error}"));
        assert_eq!(again, schema, "{word}");
        // Each row says where it comes from.
        assert!(schema.rules.iter().all(|rule| !rule.basis.source.is_empty() && !rule.says_en.is_empty()), "{word}");
        let rows = schema.layers.iter().flat_map(|layer| &layer.fields).map(|field| &field.basis);
        assert!(rows.chain(schema.layers.iter().map(|layer| &layer.basis)).all(|basis| !basis.source.is_empty()));
    }
}

#[test]
fn the_survey_has_its_parcels() {
    let schema = built_in("survey").expect("is there");
    let parcels = schema.layers.iter().find(|layer| layer.code == "DLTB").expect("is there");
    assert_eq!((parcels.fields.len(), parcels.required), (30, Required::Mandatory));
    let field = |code: &str| parcels.fields.iter().find(|field| field.code == code).expect("is there");
    assert_eq!(
        (field("TBMJ").length, field("TBMJ").decimals, field("TBMJ").kind),
        (Some(15), Some(2), FieldKind::Float)
    );
    assert_eq!((field("BSM").digits.as_slice(), field("BSM").unique), (&[18][..], true));
    assert_eq!(field("ZLDWDM").digits, [19]);
    assert_eq!(field("YSDM").constant.as_deref(), Some("2001010100"));
    assert!(schema.list("DLBM_SD2019").is_some_and(|list| list.has("0101") && !list.has("9999")));
    assert_eq!(field("DLMC").names_of(), Some("DLBM_SD2019"));
}

#[test]
fn ranges_are_read_as_they_are_written() {
    let check = |text: &str, inside: f64, outside: f64| {
        let range = Range::parse(text).unwrap_or_else(|| panic!("{text}"));
        assert!(range.has(inside) && !range.has(outside), "{text}");
        assert_eq!(Range::parse(&range.text()), Some(range), "{text}");
    };
    check(">0", 1.0, 0.0);
    check(">=0", 0.0, -1.0);
    check("[0,1)", 0.0, 1.0);
    check("(-160;8850)", -159.0, -160.0);
    check("[0，1)", 0.5, 1.5);
    check("[0,2π)", 6.2, 6.3);
    for text in ["", "[是|否]", "1-5", "[1,", "(a,b)"] {
        assert_eq!(Range::parse(text), None, "{text}");
    }
}

#[test]
fn mistakes_are_told_with_their_place() {
    let parse = |text: &str| Schema::parse(text).expect_err("is wrong");
    let head = "format = 1\nname = \"a\"\n";
    assert!(matches!(parse("format = 1\nname = "), SchemaError::Syntax { line: 2, .. }));
    assert!(matches!(parse("format = 9\nname = \"a\""), SchemaError::Newer { found: 9 }));
    assert_eq!(parse(head), SchemaError::Empty);
    let layer = "[[layer]]\ncode = \"A\"\ngeometry = \"polygon\"\n";
    let place = |text: &str| match parse(&format!("{head}{text}")) {
        SchemaError::Member { place, .. } => place,
        other => panic!("{other}"),
    };
    assert_eq!(place("[[layer]]\ncode = \"A\"\ngeometry = \"cube\"\n"), "A");
    let field = |field: &str| place(&format!("{layer}fields = [{{ {field} }}]\n"));
    assert_eq!(field("code = \"B\", type = \"colour\""), "A.B");
    assert_eq!(field("code = \"B\", type = \"char\", codes = \"NONE\""), "A.B");
    assert_eq!(field("code = \"B\", type = \"int\", range = \"few\""), "A.B");
    let rule = |rest: &str| {
        place(&format!("{layer}[[rule]]\nid = \"R\"\nlayers = [\"A\"]\nsays = \"x\"\nseverity = 1\n{rest}"))
    };
    assert_eq!(rule("test = \"holds\"\n"), "R");
    assert_eq!(rule("test = \"holds\"\nholds = \"1 +\"\n"), "R");
    assert_eq!(rule("test = \"magic\"\n"), "R");
    assert!(matches!(parse(&format!("{head}colour = 1\n")), SchemaError::Syntax { .. }));
    // Nothing of a schema in the program goes by that name.
    assert_eq!(place("base = [\"NONE\"]\n"), "base");
}

fn sheet(name: &str, text: &str) -> Layer {
    let opened = open_bytes("a.csv", text.as_bytes().to_vec(), &OpenOptions::default(), &Progress::new());
    let mut layer = opened.expect("opens").layers.remove(0);
    name.clone_into(&mut layer.name);
    layer
}

#[test]
fn sheets_of_an_office_become_a_schema() {
    let fields = sheet(
        "字段",
        "图层代码,图层名称,几何类型,字段代码,字段名称,字段类型,长度,小数位,约束,值域\n\
         DK,地块,面,BSM,标识码,Char,18,,M,\n\
         ,,,DKLX,地块类型,Char,2,,必填,DKLX\n\
         ,,,MJ,面积,Float,15,2,M,>0\n\
         DX,道路,线,KD,宽度,Float,5,1,O,见表 3\n",
    );
    let codes = sheet("代码", "代码表,代码,名称\nDKLX,甲,住宅\n,乙,商业\n");
    let notes = sheet("封面", "单位,日期\n某院,2025\n");
    let (schema, left_out) = from_sheets("片区", &[fields, codes, notes]).expect("is one");
    assert_eq!(schema.layers.iter().map(|layer| layer.code.as_str()).collect::<Vec<_>>(), ["DK", "DX"]);
    assert_eq!(schema.layers[1].geometry, Some(GeometryKind::Line));
    let kind = &schema.layers[0].fields[1];
    assert_eq!((kind.list.as_deref(), kind.required, kind.length), (Some("DKLX"), Required::Mandatory, Some(2)));
    assert!(schema.list("DKLX").is_some_and(|list| list.has("乙") && !list.has("丙")));
    assert_eq!(schema.layers[0].fields[2].range, Range::parse(">0"));
    // A remark for people and a cover are left out, and that is said.
    assert_eq!(left_out.len(), 2, "{left_out:?}");
    assert_eq!(Schema::parse(&schema.to_toml()).expect("is read again"), schema);
}
