use proptest::prelude::*;

use super::*;
use crate::crs::Crs;
use crate::model::{AttributeBuilder, GeometryBuilder, attributes};
use crate::units::AreaUnit;

/// A layer of null shapes with the field DLBM (text) and N (numbers), in blocks of two rows.
fn layer(rows: &[(Value<'_>, Value<'_>)]) -> Arc<Layer> {
    let mut blocks = Vec::new();
    for chunk in rows.chunks(2) {
        let mut builder = AttributeBuilder::new();
        let mut geometry = GeometryBuilder::new(GeometryKind::Polygon);
        for (code, number) in chunk {
            for (at, (name, value)) in [("DLBM", code), ("N", number)].into_iter().enumerate() {
                let column = builder.column(name, at);
                builder.set(column, *value);
            }
            builder.end_row();
            geometry.null_feature();
        }
        blocks.push((builder.finish(), Arc::new(geometry.finish())));
    }
    let (parts, shapes): (Vec<_>, Vec<_>) = blocks.into_iter().unzip();
    let (fields, parts) = attributes::unify(parts);
    let blocks =
        parts.into_iter().zip(shapes).map(|(attributes, geometry)| FeatureBlock::of_parts(geometry, attributes));
    Arc::new(Layer::new("t".to_owned(), GeometryKind::Polygon, Crs::cgcs2000(), fields, blocks.collect()))
}

fn request(layer: &Arc<Layer>) -> Request {
    Request {
        layer: layer.clone(),
        areas: None,
        sort: Vec::new(),
        filter: String::new(),
        only: None,
        classes: Some((0, Some(Scheme::Ydyh2023))),
        language: Language::Chinese,
    }
}

fn features(request: &Request) -> Vec<usize> {
    let order = order(request, &Progress::new()).expect("not cancelled").expect("a good filter").order;
    (0..order.len()).filter_map(|row| order.feature(row)).collect()
}

fn five() -> Arc<Layer> {
    layer(&[
        (Value::Text("1001"), Value::Float(9.5)),
        (Value::Null, Value::Int(-3)),
        (Value::Text("0701"), Value::Null),
        (Value::Text("0102"), Value::Int(10)),
        (Value::Text("0701"), Value::Float(-20.0)),
    ])
}

#[test]
fn values_sort_by_type_and_nulls_come_last_both_ways() {
    let layer = five();
    let check = |by: Content, descending: bool, expected: [usize; 5]| {
        let request = Request { sort: vec![(by, descending)], ..request(&layer) };
        assert_eq!(features(&request), expected, "{by:?} {descending}");
    };
    check(Content::Field(0), false, [3, 2, 4, 0, 1]);
    check(Content::Field(0), true, [0, 2, 4, 3, 1]);
    check(Content::Field(1), false, [4, 1, 0, 3, 2]);
    check(Content::Field(1), true, [3, 0, 1, 4, 2]);
    check(Content::Number, true, [4, 3, 2, 1, 0]);
    // By name: 城镇住宅用地 (twice), 工业用地, 水浇地.
    check(Content::ClassName(0), false, [2, 4, 0, 3, 1]);
}

#[test]
fn rows_that_are_equal_sort_by_the_next_column() {
    let layer = five();
    let check = |sort: &[(Content, bool)], expected: [usize; 5]| {
        assert_eq!(features(&Request { sort: sort.to_vec(), ..request(&layer) }), expected, "{sort:?}");
    };
    check(&[(Content::Field(0), false), (Content::Field(1), false)], [3, 4, 2, 0, 1]);
    check(&[(Content::Field(0), false), (Content::Number, true)], [3, 4, 2, 0, 1]);
    check(&[(Content::Field(0), true), (Content::Number, false)], [0, 2, 4, 3, 1]);
}

