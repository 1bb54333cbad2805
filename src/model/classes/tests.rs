use super::*;
use crate::model::Layer;
use crate::text::Language::{Chinese, English};

fn survey(code: &str) -> Class {
    Class::find(Scheme::Sd2019, code).unwrap_or_else(|| panic!("no class {code}"))
}

fn plan(code: &str) -> Class {
    Class::find(Scheme::Ydyh2023, code).unwrap_or_else(|| panic!("no class {code}"))
}

#[test]
fn the_table_has_every_class_once_with_a_parent_one_level_up() {
    assert_eq!(Scheme::Sd2019.classes().len(), 81);
    assert_eq!(Scheme::Ydyh2023.classes().len(), 175);
    // Three new rows and four gone: 0603, 0604, 1313 new; 0205 and 060201 to 060203 absent.
    assert_eq!(Scheme::Ydyh2020.classes().len(), 175 + 3 - 4);
    assert_eq!((Scheme::Gb2017.classes().len(), Scheme::Gb2007.classes().len()), (12 + 73, 13 + 62));
    for scheme in Scheme::ALL {
        let mut codes = std::collections::HashSet::new();
        for class in scheme.classes() {
            assert!(codes.insert(class.code()), "{class:?} stands twice");
            assert_eq!(class.scheme(), scheme);
            assert!(!class.name(Chinese).is_empty() && !class.name(English).is_empty(), "{class:?}");
            match class.parent() {
                None => assert_eq!(class.level(), 1, "{class:?}"),
                Some(parent) => {
                    assert_eq!(class.level(), parent.level() + 1, "{class:?}");
                    assert!(parent.order() < class.order(), "{class:?} stands before its parent");
                }
            }
            assert_eq!(Class::find(scheme, class.code()), Some(class));
        }
    }
}

#[test]
fn parents_come_from_the_table_not_from_the_digits() {
    let check = |class: Class, expected: &[&str]| {
        let mut chain = vec![class.code()];
        let mut at = class;
        while let Some(parent) = at.parent() {
            chain.push(parent.code());
            at = parent;
        }
        assert_eq!(chain, expected);
    };
    check(survey("0303"), &["0303", "00"]);
    check(survey("0603"), &["0603", "00"]);
    check(survey("1106"), &["1106", "00"]);
    check(survey("08H2A"), &["08H2A", "08H2", "08"]);
    check(survey("0201K"), &["0201K", "0201", "02"]);
    check(survey("0508"), &["0508", "05"]);
    check(plan("070102"), &["070102", "0701", "07"]);
    check(plan("0303"), &["0303", "03"]);
}

#[test]
fn the_ancestor_of_a_level_is_the_class_itself_where_it_is_high_enough() {
    assert_eq!(plan("070102").at_level(2), plan("0701"));
    assert_eq!(plan("070102").at_level(1), plan("07"));
    assert_eq!(plan("07").at_level(2), plan("07"));
    assert_eq!(plan("0701").at_level(0), plan("07"));
    assert_eq!(survey("1105").at_level(1), survey("00"));
    assert!(plan("070102").is_within(plan("07")) && !plan("07").is_within(plan("0701")));
    assert_eq!(plan("0701").children().count(), 3);
}

#[test]
fn one_code_means_different_things_in_two_schemes() {
    assert_eq!(survey("1001").name(Chinese), "铁路用地");
    assert_eq!(plan("1001").name(Chinese), "工业用地");
    assert_ne!(survey("0101"), plan("0101"));
    let both: Vec<_> =
        Scheme::Sd2019.classes().filter_map(|c| Some((c, Class::find(Scheme::Ydyh2023, c.code())?))).collect();
    let different = both.iter().filter(|(a, b)| a.name(Chinese) != b.name(Chinese)).count();
    // standards 3.2 counts 42 codes in both; by meaning 29 differ, by spelling (种植园用地/园地 …) at least as many.
    assert_eq!(both.len(), 42);
    assert!((29..=33).contains(&different), "{different}");
}

