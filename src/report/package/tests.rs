use std::io::Read;

use zip::ZipArchive;

use super::*;
use crate::scenario::Workspace;

const SQUARES: [(&str, f64, &str); 2] = [("DLTB_2025", 0.0, "0101"), ("DLTB_2035", 0.0, "0701")];

/// A folder with two states of land use, a line, rules and a project over them.
fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, shift, code) in SQUARES {
        let (x0, x1) = (117.0 + shift, 117.001 + shift);
        let square = |x0: f64, x1: f64, code: &str| {
            format!(
                r#"{{"type":"Feature","properties":{{"DLBM":"{code}"}},"geometry":{{"type":"Polygon","coordinates":[[[{x0},36.8],[{x1},36.8],[{x1},36.801],[{x0},36.801],[{x0},36.8]]]}}}}"#
            )
        };
        let features = [square(x0, x1, code), square(x1, x1 + 0.001, "0301")].join(",");
        let text = format!(r#"{{"type":"FeatureCollection","features":[{features}]}}"#);
        fs::write(folder.path().join(format!("{name}.geojson")), text).expect("written");
    }
    let mut workspace = Workspace::new();
    for (name, _, _) in SQUARES {
        let path = folder.path().join(format!("{name}.geojson"));
        let opened = crate::io::open(&path, &OpenOptions::default(), &Progress::new()).expect("opens");
        for layer in opened.layers {
            workspace.add(std::sync::Arc::new(layer));
        }
    }
    workspace.name = "示例".to_owned();
    let path = folder.path().join("p.toml");
    project::save(&workspace, &path).expect("saved");
    (folder, path)
}

fn wanted(with_sources: bool) -> Wanted {
    Wanted {
        scenarios: Vec::new(),
        method: AreaMethod::Survey,
        accounts: Accounts::One,
        with_sources,
        date: "2026-06-18".to_owned(),
        language: Language::Chinese,
    }
}

fn parts(package: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(package)).expect("a zip");
    (0..archive.len())
        .map(|index| {
            let mut entry = archive.by_index(index).expect("is there");
            let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).expect("unpacks");
            (name, bytes)
        })
        .collect()
}

fn verified(parts: &[(String, Vec<u8>)], sources: Option<&Path>) -> Result<Verified, PackageError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.zip");
    fs::write(&path, zipped(parts).expect("zips")).expect("written");
    verify(&path, sources, &Progress::new())
}

#[test]
fn a_package_verifies_where_its_sources_lie_nowhere_else() {
    let (folder, project) = folder();
    let package = pack(Some(&project), &wanted(true), &Progress::new()).expect("packs");
    assert_eq!(package.bytes, pack(Some(&project), &wanted(true), &Progress::new()).expect("packs").bytes);
    drop(folder);
    let found = verified(&parts(&package.bytes), None).expect("verifies");
    assert!(found.differences.is_empty(), "{found:?}");
    assert!(found.value_count > 50 && found.file_count >= 4, "{found:?}");
}

#[test]
fn one_changed_byte_in_each_part_is_found_and_named() {
    let (_folder, project) = folder();
    let package = pack(Some(&project), &wanted(true), &Progress::new()).expect("packs");
    let whole = parts(&package.bytes);
    assert!(whole.len() >= 6, "{:?}", whole.iter().map(|(name, _)| name).collect::<Vec<_>>());
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        let middle = changed[at].1.len() / 2;
        changed[at].1[middle] ^= 1;
        let found = verified(&changed, None).expect("is a package all the same");
        let name = &whole[at].0;
        let named = found.differences.iter().any(|difference| match difference {
            Difference::Part(part) => part.contains(name.as_str()),
            _ => false,
        });
        assert!(named, "{name}: {:?}", found.differences);
        // A part that is gone is found as well; the manifest makes it a package.
        if name != MANIFEST {
            let without: Vec<_> = whole.iter().filter(|(other, _)| other != name).cloned().collect();
            assert!(!verified(&without, None).expect("is a package").differences.is_empty(), "{name}");
        }
    }
    let mut more = whole.clone();
    more.push(("extra.txt".to_owned(), vec![1]));
    let found = verified(&more, None).expect("is a package");
    assert_eq!(found.differences, [Difference::Unknown("extra.txt".to_owned())]);
}

