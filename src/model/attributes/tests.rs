use super::*;

fn column(values: &[Value<'_>]) -> Column {
    let mut builder = ColumnBuilder::default();
    for (row, value) in values.iter().enumerate() {
        assert!(builder.set(row as u32, *value));
    }
    builder.finish(values.len())
}

#[test]
fn columns_keep_what_they_were_given() {
    let check = |values: &[Value<'_>], kind: FieldType, expected: &[&str]| {
        let column = column(values);
        assert_eq!(column.kind(), kind);
        let shown: Vec<String> = (0..values.len()).map(|row| column.value(row).to_string()).collect();
        assert_eq!(shown, expected);
    };
    check(&[Value::Int(1), Value::Float(0.5)], FieldType::Float, &["1", "0.5"]);
    check(&[Value::Text("0701"), Value::Int(701)], FieldType::Text, &["0701", "701"]);
    check(&[Value::Int(i64::MAX), Value::Float(0.5)], FieldType::Text, &["9223372036854775807", "0.5"]);
    check(&[Value::Null, Value::Bool(true), Value::Null], FieldType::Bool, &["", "true", ""]);
    check(&[Value::Json("[1]"), Value::Text("a")], FieldType::Text, &["[1]", "a"]);
    check(&[Value::Null], FieldType::Null, &[""]);
}

#[test]
fn each_text_is_kept_once() {
    let ascending = (0..100).map(|i| format!("{i:05}"));
    let around = (0..3000).map(|i| format!("{:05}", i * 7919 % 1000));
    let texts: Vec<String> = ascending.chain(around).collect();
    let column = column(&texts.iter().map(|text| Value::Text(text)).collect::<Vec<_>>());
    for (row, text) in texts.iter().enumerate() {
        assert_eq!(column.value(row), Value::Text(text));
    }
    let distinct: std::collections::BTreeSet<&str> = column.distinct_texts().collect();
    assert_eq!((column.distinct_texts().len(), distinct.len()), (1000, 1000));
}

#[test]
fn sparse_columns_cost_their_rows() {
    let mut builder = ColumnBuilder::default();
    builder.set(60_000, Value::Float(1.0));
    let column = builder.finish(65_536);
    assert_eq!(column.byte_count(), 12);
    assert_eq!((column.value(60_000), column.value(0)), (Value::Float(1.0), Value::Null));
    assert_eq!(column.null_count(), 65_535);
}

#[test]
fn a_repeated_member_is_refused() {
    let mut builder = AttributeBuilder::new();
    let a = builder.column("a", 0);
    assert!(builder.set(a, Value::Int(1)));
    assert!(!builder.set(a, Value::Int(2)));
}

#[test]
fn blocks_are_brought_to_one_list_of_fields() {
    let block = |fields: &[(&str, Value<'_>)]| {
        let mut builder = AttributeBuilder::new();
        for (i, (name, value)) in fields.iter().enumerate() {
            let column = builder.column(name, i);
            builder.set(column, *value);
        }
        builder.end_row();
        builder.finish()
    };
    let (fields, blocks) = unify(vec![
        block(&[("a", Value::Int(1)), ("b", Value::Text("x"))]),
        block(&[("b", Value::Text("y")), ("c", Value::Null), ("a", Value::Float(2.5))]),
    ]);
    let shown: Vec<_> = fields.iter().map(|f| (f.name.as_str(), f.kind)).collect();
    assert_eq!(shown, [("a", FieldType::Float), ("b", FieldType::Text), ("c", FieldType::Null)]);
    assert_eq!(blocks[1].value(0, 0), Value::Float(2.5));
    assert_eq!(blocks[0].value(0, 2), Value::Null);
}