#[test]
fn colours_are_those_of_the_standard() {
    let check = |class: Class, r, g, b| assert_eq!(class.color(), Color::rgb(r, g, b), "{class:?}");
    check(plan("01"), 245, 248, 220);
    check(plan("0102"), 245, 248, 220);
    check(plan("0701"), 255, 255, 45);
    check(plan("0703"), 255, 211, 128);
    check(plan("1001"), 187, 150, 116);
    check(plan("100103"), 187, 150, 116);
    check(plan("17"), 51, 142, 192);
    // The survey's source has none for these two: the plan scheme's stand in.
    check(survey("06"), 187, 150, 116);
    check(survey("0603"), 0, 0, 255);
    assert_eq!(survey("06").color_basis(), ColorBasis::Assigned);
    assert_eq!(plan("0701").color_basis(), ColorBasis::Standard);
    assert_eq!(plan("0102").color_basis(), ColorBasis::Inherited);
    assert_eq!(survey("0101").color_basis(), ColorBasis::Unverified);
}

#[test]
fn big_classes_belong_to_the_survey_and_0404_is_a_choice() {
    let check = |code: &str, expected| {
        assert_eq!(survey(code).big_class(OtherGrassland::default()), Some(expected), "{code}");
    };
    check("0101", BigClass::Agricultural);
    check("1006", BigClass::Agricultural);
    check("1202", BigClass::Agricultural);
    check("0603", BigClass::Construction);
    check("1109", BigClass::Construction);
    check("1201", BigClass::Construction);
    check("0404", BigClass::Unused);
    check("1101", BigClass::Unused);
    check("10", BigClass::Mixed);
    assert_eq!(survey("0404").big_class(OtherGrassland::Agricultural), Some(BigClass::Agricultural));
    assert_eq!(plan("0403").big_class(OtherGrassland::default()), None);
    assert_eq!(plan("0701").plan_use(), Some(PlanUse::Construction));
    assert_eq!(plan("0601").plan_use(), Some(PlanUse::FarmFacility));
    assert_eq!(survey("0701").plan_use(), None);
}

/// The filter that public tools use for 建设用地: `^(05|06|07|08|09|100[1-5]|100[7-9]|1109|1201)` plus 0603.
#[test]
fn construction_land_of_the_survey_is_what_public_filters_take() {
    for class in Scheme::Sd2019.classes().filter(|class| class.level() > 1 || class.code() == "09") {
        let code = class.code();
        let by_filter = ["05", "06", "07", "08", "09", "1109", "1201"].iter().any(|prefix| code.starts_with(prefix))
            || (code.starts_with("100") && !code.starts_with("1006"));
        assert_eq!(class.is_construction(), by_filter, "{class:?}");
    }
}

#[test]
fn the_trial_version_differs_where_the_guide_was_revised() {
    let check = |code: &str, trial: Option<&str>, final_: Option<&str>| {
        let name = |scheme| Class::find(scheme, code).map(|class| class.name(Chinese));
        assert_eq!((name(Scheme::Ydyh2020), name(Scheme::Ydyh2023)), (trial, final_), "{code}");
    };
    check("0602", Some("种植设施建设用地"), Some("设施农用地"));
    check("060102", Some("村庄内部道路用地"), Some("田间道"));
    check("0604", Some("水产养殖设施建设用地"), None);
    check("0204", Some("其他园地"), Some("油料园地"));
    check("0205", None, Some("其他园地"));
    check("1311", Some("干渠"), Some("水工设施用地"));
    check("1313", Some("其他公用设施用地"), None);
    check("2302", Some("田坎"), Some("后备耕地"));
    check("0701", Some("城镇住宅用地"), Some("城镇住宅用地"));
}