#[test]
fn results_that_come_out_otherwise_are_named_by_their_place() {
    let (_folder, project) = folder();
    let package = pack(Some(&project), &wanted(true), &Progress::new()).expect("packs");
    let mut forged = parts(&package.bytes);
    // Whoever changes a figure and makes all hashes right is found out by the figure.
    let at = forged.iter().position(|(name, _)| name == RESULTS).expect("has results");
    let text = String::from_utf8(forged[at].1.clone()).expect("UTF-8");
    forged[at].1 = text.replacen("\"示例\"", "\"示倒\"", 1).into_bytes();
    let record =
        FileRecord { name: RESULTS.to_owned(), bytes: forged[at].1.len() as u64, hash: hash_hex(&forged[at].1) };
    let of_manifest = forged.iter().position(|(name, _)| name == MANIFEST).expect("has a manifest");
    let mut manifest: Manifest = serde_json::from_slice(&forged[of_manifest].1).expect("is one");
    for part in manifest.parts.iter_mut().filter(|part| part.name == RESULTS) {
        *part = record.clone();
    }
    forged[of_manifest].1 = serde_json::to_vec(&manifest).expect("JSON");
    let seal = forged.iter().position(|(name, _)| name == SEAL).expect("has a seal");
    forged[seal].1 = format!("{}\n", hash_hex(&forged[of_manifest].1)).into_bytes();
    let found = verified(&forged, None).expect("is a package");
    let expected =
        Difference::Result { place: "/project".to_owned(), there: "示倒".to_owned(), now: "示例".to_owned() };
    assert_eq!(found.differences, [expected]);
}

#[test]
fn a_package_of_the_first_format_is_held_to_what_it_prints() {
    let (_folder, project) = folder();
    let package = pack(Some(&project), &wanted(true), &Progress::new()).expect("packs");
    let mut older = parts(&package.bytes);
    let place = |parts: &[(String, Vec<u8>)], wanted: &str| {
        parts.iter().position(|(name, _)| name == wanted).expect("is there")
    };
    // It does not say why figures are what they are, and its rows are rounded.
    let results = place(&older, RESULTS);
    let mut json: Json = serde_json::from_slice(&older[results].1).expect("JSON");
    json.as_object_mut().expect("an object").remove("why");
    json["overview"]["rows"] = serde_json::json!([]);
    older[results].1 = serde_json::to_vec(&json).expect("JSON");
    let (bytes, hash) = (older[results].1.len() as u64, hash_hex(&older[results].1));
    let of_manifest = place(&older, MANIFEST);
    let mut manifest: Manifest = serde_json::from_slice(&older[of_manifest].1).expect("is one");
    manifest.format = 1;
    for part in manifest.parts.iter_mut().filter(|part| part.name == RESULTS) {
        (part.bytes, part.hash) = (bytes, hash.clone());
    }
    older[of_manifest].1 = serde_json::to_vec(&manifest).expect("JSON");
    let seal = place(&older, SEAL);
    older[seal].1 = format!("{}\n", hash_hex(&older[of_manifest].1)).into_bytes();
    let found = verified(&older, None).expect("is a package");
    assert!(found.differences.is_empty() && found.value_count > 50, "{found:?}");
}

#[test]
fn sources_are_looked_for_and_missed() {
    let (folder, project) = folder();
    let package = pack(Some(&project), &wanted(false), &Progress::new()).expect("packs");
    let parts = parts(&package.bytes);
    assert!(parts.iter().all(|(name, _)| !name.starts_with("sources/")));
    assert!(matches!(verified(&parts, None), Err(PackageError::SourcesMissing(paths)) if paths.len() == 2));
    assert!(verified(&parts, Some(folder.path())).expect("verifies").differences.is_empty());
    let source = folder.path().join("DLTB_2035.geojson");
    let mut bytes = fs::read(&source).expect("reads");
    let at = bytes.len() - 2;
    bytes.insert(at, b' ');
    fs::write(&source, bytes).expect("written");
    let found = verified(&parts, Some(folder.path())).expect("is a package");
    assert!(matches!(&found.differences[0], Difference::Source(name) if name.contains("DLTB_2035")), "{found:?}");
}

#[test]
fn the_demo_is_a_package_without_files() {
    let package = pack(None, &wanted(true), &Progress::new()).expect("packs");
    let found = verified(&parts(&package.bytes), None).expect("verifies");
    assert!(found.differences.is_empty(), "{found:?}");
}

#[test]
fn what_is_no_package_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.zip");
    fs::write(&path, b"no zip").expect("written");
    assert!(matches!(verify(&path, None, &Progress::new()), Err(PackageError::NotAPackage(_))));
    assert!(matches!(verified(&[("a".to_owned(), vec![])], None), Err(PackageError::NotAPackage(_))));
    assert!(matches!(verify(&folder.path().join("none.zip"), None, &Progress::new()), Err(PackageError::Read { .. })));
}
