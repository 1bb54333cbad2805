//! The cache from outside: what comes from it is what was read, and whatever is wrong with it is noticed.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Cache, Trust, clear, folder_beside};
use crate::crs::Crs;
use crate::io::hash::FileHash;
use crate::io::{OpenOptions, Opened};
use crate::model::{AreaMethod, Areas, Layer, Revision};
use crate::task::Progress;

/// A project's folder with a source in it.
struct Place {
    _folder: tempfile::TempDir,
    project: PathBuf,
    source: PathBuf,
}

/// Every type of column, features of several kinds, ids, heights, null geometry, text that is no ASCII.
fn text() -> String {
    let square = |x: f64| {
        let (x, to) = (117.0 + x / 1000.0, 117.0008 + x / 1000.0);
        format!(
            r#"{{"type":"Polygon","coordinates":[[[{x},36.0],[{to},36.0],[{to},36.001],[{x},36.001],[{x},36.0]]]}}"#
        )
    };
    let mut features = Vec::new();
    for i in 0..40 {
        let properties = match i % 4 {
            0 => format!(r#"{{"DLBM":"0{}","n":{i},"f":{}.5,"ok":true,"旁":null}}"#, 101 + i % 3, i),
            1 => format!(r#"{{"DLBM":"水田{i}","n":{},"list":[1,{{"a":{i}}}]}}"#, i64::MAX - i),
            2 => r#"{"DLBM":"","f":-1e-300,"ok":false}"#.to_owned(),
            _ => "{}".to_owned(),
        };
        let geometry = match i {
            7 => "null".to_owned(),
            9 => r#"{"type":"Point","coordinates":[117.5,36.5,12.25]}"#.to_owned(),
            11 => r#"{"type":"LineString","coordinates":[[117.1,36.1],[117.2,36.2]]}"#.to_owned(),
            _ => square(f64::from(i as u32)),
        };
        features.push(format!(r#"{{"type":"Feature","id":"f{i}","properties":{properties},"geometry":{geometry}}}"#));
    }
    format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(",\n"))
}

fn place() -> Place {
    let folder = tempfile::tempdir().expect("a folder");
    let (project, source) = (folder.path().join("工程.toml"), folder.path().join("地块.geojson"));
    fs::write(&source, text()).expect("written");
    Place { _folder: folder, project, source }
}

fn open(place: &Place, cache: &Cache) -> Opened {
    cache.open(&place.source, &OpenOptions::default(), Trust::Sampled, &Progress::new()).expect("opens")
}

/// All that a layer is but its identity.
fn said(opened: &Opened) -> String {
    let layer = |layer: &Layer| {
        let mut words: Vec<String> = layer.words.fields.iter().map(|field| format!("{field:?}")).collect();
        words.sort();
        format!(
            "{} {:?} {} {:?} {:?} {} {:?} {:?} {:?} {:?} {words:?} {:?}",
            layer.name,
            layer.kind,
            layer.crs.code(),
            layer.crs_source,
            layer.crs_reason.text(crate::text::Language::English),
            layer.axes_swapped,
            layer.fields,
            layer.blocks,
            layer.starts,
            layer.provenance,
            layer.drawn,
        )
    };
    let issues = |opened: &Opened| -> Vec<String> {
        let of_layers = opened.layers.iter().flat_map(|layer| layer.issues.iter());
        let all = opened.issues.iter().chain(of_layers);
        all.map(|issue| format!("{:?} {} {:?}", issue.severity, issue.message, issue.feature)).collect()
    };
    let layers: Vec<String> = opened.layers.iter().map(layer).collect();
    format!(
        "{layers:?} {:?} {} {} {} {}",
        issues(opened),
        opened.format,
        opened.encoding,
        opened.row_count,
        opened.skipped_count
    )
}

/// The file of the cache with that ending.
fn file(place: &Place, ending: &str) -> PathBuf {
    let entries = fs::read_dir(folder_beside(&place.project)).expect("there");
    let mut files = entries.map(|entry| entry.expect("an entry").path());
    files.find(|path| path.extension().is_some_and(|own| own == ending)).expect("one of them")
}

/// Fills the cache; what was read.
fn filled(place: &Place) -> Opened {
    let cache = Cache::beside(&place.project);
    let opened = open(place, &cache);
    assert!(cache.is_checked(), "read from the source");
    assert_eq!(cache.keep(&Progress::new()), 1);
    opened
}

/// Opens with a cache as a new program would: what came, and whether it came from the cache.
fn again(place: &Place) -> (Opened, bool) {
    let cache = Cache::beside(&place.project);
    let opened = open(place, &cache);
    let is_cached = !cache.is_checked();
    (opened, is_cached)
}

#[test]
fn what_comes_from_the_cache_is_what_was_read() {
    let place = place();
    let read = filled(&place);
    assert_eq!(read.layers.len(), 3);
    let (cached, is_cached) = again(&place);
    assert!(is_cached);
    assert_eq!(said(&cached), said(&read));
    assert_eq!(cached.decision.crs.code(), read.decision.crs.code());
    let cache = Cache::beside(&place.project);
    let whole = cache.open(&place.source, &OpenOptions::default(), Trust::Whole, &Progress::new()).expect("opens");
    assert_eq!(said(&whole), said(&read));
    assert!(cache.is_checked(), "nothing is left to compare");
    assert_eq!(cache.keep(&Progress::new()), 0, "nothing is left to write");
    // Compared behind, it is what it was.
    let cache = Cache::beside(&place.project);
    open(&place, &cache);
    assert!(!cache.is_checked());
    assert_eq!(cache.check(&Progress::new()), Vec::<PathBuf>::new());
    assert!(cache.is_checked());
}

#[test]
fn readings_that_differ_have_each_their_own() {
    let place = place();
    filled(&place);
    let options = OpenOptions { crs: Some(Crs::cgcs2000()), ..OpenOptions::default() };
    let cache = Cache::beside(&place.project);
    let as_cgcs = |cache: &Cache| {
        let opened = cache.open(&place.source, &options, Trust::Sampled, &Progress::new()).expect("opens");
        opened.layers[0].crs.code().to_owned()
    };
    assert_eq!((as_cgcs(&cache), cache.is_checked()), (Crs::cgcs2000().code().to_owned(), true));
    cache.keep(&Progress::new());
    let cache = Cache::beside(&place.project);
    assert_eq!((as_cgcs(&cache), cache.is_checked()), (Crs::cgcs2000().code().to_owned(), false));
    assert!(again(&place).1, "the first reading stays");
    // The project reads it in one way now.
    cache.keep_only(&[(place.source.clone(), options.clone())]);
    assert!(!again(&place).1);
    assert_eq!(as_cgcs(&Cache::beside(&place.project)), Crs::cgcs2000().code());
    // What is kept of a broken file is no source.
    let partial = OpenOptions { keep_partial: true, ..OpenOptions::default() };
    let cache = Cache::beside(&place.project);
    cache.open(&place.source, &partial, Trust::Sampled, &Progress::new()).expect("opens");
    assert!(cache.is_checked() && cache.keep(&Progress::new()) == 0);
}

/// Numbers that are the same in every run.
fn random(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

#[test]
fn a_cache_that_is_torn_anywhere_is_not_used_and_is_written_anew() {
    let place = place();
    let read = said(&filled(&place));
    let path = file(&place, "layers");
    let whole = fs::read(&path).expect("there");
    let mut seed = 7;
    for nth in 0..100 {
        let mut torn = whole.clone();
        let at = random(&mut seed) as usize % torn.len();
        torn[at] ^= 1 << (nth % 8);
        fs::write(&path, &torn).expect("written");
        let (opened, is_cached) = again(&place);
        assert!(!is_cached, "byte {at} of {}", whole.len());
        assert_eq!(said(&opened), read);
    }
    for length in [0, 1, 16, 47, 48, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..length]).expect("written");
        assert!(!again(&place).1, "{length} bytes");
    }
    fs::write(&path, [&whole[..], b"more"].concat()).expect("written");
    assert!(!again(&place).1);
    filled(&place);
    assert!(again(&place).1);
}

/// Makes the hashes of a file fit whatever its sections say.
fn sealed(bytes: &mut [u8]) {
    let hash = |bytes: &[u8]| {
        let mut hash = FileHash::new();
        hash.add(bytes);
        hash.value().to_le_bytes()
    };
    let tail = bytes.len() - 32;
    let count = u64::from_le_bytes(bytes[tail..tail + 8].try_into().expect("eight")) as usize;
    let list = tail - 16 * count;
    let mut at = 16;
    for row in 0..count {
        let row = list + 16 * row;
        let length = u64::from_le_bytes(bytes[row..row + 8].try_into().expect("eight")) as usize;
        let of_section = hash(&bytes[at..at + length]);
        bytes[row + 8..row + 16].copy_from_slice(&of_section);
        at += length;
    }
    let of_list = hash(&bytes[list..tail + 16]);
    bytes[tail + 16..tail + 24].copy_from_slice(&of_list);
}

#[test]
fn a_cache_that_somebody_made_up_neither_stops_the_program_nor_is_believed_beyond_its_length() {
    let place = place();
    filled(&place);
    let path = file(&place, "layers");
    let whole = fs::read(&path).expect("there");
    let mut same = whole.clone();
    sealed(&mut same);
    assert_eq!(same, whole);
    let list =
        whole.len() - 32 - 16 * u64::from_le_bytes(whole[whole.len() - 32..][..8].try_into().expect("eight")) as usize;
    let mut seed = 11;
    for _ in 0..400 {
        let mut odd = whole.clone();
        for _ in 0..1 + random(&mut seed) % 3 {
            let at = 16 + random(&mut seed) as usize % (list - 16);
            odd[at] = random(&mut seed) as u8;
            if random(&mut seed).is_multiple_of(4) {
                // A length or an offset that is larger than anything.
                let end = (at + 8).min(list);
                odd[at..end].fill(0xFF);
            }
        }
        sealed(&mut odd);
        fs::write(&path, &odd).expect("written");
        let (opened, _) = again(&place);
        // Whatever came can be looked at.
        for layer in &opened.layers {
            for feature in 0..layer.feature_count() {
                let (block, row) = layer.locate(feature);
                let polygon = block.geometry.polygon(row);
                let coords: usize = polygon.rings().map(|(_, ring)| ring.len()).sum();
                assert!(coords <= block.geometry.coords().len());
                for field in 0..layer.fields.len() {
                    let _ = layer.value(feature, field).to_string();
                }
                let _ = (layer.feature_id(feature), layer.line(feature), block.geometry.feature_extent(row));
            }
        }
    }
}

#[test]
fn a_source_that_has_changed_is_read_again() {
    let place = place();
    filled(&place);
    let changed = |bytes: &[u8]| {
        fs::write(&place.source, bytes).expect("written");
        let (opened, is_cached) = again(&place);
        assert!(!is_cached);
        filled(&place);
        assert!(again(&place).1);
        opened.row_count
    };
    let longer =
        text().replacen(r#""features":["#, r#""features":[{"type":"Feature","properties":{},"geometry":null},"#, 1);
    assert_eq!(changed(longer.as_bytes()), 41);
    let time = fs::metadata(&place.source).expect("there").modified().expect("known");
    // The same bytes, written later.
    fs::write(&place.source, &longer).expect("written");
    let later = time + std::time::Duration::from_secs(5);
    fs::File::options().write(true).open(&place.source).expect("opens").set_modified(later).expect("set");
    assert!(!again(&place).1);
    filled(&place);
    // Other bytes of the same length and time.
    fs::write(&place.source, longer.replace("水田", "旱地")).expect("written");
    fs::File::options().write(true).open(&place.source).expect("opens").set_modified(later).expect("set");
    assert!(!again(&place).1);
    fs::remove_file(&place.source).expect("removed");
    let cache = Cache::beside(&place.project);
    assert!(cache.open(&place.source, &OpenOptions::default(), Trust::Sampled, &Progress::new()).is_err());
}

#[test]
fn what_sizes_times_and_samples_do_not_tell_is_found_behind() {
    let place = place();
    filled(&place);
    // As if the bytes had been others: the cache says what it was made of.
    let path = file(&place, "layers");
    let mut bytes = fs::read(&path).expect("there");
    let begin = memchr::memmem::find(&bytes, br#""whole":["#).expect("in the key");
    let end = begin + bytes[begin..].iter().position(|byte| *byte == b']').expect("the list ends");
    bytes[end - 1] = if bytes[end - 1] == b'1' { b'2' } else { b'1' };
    sealed(&mut bytes);
    fs::write(&path, &bytes).expect("written");
    let cache = Cache::beside(&place.project);
    open(&place, &cache);
    assert!(!cache.is_checked());
    assert_eq!(cache.check(&Progress::new()), std::slice::from_ref(&place.source));
    assert!(cache.is_checked() && !path.exists());
    fs::write(&path, &bytes).expect("written");
    let cache = Cache::beside(&place.project);
    cache.open(&place.source, &OpenOptions::default(), Trust::Whole, &Progress::new()).expect("opens");
    assert_eq!(cache.keep(&Progress::new()), 1, "it was read from the source");
}

#[test]
fn another_version_and_another_program_do_not_use_it() {
    let place = place();
    filled(&place);
    let path = file(&place, "layers");
    let whole = fs::read(&path).expect("there");
    let mut other = whole.clone();
    other[8] += 1;
    fs::write(&path, &other).expect("written");
    assert!(!again(&place).1);
    let version = env!("CARGO_PKG_VERSION").as_bytes();
    let at = memchr::memmem::find(&whole, version).expect("in the key");
    let mut other = whole.clone();
    other[at] = b'9';
    sealed(&mut other);
    fs::write(&path, &other).expect("written");
    assert!(!again(&place).1);
}

#[test]
fn areas_are_those_of_the_layer_as_it_was_read() {
    let place = place();
    let cache = Cache::beside(&place.project);
    let polygons = |opened: Opened| Arc::new(opened.layers.into_iter().next().expect("of polygons"));
    let layer = polygons(open(&place, &cache));
    let progress = Progress::new();
    let areas = crate::overlay::audited(&layer, AreaMethod::Survey, &progress).expect("measured");
    let areas = Arc::new(areas);
    // Measured before the source is in the cache: they wait.
    cache.keep_areas(&layer, &areas);
    assert_eq!(cache.areas(&layer, AreaMethod::Survey, &progress), None);
    cache.keep(&progress);
    assert_eq!(cache.areas(&layer, AreaMethod::Survey, &progress).as_ref(), Some(&*areas));
    let cache = Cache::beside(&place.project);
    let layer = polygons(open(&place, &cache));
    assert_eq!(cache.areas(&layer, AreaMethod::Survey, &progress).as_ref(), Some(&*areas));
    assert_eq!(cache.areas(&layer, AreaMethod::Geodesic, &progress), None);
    let edited = Arc::new(Layer { revision: Revision::next(), ..Layer::clone(&layer) });
    assert_eq!(cache.areas(&edited, AreaMethod::Survey, &progress), None, "issues are about attributes, too");
    let others = Arc::new(Areas { exact: vec![0.0; areas.exact.len()], ..Areas::clone(&areas) });
    cache.keep_areas(&edited, &others);
    assert_eq!(cache.areas(&layer, AreaMethod::Survey, &progress).as_ref(), Some(&*areas));
    // Torn, they are measured again.
    let path = file(&place, "areas");
    let whole = fs::read(&path).expect("there");
    let mut seed = 3;
    for _ in 0..100 {
        let mut torn = whole.clone();
        let at = random(&mut seed) as usize % torn.len();
        torn[at] ^= 0x10;
        fs::write(&path, &torn).expect("written");
        assert_eq!(cache.areas(&layer, AreaMethod::Survey, &progress), None, "byte {at}");
    }
    fs::write(&path, &whole).expect("written");
    // Of a source with another content they are none.
    fs::write(&place.source, text().replace("36.001", "36.002")).expect("written");
    filled(&place);
    let cache = Cache::beside(&place.project);
    let layer = polygons(open(&place, &cache));
    assert!(!cache.is_checked());
    assert_eq!(cache.areas(&layer, AreaMethod::Survey, &progress), None);
}

#[test]
fn maps_are_kept_for_one_system() {
    let place = place();
    filled(&place);
    let cache = Cache::beside(&place.project);
    let layer = open(&place, &cache).layers.remove(0);
    let progress = Progress::new();
    let (crs, other) = (Crs::web_mercator(), Crs::wgs84());
    let blocks: Vec<_> = layer.blocks.iter().map(|block| block.geometry.clone()).collect();
    let moved: Vec<_> = blocks
        .iter()
        .map(|block| {
            let coords = block.coords().iter().map(|c| crate::model::Coord { x: c.x + 1.0, y: f64::NAN });
            Arc::new(block.with_coords(coords.collect()))
        })
        .collect();
    let grid = super::Grid {
        corner: crate::model::Coord { x: 0.1, y: 0.2 },
        units_per_px: 0.3,
        size_px: [3, 2],
        numbers: vec![0, 1, 2, 3, 4, 5].into(),
    };
    for blocks in [&blocks, &moved] {
        cache.keep_map(&layer, &crs, (blocks, &[], Some(&grid)), &progress);
        let (kept, issues) = cache.geometry(&layer, &crs, &progress).expect("kept");
        assert_eq!((format!("{kept:?}"), issues.len()), (format!("{blocks:?}"), 0));
        assert_eq!(cache.grid(&layer, &crs, &progress).as_ref(), Some(&grid));
        assert!(cache.grid(&layer, &other, &progress).is_none() && cache.geometry(&layer, &other, &progress).is_none());
        // Another map in its place, so that the next one is written.
        cache.keep_map(&layer, &other, (blocks, &[], None), &progress);
        assert!(cache.geometry(&layer, &crs, &progress).is_none());
        assert!(cache.grid(&layer, &other, &progress).is_none(), "it has none");
    }
    let beyond = super::Grid { numbers: vec![layer.feature_count() as u32 + 1; 6].into(), ..grid };
    cache.keep_map(&layer, &crs, (&blocks, &[], Some(&beyond)), &progress);
    assert!(cache.grid(&layer, &crs, &progress).is_none(), "no such feature");
}

#[test]
fn clearing_removes_the_cache_and_nothing_else() {
    let place = place();
    assert_eq!(clear(&place.project).expect("nothing to do").file_count, 0);
    filled(&place);
    let folder = folder_beside(&place.project);
    let length = fs::metadata(file(&place, "layers")).expect("there").len();
    fs::write(folder.join("notes.txt"), "mine").expect("written");
    let cleared = clear(&place.project).expect("cleared");
    assert_eq!((cleared.file_count, cleared.byte_count), (1, length));
    assert!(folder.join("notes.txt").exists() && place.source.exists());
    fs::remove_file(folder.join("notes.txt")).expect("removed");
    filled(&place);
    clear(&place.project).expect("cleared");
    assert!(!folder.exists() && !again(&place).1);
}

#[cfg(unix)]
#[test]
fn nothing_is_kept_elsewhere() {
    let place = place();
    let elsewhere = tempfile::tempdir().expect("a folder");
    std::os::unix::fs::symlink(elsewhere.path(), folder_beside(&place.project)).expect("linked");
    let cache = Cache::beside(&place.project);
    open(&place, &cache);
    assert_eq!(cache.keep(&Progress::new()), 0);
    assert_eq!(fs::read_dir(elsewhere.path()).expect("lists").count(), 0);
    assert_eq!(clear(&place.project).expect("nothing to do").file_count, 0);
    assert!(fs::symlink_metadata(folder_beside(&place.project)).is_ok());
}

#[test]
fn a_cache_can_be_filled_before_it_is_needed() {
    let place = place();
    let progress = Progress::new();
    let shown = crate::io::open(&place.source, &OpenOptions::default(), &progress).expect("opens");
    let shown: Vec<Arc<Layer>> = shown.layers.into_iter().map(Arc::new).collect();
    let cache = Cache::beside(&place.project);
    assert!(cache.fill(&place.source, &OpenOptions::default(), &shown, &progress));
    assert!(!cache.fill(&place.source, &OpenOptions::default(), &shown, &progress), "it is there");
    assert!(again(&place).1);
    // What is shown was read from the same: what is made of it has its place.
    let areas = Arc::new(Areas { exact: vec![1.0; 38], printed: vec![1.0; 38], ..Areas::default() });
    assert_eq!(shown[0].feature_count(), 38);
    cache.keep_areas(&shown[0], &areas);
    assert_eq!(cache.areas(&shown[0], AreaMethod::Survey, &progress).as_ref(), Some(&*areas));
}

#[test]
fn a_cache_that_was_closed_writes_nothing_any_more() {
    let place = place();
    let cache = Cache::beside(&place.project);
    let opened = open(&place, &cache);
    cache.close();
    assert_eq!(cache.keep(&Progress::new()), 0);
    assert!(!folder_beside(&place.project).exists(), "not even the folder");
    // What was kept before is still read until somebody removes it.
    filled(&place);
    let cache = Cache::beside(&place.project);
    cache.close();
    assert_eq!(said(&open(&place, &cache)), said(&opened));
    assert!(!cache.is_checked());
    let layer = Arc::new(opened.layers[0].clone());
    cache.keep_areas(&layer, &Arc::new(Areas::default()));
    clear(&place.project).expect("removed");
    assert!(!folder_beside(&place.project).exists());
}