#[test]
fn codes_are_read_as_files_write_them() {
    let check = |scheme, text: &str, expected: Option<(&str, CodeNote)>| {
        let found = resolve(scheme, text).map(|found| (found.class.code(), found.note));
        assert_eq!(found, expected, "{text:?} in {scheme:?}");
    };
    use CodeNote::*;
    let (sd, yd) = (Scheme::Sd2019, Scheme::Ydyh2023);
    check(yd, "0701", Some(("0701", Exact)));
    check(yd, " 0701 ", Some(("0701", Tidied)));
    check(yd, "０７０１", Some(("0701", Tidied)));
    check(yd, "0701 城镇住宅用地", Some(("0701", Tidied)));
    check(yd, "0701城镇住宅用地", Some(("0701", Tidied)));
    check(yd, "'0701", Some(("0701", Tidied)));
    check(yd, "（0701）城镇住宅用地", Some(("0701", Tidied)));
    check(yd, "[0701]", Some(("0701", Tidied)));
    check(yd, "07.01", Some(("0701", Tidied)));
    check(yd, "07.01.02", Some(("070102", Tidied)));
    check(yd, "0701. 城镇住宅用地", Some(("0701", Tidied)));
    check(yd, "7.5", None);
    check(yd, "10.1", None);
    check(yd, "07010000", Some(("0701", Padded)));
    check(yd, "07010200", Some(("070102", Padded)));
    check(yd, "07000000", Some(("07", Padded)));
    check(yd, "070100", Some(("0701", Padded)));
    check(yd, "101", Some(("0101", LeadingZero)));
    check(yd, "701.0", Some(("0701", LeadingZero)));
    check(yd, "7010000", Some(("0701", LeadingZero)));
    check(yd, "7", Some(("07", LeadingZero)));
    check(yd, "城镇住宅用地", Some(("0701", Named)));
    check(yd, "9999", None);
    check(yd, "", None);
    check(yd, "R2B", None);
    check(yd, "0", None);
    check(yd, "城镇住宅用地 0701", Some(("0701", Tidied)));
    check(yd, "城镇住宅用地（0701）", Some(("0701", Tidied)));
    check(yd, "工业用地（0701）", None);
    check(yd, "0701   ", Some(("0701", Tidied)));
    check(Scheme::Gb2007, "011", Some(("011", Exact)));
    check(Scheme::Gb2007, "011水田", Some(("011", Tidied)));
    check(Scheme::Gb2007, "有林地", Some(("031", Named)));
    check(Scheme::Gb2017, "0501", Some(("0501", Exact)));
    check(sd, "08h2a", Some(("08H2A", Tidied)));
    check(sd, "8H2", Some(("08H2", LeadingZero)));
    check(sd, "201K", Some(("0201K", LeadingZero)));
    check(sd, "0000", Some(("00", Padded)));
    check(sd, "0701", Some(("0701", Exact)));
    check(sd, "1401", None);
}

fn used(codes: &[(&str, &str, u64)]) -> Vec<UsedCode> {
    codes
        .iter()
        .map(|(code, name, feature_count)| UsedCode {
            code: (*code).to_owned(),
            name: (*name).to_owned(),
            feature_count: *feature_count,
        })
        .collect()
}

