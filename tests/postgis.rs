//! Tables of a database, against a real server: `.ci/postgis cargo test postgis` runs these beside one. `TUBAN_POSTGIS` holds
//! its address; without it the suite is skipped, which is said.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use postgres::{Client, NoTls};
use serde_json::Value;
use tuban::io::{self, OpenOptions, ReadError};
use tuban::model::{Layer, Value as Cell};
use tuban::task::Progress;

use crate::program::tuban;

/// A server with a schema of a test's own, which goes with it.
struct Server {
    address: String,
    schema: String,
    client: Client,
    folder: tempfile::TempDir,
}

impl Server {
    /// `None`, said loudly, where there is no server.
    fn start(schema: &str) -> Option<Self> {
        let Some(address) = std::env::var("TUBAN_POSTGIS").ok().filter(|address| !address.is_empty()) else {
            println!("SKIPPED: postgis: TUBAN_POSTGIS is not set");
            return None;
        };
        let mut config: postgres::Config = address.parse().expect("an address");
        let file = std::env::var("PGPASSFILE").expect("a file of passwords beside the address");
        let text = std::fs::read_to_string(file).expect("is there");
        config.password(text.trim().rsplit(':').next().expect("a password"));
        let mut client = config.connect(NoTls).expect("connects");
        let set_up = format!("DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}");
        client.batch_execute(&set_up).expect("a schema");
        Some(Self { address, schema: schema.to_owned(), client, folder: tempfile::tempdir().expect("a folder") })
    }