#[test]
fn areas_sort_once_measured() {
    let layer = five();
    let areas = Areas { printed: vec![5.0, 1.0, 3.0, 2.0, 4.0], ..Areas::default() };
    let by_area = vec![(Content::Area(AreaUnit::Mu), true)];
    let request = Request { areas: Some(Arc::new(areas)), sort: by_area, ..request(&layer) };
    assert_eq!(features(&request), [0, 4, 2, 3, 1]);
    assert_eq!(features(&Request { areas: None, ..request }), [0, 1, 2, 3, 4]);
}

#[test]
fn a_filter_of_words_reads_codes_and_their_names() {
    let layer = five();
    let check = |filter: &str, expected: &[usize]| {
        assert_eq!(features(&Request { filter: filter.to_owned(), ..request(&layer) }), expected, "{filter}");
    };
    check("", &[0, 1, 2, 3, 4]);
    check("0701", &[2, 4]);
    check("住宅", &[2, 4]);
    check("住宅 -20", &[4]);
    check("=N > 0", &[0, 3]);
    check("＝DLBM = '0701'", &[2, 4]);
    check("=", &[0, 1, 2, 3, 4]);
    // A comparison needs no sign in front.
    check("N > 0", &[0, 3]);
    check("DLBM like '07%' and N < 0", &[4]);
    check("10", &[0]);
    check("\"10\"", &[0, 3]);
}

#[test]
fn what_a_filter_was_taken_for_is_said() {
    let layer = five();
    let areas = Areas { printed: vec![5.0, 1.0, 3.0, 2.0, 4.0], ..Areas::default() };
    let measured = Request { areas: Some(Arc::new(areas)), ..request(&layer) };
    let answer = |filter: &str| {
        let request = Request { filter: filter.to_owned(), ..measured.clone() };
        order(&request, &Progress::new()).expect("not cancelled").expect("a good filter")
    };
    let word = |text: &str, is_class: bool| FilterWord { text: text.to_owned(), is_class };
    let passed = |field: &str, n: &str| Message::new("expr.passed-null").with("n", n).with("field", field);
    let found = answer("07 住宅");
    assert_eq!(found.meant, Meant::Words(vec![(word("07", true), 2), (word("住宅", false), 2)], None));
    assert_eq!(found.area, Some(Area::from_m2(7.0)), "of the rows shown");
    assert_eq!((answer("").meant, answer("").area), (Meant::Nothing, None));
    assert_eq!(answer("DLBM > '0'").meant, Meant::Condition(vec![passed("DLBM", "1")]));
    // What is null is passed over by either comparison, which is said.
    for filter in ["N > 0", "=N != 10"] {
        assert_eq!(answer(filter).meant, Meant::Condition(vec![passed("N", "1")]), "{filter}");
    }
    assert_eq!(answer("N > 0 or N is null").meant, Meant::Condition(Vec::new()));
    // Words one by one, where together they fit nothing.
    let found = answer("0701 -3");
    assert_eq!(found.meant, Meant::Words(vec![(word("0701", true), 2), (word("-3", false), 1)], None));
    assert!(found.order.is_empty() && found.area == Some(Area::ZERO));
    // What looks like a comparison and is none is looked for as words; the reason is at hand.
    for filter in ["NOFIELD = 1", "N >", "DLBM = 0701x"] {
        let Meant::Words(_, Some(error)) = answer(filter).meant else { panic!("{filter}") };
        assert!(!error.text(Language::Chinese).is_empty());
    }
}

#[test]
fn a_wrong_expression_says_what_is_wrong() {
    let layer = five();
    let wrong = Request { filter: "=NOFIELD = 1".to_owned(), ..request(&layer) };
    let error = order(&wrong, &Progress::new()).expect("not cancelled").expect_err("no such field");
    assert!(error.text(Language::Chinese).contains("NOFIELD"));
}

#[test]
fn only_the_selected_rows_pass_and_ranges_follow_the_order() {
    let layer = five();
    let only = Some(Arc::new(Rows::from_iter([0, 2, 3])));
    let request = Request { only, sort: vec![(Content::Field(1), true)], ..request(&layer) };
    assert_eq!(features(&request), [3, 0, 2]);
    let shown = order(&request, &Progress::new()).expect("not cancelled").expect("no filter").order;
    assert_eq!(shown.between(1, 0).iter().collect::<Vec<_>>(), [0, 3]);
    assert_eq!((shown.row_of(2), shown.row_of(4)), (Some(2), None));
}