#[test]
fn the_scheme_of_a_column_is_detected() {
    let check = |codes: &[(&str, &str, u64)], hint, scheme, certain: bool, key: &str| {
        let found = detect(&used(codes), hint);
        assert_eq!((found.scheme, found.certain, found.reason.key), (scheme, certain, key), "{codes:?}");
    };
    let (sd, y23, y20) = (Some(Scheme::Sd2019), Some(Scheme::Ydyh2023), Some(Scheme::Ydyh2020));
    // Codes that only one scheme has.
    check(&[("0703", "", 5), ("1001", "", 5), ("17", "", 5)], None, y23, true, "model.scheme-by-codes");
    check(&[("08H1", "", 5), ("1001", "", 5), ("1106", "", 5)], None, sd, true, "model.scheme-by-codes");
    // The field's name does not outweigh them.
    check(&[("0703", "", 5), ("1401", "", 5)], sd, y23, true, "model.scheme-by-codes");
    // Names where the codes stand in both.
    check(&[("1001", "工业用地", 5), ("1202", "公路用地", 5)], None, y23, true, "model.scheme-by-names");
    check(&[("1001", "铁路用地", 5), ("1202", "设施农用地", 5)], y23, sd, true, "model.scheme-by-names");
    // Nothing to tell them apart but the hint.
    check(&[("1001", "", 5), ("1202", "", 5)], y23, y23, false, "model.scheme-by-hint");
    check(&[("1001", "", 5), ("1202", "", 5)], None, sd, false, "model.scheme-undecided");
    // Where the codes mean the same in both it does not matter.
    check(&[("0101", "", 5), ("0103", "", 5)], sd, sd, true, "model.scheme-by-hint");
    // Vintages.
    check(&[("0703", "", 9), ("0604", "", 1)], None, y20, true, "model.scheme-trial-version");
    check(&[("1311", "干渠", 3), ("0703", "农村宅基地", 9)], None, y20, true, "model.scheme-trial-version");
    check(&[("1311", "水工设施用地", 3), ("0703", "农村宅基地", 9)], None, y23, true, "model.scheme-by-names");
    check(&[("1311", "", 3), ("0703", "", 9)], None, y23, false, "model.scheme-vintage-open");
    // Older classifications, where they explain more than what came after them.
    let (g17, g07) = (Some(Scheme::Gb2017), Some(Scheme::Gb2007));
    check(
        &[("0501", "", 5), ("0604", "", 5), ("1104", "", 5), ("1207", "", 5)],
        sd,
        g17,
        true,
        "model.scheme-by-codes",
    );
    check(&[("0801", "机关团体用地", 5), ("0604", "仓储用地", 5)], None, g17, true, "model.scheme-by-names");
    check(&[("011", "", 5), ("101", "", 5), ("203", "", 5)], sd, g07, true, "model.scheme-by-codes");
    check(&[("101", "铁路用地", 5), ("104", "农村道路", 5)], sd, g07, true, "model.scheme-by-names");
    // What both have means the same in both: the survey's stays.
    check(&[("0101", "水田", 5), ("0601", "工业用地", 5)], sd, sd, true, "model.scheme-by-names");
    // Zeros that a spreadsheet took away are no older scheme.
    check(&[("101", "", 5), ("102", "", 5), ("1104", "", 5)], sd, sd, true, "model.scheme-by-codes");
    // No codes at all.
    check(&[("R2B", "", 5), ("C1", "", 5)], None, None, true, "model.scheme-none");
    check(&[], None, None, true, "model.scheme-none");
}

#[test]
fn a_few_stray_codes_do_not_turn_the_scheme_over() {
    let found = detect(&used(&[("0703", "", 400), ("1401", "", 600), ("08H2", "", 3), ("错码", "", 2)]), None);
    assert_eq!(found.scheme, Some(Scheme::Ydyh2023));
    assert_eq!(found.unknown, [("08H2".to_owned(), 3), ("错码".to_owned(), 2)]);
}

#[test]
fn lost_zeros_are_suspicions_not_silence() {
    let found = detect(&used(&[("703", "", 4), ("1401", "", 6)]), None);
    assert_eq!(found.scheme, Some(Scheme::Ydyh2023));
    let suspects: Vec<_> = found.suspects.iter().map(|s| (s.text.as_str(), s.class.code(), s.feature_count)).collect();
    assert_eq!(suspects, [("703", "0703", 4)]);
}