    fn run(&mut self, sql: &str) {
        self.client.batch_execute(&sql.replace("{s}", &self.schema)).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    fn table(&self, name: &str) -> String {
        format!("{}#{}.{name}", self.address, self.schema)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn tuban(&self, line: &str) -> Output {
        tuban(self.folder.path(), line)
    }

    fn json(&self, line: &str) -> Value {
        let output = self.tuban(line);
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{line}: {error}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.client.batch_execute(&format!("DROP SCHEMA IF EXISTS {} CASCADE", self.schema));
    }
}

fn open(address: &str) -> Result<Layer, ReadError> {
    io::open(Path::new(address), &OpenOptions::default(), &Progress::new()).map(|mut opened| opened.layers.remove(0))
}

fn key(error: ReadError) -> &'static str {
    match error {
        ReadError::Format(message) => message.key,
        other => panic!("{other}"),
    }
}

/// A state of land use: squares of `size` metres with a class each, a river across all of them, one that crosses itself, one
/// twice, and one without geometry.
fn state(path: &Path, size: f64, shift: f64, codes: &[&str]) {
    let mut features = Vec::new();
    let mut add = |code: &str, geometry: String| {
        features.push(format!(
            r#"{{"type":"Feature","properties":{{"DLBM":"{code}","BSM":"{}"}},"geometry":{geometry}}}"#,
            features.len()
        ));
    };
    let polygon = |ring: &[(f64, f64)]| {
        let coords: Vec<String> =
            ring.iter().map(|(x, y)| format!("[{},{}]", 500_000.0 + x, 4_070_000.0 + y)).collect();
        format!(r#"{{"type":"Polygon","coordinates":[[{}]]}}"#, coords.join(","))
    };
    let count = (400.0 / size) as usize;
    for row in 0..count {
        for column in 0..count {
            let (x, y) = (size * column as f64 + shift, size * row as f64 + 0.5 * shift);
            let ring = [(x, y), (x + size, y + 0.2), (x + size, y + size), (x, y + size), (x, y)];
            add(codes[(row * 7 + column * 3) % codes.len()], polygon(&ring));
        }
    }
    // None is the same in two states: whether most are decides how overlaps are read.
    let moved = |ring: &[(f64, f64)]| polygon(&ring.iter().map(|(x, y)| (x + shift, y + shift)).collect::<Vec<_>>());
    add("1101", moved(&[(-50.0, 200.0), (450.0, 210.0), (450.0, 216.0), (-50.0, 206.0), (-50.0, 200.0)]));
    add("0301", moved(&[(10.0, 10.0), (30.0, 30.0), (30.0, 10.0), (10.0, 30.0), (10.0, 10.0)]));
    let twice = moved(&[(100.0, 100.0), (120.0, 100.0), (120.0, 120.0), (100.0, 120.0), (100.0, 100.0)]);
    add("0404", twice.clone());
    add("0404", twice);
    add("0101", "null".to_owned());
    let crs = r#"{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4548"}}"#;
    let text = format!(r#"{{"type":"FeatureCollection","crs":{crs},"features":[{}]}}"#, features.join(","));
    std::fs::write(path, text).expect("written");
}

/// A server with two states as files and as tables.
fn two_states(schema: &str) -> Option<Server> {
    let server = Server::start(schema)?;
    state(&server.file("base.geojson"), 13.7, 0.0, &["0101", "0301", "0701", "1104"]);
    state(&server.file("plan.geojson"), 17.1, 3.3, &["0101", "0702", "0301"]);
    for name in ["base", "plan"] {
        let line = format!("convert {name}.geojson {}", server.table(name));
        let done = server.tuban(&line);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
    Some(server)
}

#[test]
fn values_come_as_the_server_keeps_them() {
    let Some(mut server) = Server::start("tuban_values") else { return };
    server.run(
        "CREATE TABLE {s}.t (id integer PRIMARY KEY, \"地类编码\" text, code varchar(8), n smallint, big bigint, f real, \
         d double precision, b boolean, day date, at timestamp, amount numeric(12,2), large numeric, raw bytea, \
         doc jsonb, padded char(6), geom geometry(Polygon, 4548), mark geometry(Point, 4548)); \
         INSERT INTO {s}.t VALUES (1, '0101', '007', -3, 9007199254740993, 0.1, 1e-7, true, '2025-01-15', \
         '2025-01-15 08:09:10', 1234.50, 123456789012345678901, '\\x00', '{\"a\": 1}', 'ab', \
         ST_MakeEnvelope(500000, 4070000, 500010, 4070010, 4548), NULL), \
         (2, NULL, NULL, NULL, NULL, NULL, 'NaN', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
    );
    let layer = open(&server.table("t")).expect("opens");
    assert_eq!((layer.name.as_str(), layer.crs.code(), layer.feature_count()), ("t", "EPSG:4548", 2));
    let names: Vec<&str> = layer.fields.iter().map(|field| field.name.as_str()).collect();
    let expected =
        ["id", "地类编码", "code", "n", "big", "f", "d", "b", "day", "at", "amount", "large", "doc", "padded"];
    assert_eq!(names, expected);
    let value = |name: &str| layer.value(0, layer.field(name).expect("a field"));
    assert_eq!(value("地类编码"), Cell::Text("0101"));
    assert_eq!((value("code"), value("n")), (Cell::Text("007"), Cell::Int(-3)));
    assert_eq!((value("big"), value("f")), (Cell::Int(9_007_199_254_740_993), Cell::Float(0.1)));
    assert_eq!((value("d"), value("b")), (Cell::Float(1e-7), Cell::Bool(true)));
    assert_eq!((value("day"), value("at")), (Cell::Text("2025-01-15"), Cell::Text("2025-01-15 08:09:10")));
    assert_eq!((value("amount"), value("padded")), (Cell::Float(1234.5), Cell::Text("ab")));
    assert_eq!(value("large"), Cell::Text("123456789012345678901"));
    assert!((0..layer.fields.len()).skip(1).all(|field| layer.value(1, field).is_null()));
    // A view, a query, and a table by its second column of geometry.
    server.run("CREATE VIEW {s}.v AS SELECT id, geom FROM {s}.t WHERE id = 1");
    assert_eq!(open(&server.table("v")).expect("opens").feature_count(), 1);
    let query = format!("{}#select id, geom from {}.t where id < 2;", server.address, server.schema);
    assert_eq!(open(&query).expect("opens").feature_count(), 1);
    // What meets a rectangle, and what is named badly.
    let within = |corners: &str| open(&format!("{} in {corners}", server.table("t")));
    assert_eq!(within("500005,4070005,500020,4070020").expect("opens").feature_count(), 1);
    assert_eq!(within("500011,4070011,500020,4070020").expect("opens").feature_count(), 0);
    assert_eq!(key(within("1,2,3").expect_err("is no rectangle")), "io.pg-bad-corners");
    assert_eq!(key(open(&server.address).expect_err("names no table")), "io.pg-name-a-table");
    assert_eq!(key(open(&server.table("none")).expect_err("is not there")), "io.pg-no-table");
    assert_eq!(key(open(&server.table("t.other")).expect_err("is not there")), "io.pg-no-geometry");
    // Nothing that is read is written.
    let bad =
        format!("{}#with gone as (delete from {}.t returning *) select * from gone", server.address, server.schema);
    assert!(open(&bad).is_err());
    assert_eq!(open(&server.table("t")).expect("opens").feature_count(), 2);
}

#[test]
fn a_table_has_the_digits_of_its_file() {
    let Some(server) = two_states("tuban_digits") else { return };
    let table = server.table("base");
    let of_file = server.json("areas base.geojson --by DLBM --json");
    let of_table = server.json(&format!("areas {table} --by DLBM --json"));
    let groups = |answer: &Value| answer["files"][0]["layers"][0]["groups"].clone();
    assert_eq!(groups(&of_table), groups(&of_file));
    // In tiles: printed figures to the last digit, exact ones but for the order in which they are added.
    let whole = server.json("areas base.geojson --by DLBM --total --json");
    for most in [7, 100, 100_000] {
        let tiled = server.json(&format!("areas {table} --by DLBM --total --tiles {most} --json"));
        let rows = |answer: &Value| answer["groups"].as_array().expect("groups").clone();
        assert_eq!(rows(&tiled).len(), rows(&whole).len());
        for (own, other) in rows(&tiled).iter().zip(&rows(&whole)) {
            assert_eq!(
                (&own["key"], &own["feature_count"]),
                (&other["key"], &other["feature_count"]),
                "tiles of {most}"
            );
            for figure in ["m2", "printed_m2"] {
                let difference = own[figure].as_f64().expect("m2") - other[figure].as_f64().expect("m2");
                assert!(difference.abs() < 1e-6, "tiles of {most}: {own} {other}");
            }
        }
        assert_eq!(tiled["sources"][0]["feature_count"], whole["sources"][0]["feature_count"]);
    }
}

#[test]
fn tables_in_tiles_are_compared_as_files_are() {
    let Some(server) = two_states("tuban_tiles") else { return };
    let (base, plan) = (server.table("base"), server.table("plan"));
    let of_files = server.json("compare base.geojson plan.geojson --by DLBM --json");
    let whole = server.json(&format!("compare {base} {plan} --by DLBM --json"));
    assert_eq!((&whole["cells"], &whole["classes"]), (&of_files["cells"], &of_files["classes"]));
    let cells = |answer: &Value| -> Vec<(Value, Value, Value, Value, f64)> {
        let of = |cell: &Value| {
            let m2 = cell["m2"].as_f64().expect("m2");
            (cell["from"].clone(), cell["to"].clone(), cell["shown_mu"].clone(), cell["pieces"].clone(), m2)
        };
        answer["cells"].as_array().expect("cells").iter().map(of).collect()
    };
    for most in [5, 60, 100_000] {
        let tiled = server.json(&format!("compare {base} {plan} --by DLBM --tiles {most} --json"));
        for (own, other) in cells(&tiled).iter().zip(&cells(&of_files)) {
            assert_eq!((&own.0, &own.1, &own.2, &own.3), (&other.0, &other.1, &other.2, &other.3), "tiles of {most}");
            assert!((own.4 - other.4).abs() < 1e-6, "tiles of {most}: {own:?} {other:?}");
        }
        assert_eq!(cells(&tiled).len(), cells(&of_files).len());
        assert_eq!(tiled["total_shown_mu"], of_files["total_shown_mu"], "tiles of {most}");
        assert!(tiled["residual_m2"].as_f64().expect("m2") < 1e-6, "{}", tiled["residual_m2"]);
        for side in ["base", "scenario"] {
            let count = &tiled["pairs"][0][format!("{side}_feature_count")];
            assert_eq!(count, &of_files[side]["feature_count"], "tiles of {most}");
        }
    }
    // A view has no places of rows: the same digits.
    let mut server = server;
    server.run("CREATE VIEW {s}.seen AS SELECT * FROM {s}.plan");
    let seen = server.json(&format!("compare {base} {} --by DLBM --tiles 60 --json", server.table("seen")));
    let shown =
        |answer: &Value| cells(answer).into_iter().map(|cell| (cell.0, cell.1, cell.2, cell.3)).collect::<Vec<_>>();
    assert_eq!(shown(&seen), shown(&of_files));
}

#[test]
fn a_table_is_written_whole_or_not_at_all() {
    let Some(mut server) = two_states("tuban_writes") else { return };
    let table = server.table("base");
    let count = |server: &mut Server, name: &str| -> i64 {
        let sql = format!("SELECT count(*) FROM {}.{name}", server.schema);
        server.client.query_one(sql.as_str(), &[]).expect("counts").get(0)
    };
    let before = count(&mut server, "base");
    let sql = format!("SELECT bool_and(ST_SRID(geom) = 4548) FROM {}.base WHERE geom IS NOT NULL", server.schema);
    assert!(server.client.query_one(sql.as_str(), &[]).expect("looks").get::<_, bool>(0));
    // Nothing is replaced that nobody said.
    let refused = server.tuban(&format!("convert plan.geojson {table}"));
    assert_eq!(refused.status.code(), Some(2), "{}", String::from_utf8_lossy(&refused.stderr));
    assert_eq!(count(&mut server, "base"), before);
    let replaced = server.tuban(&format!("convert plan.geojson {table} --overwrite --where DLBM='0702'"));
    assert!(replaced.status.success(), "{}", String::from_utf8_lossy(&replaced.stderr));
    assert!(count(&mut server, "base") < before);
    // What the server refuses leaves what was there.
    server.run("CREATE VIEW {s}.on_top AS SELECT * FROM {s}.plan");
    let plans = count(&mut server, "plan");
    let refused = server.tuban(&format!("convert base.geojson {} --overwrite", server.table("plan")));
    assert_eq!((refused.status.code(), count(&mut server, "plan")), (Some(2), plans));
    // And back to a file, with the same geometry.
    let back = server.tuban(&format!("convert {} back.geojson", server.table("plan")));
    assert!(back.status.success(), "{}", String::from_utf8_lossy(&back.stderr));
    let areas =
        |file: &str| server.json(&format!("areas {file} --by DLBM --json"))["files"][0]["layers"][0]["groups"].clone();
    assert_eq!(areas("back.geojson"), areas("plan.geojson"));
}

#[test]
fn a_table_that_changes_is_noticed() {
    let Some(mut server) = two_states("tuban_changes") else { return };
    server.run("CREATE VIEW {s}.seen AS SELECT * FROM {s}.base WHERE \"DLBM\" = '0301'");
    let state = |server: &Server, name: &str| io::state_of(Path::new(&server.table(name))).expect("a state");
    let (table, view) = (state(&server, "base"), state(&server, "seen"));
    assert_eq!((state(&server, "base"), state(&server, "seen")), (table.clone(), view.clone()));
    assert_eq!(open(&server.table("base")).expect("opens").provenance.hash, table);
    // A value that was written anew, as it was: the row is another one, what the view says is not.
    server.run("UPDATE {s}.base SET \"DLBM\" = \"DLBM\" WHERE gid = 1");
    assert_ne!(state(&server, "base"), table);
    assert_eq!(state(&server, "seen"), view);
    server.run("UPDATE {s}.base SET \"BSM\" = 'x' WHERE \"DLBM\" = '0301'");
    assert_ne!(state(&server, "seen"), view);
    let before = state(&server, "base");
    server.run("DELETE FROM {s}.base WHERE gid = 2");
    assert_ne!(state(&server, "base"), before);
}

#[test]
fn a_connection_that_is_lost_says_so_and_cancelling_is_heard() {
    let Some(mut server) = two_states("tuban_lost") else { return };
    // A query that takes a second or so, under a name of its own.
    let slow = |mark: &str| {
        format!("{}#select *, pg_sleep(0.003)::text as {mark} from {}.base", server.address, server.schema)
    };
    let (lost, stopped) = (slow("cut_off"), slow("stopped"));
    let reading = std::thread::spawn(move || open(&lost));
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%cut_off%' AND pid <> pg_backend_pid() \
               AND state = 'active' AND query LIKE '%AsEWKB%'";
    let mut rounds = 0;
    while server.client.query(cut, &[]).expect("looks").is_empty() {
        rounds += 1;
        assert!(rounds < 1500, "the query was never seen");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(key(reading.join().expect("ends").expect_err("was cut off")), "io.pg-lost");
    // What was read before is there, and the table can be read again.
    assert!(open(&server.table("base")).is_ok());

    let progress = Progress::new();
    let watched = progress.clone();
    let reading = std::thread::spawn(move || io::open(Path::new(&stopped), &OpenOptions::default(), &watched));
    std::thread::sleep(Duration::from_millis(150));
    progress.cancel();
    assert!(matches!(reading.join().expect("ends"), Err(ReadError::Cancelled)));
    let left =
        "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%stopped%' AND state = 'active' AND pid <> pg_backend_pid()";
    let mut rounds = 0;
    while !server.client.query(left, &[]).expect("looks").is_empty() {
        rounds += 1;
        assert!(rounds < 300, "the server still works on what was cancelled");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_password_is_shown_nowhere() {
    let Some(server) = two_states("tuban_secret") else { return };
    let with = server.table("base").replace("tuban@", "tuban:geheim@");
    for line in [
        format!("info {with}"),
        format!("compare {with} {with} --by DLBM --tiles 9"),
        format!("convert base.geojson {with}"),
    ] {
        let output = server.tuban(&line);
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(!output.status.success() && !said.contains("geheim"), "{said}");
    }
    // A wrong password is told from a table that is not there.
    let wrong = server.table("base").replace("tuban@", "nobody@");
    let error = open(&wrong).expect_err("is nobody");
    assert!(io::needs_password(&error), "{error}");
    // What is kept of a layer holds no password.
    let layer = open(&server.table("base")).expect("opens");
    assert_eq!(layer.provenance.path, Path::new(&server.table("base")));
}