#[test]
fn numbers_in_texts_sort_by_value() {
    let check = |a: &str, b: &str, expected| assert_eq!(natural(a, b), expected, "{a} {b}");
    check("地块 9", "地块 10", Ordering::Less);
    check("0701", "1001", Ordering::Less);
    check("a01", "a1", Ordering::Less);
    check("a1b", "a01a", Ordering::Greater);
    check("12", "12a", Ordering::Less);
    check("", "0", Ordering::Less);
    check("99999999999999999999998", "99999999999999999999999", Ordering::Less);
}

#[test]
fn doubles_sort_as_their_keys() {
    let values = [f64::NEG_INFINITY, -1e9, -1.0, -0.0, 1e-300, 2.0, f64::INFINITY];
    assert!(values.windows(2).all(|pair| number_key(pair[0]) < number_key(pair[1])));
    assert_eq!(number_key(-0.0), number_key(0.0));
    assert_eq!(number_key(f64::NAN), u64::MAX);
}

proptest! {
    #[test]
    fn keys_of_texts_are_in_their_order(a in "[0-3a-c地/:.]{0,24}", b in "[0-3a-c地/:.]{0,24}") {
        let keys = natural_key(&a).cmp(&natural_key(&b));
        prop_assert!(keys.is_eq() || keys == natural(&a, &b), "{a:?} {b:?} {keys:?}");
    }

    #[test]
    fn texts_sort_naturally_and_ties_stay_in_file_order(texts in prop::collection::vec("(地块|G)?0{0,2}[1-3]{0,2}(号[0-9]{18})?", 1..40)) {
        let rows: Vec<(Value<'_>, Value<'_>)> = texts.iter().map(|text| (Value::Text(text), Value::Null)).collect();
        let layer = layer(&rows);
        let mut expected: Vec<usize> = (0..texts.len()).collect();
        expected.sort_by(|a, b| natural(&texts[*a], &texts[*b]));
        let request = Request { sort: vec![(Content::Field(0), false)], ..request(&layer) };
        prop_assert_eq!(features(&request), expected);
    }
}

#[test]
fn endless_numbers_are_told_apart() {
    let long = |last: &str| format!("{}{last}", "9".repeat(300));
    assert_eq!(natural_key(&long("1")), natural_key(&long("2")), "too long for a key");
    let texts = [long("2"), long("1"), "8".repeat(299), long("1")];
    let rows: Vec<(Value<'_>, Value<'_>)> = texts.iter().map(|text| (Value::Text(text), Value::Null)).collect();
    let layer = layer(&rows);
    assert_eq!(features(&Request { sort: vec![(Content::Field(0), false)], ..request(&layer) }), [2, 1, 3, 0]);
}

#[test]
fn many_pairs_sort_as_few_do() {
    let mut seed = 3_u64;
    let mut random = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        seed ^ seed >> 29
    };
    let shapes: [fn(u64) -> u64; 6] =
        [|key| key, |key| key % 7, |key| key << 50, |key| key >> 40 << 20, |_| 5, |key| !(key % 3000)];
    for shape in shapes {
        for count in [0, 1, 2047, 2048, 9000] {
            let pairs: Vec<(u64, u32)> = (0..count).map(|row| (shape(random()), row)).collect();
            let (mut sorted, mut expected) = (pairs.clone(), pairs);
            sort_by_key(&mut sorted);
            expected.sort();
            assert_eq!(sorted, expected);
            sort_by_key(&mut sorted);
            assert_eq!(sorted, expected, "what is sorted stays");
            sorted.reverse();
            sort_by_key(&mut sorted);
            sorted.iter().zip(&expected).for_each(|(a, b)| assert_eq!(a.0, b.0));
        }
    }
}