#[test]
fn open_vintages_name_their_codes() {
    let found = detect(&used(&[("0602", "", 1), ("1311", "", 1), ("1401", "", 1)]), None);
    let codes: Vec<_> = found.ambiguous.iter().map(|class| class.code()).collect();
    assert_eq!(codes, ["0602", "1311"]);
    assert!(found.reason.text(Chinese).contains("0602, 1311"), "{}", found.reason.text(Chinese));
}

#[test]
fn every_name_for_users_stands_in_the_catalogue() {
    let mut keys: Vec<&str> = Scheme::ALL.map(Scheme::title_key).to_vec();
    keys.extend(
        [BigClass::Agricultural, BigClass::Construction, BigClass::Unused, BigClass::Mixed].map(BigClass::title_key),
    );
    let uses = [PlanUse::Farming, PlanUse::FarmFacility, PlanUse::Construction, PlanUse::Open, PlanUse::Sea];
    keys.extend(uses.map(PlanUse::title_key));
    keys.extend([OtherGrassland::Unused, OtherGrassland::Agricultural].map(OtherGrassland::note_key));
    keys.extend(crate::model::roles::Role::ALL.map(crate::model::roles::Role::title_key));
    keys.extend(crate::model::roles::Group::ALL.map(crate::model::roles::Group::title_key));
    for kind in ["by-names", "by-codes", "by-hint", "undecided", "trial-version", "vintage-open", "none", "said"] {
        keys.push(Box::leak(format!("model.scheme-{kind}").into_boxed_str()));
    }
    for key in keys {
        for language in [Chinese, English] {
            assert_ne!(tr(language, key), key);
        }
    }
}

#[test]
fn codes_in_use_are_counted_with_their_names() {
    use crate::crs::Crs;
    use crate::model::{AttributeBuilder, FeatureBlock, Field, FieldType, GeometryBuilder, GeometryKind, Value};
    let block = |rows: &[(Value<'static>, Value<'static>)]| {
        let mut attributes = AttributeBuilder::new();
        let mut geometry = GeometryBuilder::new(GeometryKind::Polygon);
        for (code, name) in rows {
            let at = attributes.column("DLBM", 0);
            attributes.set(at, *code);
            let at = attributes.column("DLMC", 1);
            attributes.set(at, *name);
            attributes.end_row();
            geometry.null_feature();
        }
        FeatureBlock::of_parts(geometry.finish(), attributes.finish().1)
    };
    let text = Value::Text;
    let blocks = vec![
        block(&[(text("0701"), text("城镇住宅用地")), (text("17"), Value::Null), (text("0701"), text("城镇住宅用地"))]),
        block(&[(Value::Int(701), text("城镇住宅用地")), (Value::Null, text("x")), (Value::Int(701), Value::Null)]),
        block(&[(text("0701"), text("城镇住宅用地"))]),
    ];
    let field = |name: &str| Field { name: name.to_owned(), kind: FieldType::Text };
    let fields = vec![field("DLBM"), field("DLMC")];
    let layer = Layer::new("parcels".to_owned(), GeometryKind::Polygon, Crs::wgs84(), fields, blocks);
    let counted = |name_field| {
        let mut codes: Vec<_> = used_codes(&layer, 0, name_field)
            .into_iter()
            .map(|code| (code.code, code.name, code.feature_count))
            .collect();
        codes.sort();
        codes
    };
    let owned = |rows: &[(&str, &str, u64)]| -> Vec<(String, String, u64)> {
        rows.iter().map(|(code, name, count)| ((*code).to_owned(), (*name).to_owned(), *count)).collect()
    };
    // What has no value is one code, the empty one.
    assert_eq!(counted(None), owned(&[("", "", 1), ("0701", "", 3), ("17", "", 1), ("701", "", 2)]));
    let named =
        owned(&[("", "", 1), ("0701", "城镇住宅用地", 3), ("17", "", 1), ("701", "", 1), ("701", "城镇住宅用地", 1)]);
    assert_eq!(counted(Some(1)), named);
}
