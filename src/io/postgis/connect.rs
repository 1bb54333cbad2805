//! The connection: how it is made, the password, what is said when it ends, and how work on it is cancelled.

use std::collections::{HashMap, HashSet};
use std::error::Error as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use postgres::config::{Host, SslMode};
use postgres::error::SqlState;
use postgres::{CancelToken, Client, Config, NoTls};

use super::super::ReadError;
use super::address::Address;
use crate::task::Progress;
use crate::text::Message;

/// What a session is set to: it writes nothing, ends what goes on for ever, and gives the same rows in the same order.
const READING: &str = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY; \
    SET idle_in_transaction_session_timeout = '2h'; SET lock_timeout = '30s'; SET statement_timeout = '30min'; \
    SET synchronize_seqscans = off; SET max_parallel_workers_per_gather = 0; SET extra_float_digits = 3; \
    SET DateStyle = 'ISO, YMD'; SET bytea_output = 'hex'";

/// Passwords that the user was asked for, in memory alone, by user, server and database.
fn asked() -> &'static Mutex<HashMap<String, String>> {
    static ASKED: OnceLock<Mutex<HashMap<String, String>>> = OnceLock::new();
    ASKED.get_or_init(Mutex::default)
}

/// Keeps the password that the user gave for the database of an address, until the program ends.
pub fn remember_password(address: &str, password: String) {
    if let Ok(config) = Address::parse(address).and_then(|address| config_of(&address)) {
        asked().lock().unwrap_or_else(PoisonError::into_inner).insert(place_of(&config), password);
    }
}

/// Hosts that the user named: by an argument, by a list, or typed into the window.
fn named() -> &'static Mutex<HashSet<String>> {
    static NAMED: OnceLock<Mutex<HashSet<String>>> = OnceLock::new();
    NAMED.get_or_init(Mutex::default)
}

/// Notes that the user named the server of an address. A project may come from anybody: a server that only its file names
/// does not get the password of the environment, which is meant for another one.
pub fn name_server(address: &str) {
    if let Ok(config) = Address::parse(address).and_then(|address| config_of(&address)) {
        let mut named = named().lock().unwrap_or_else(PoisonError::into_inner);
        named.extend(config.get_hosts().iter().filter_map(host_name).map(str::to_owned));
    }
}

/// The name of a host; `None` for a socket of this machine.
fn host_name(host: &Host) -> Option<&str> {
    match host {
        Host::Tcp(name) => Some(name),
        #[cfg(unix)]
        Host::Unix(_) => None,
    }
}

fn is_here(host: &Host) -> bool {
    host_name(host).is_none_or(|name| ["localhost", "127.0.0.1", "::1"].contains(&name))
}

/// Whether an error is that of a database which wants a password, or another one.
pub fn needs_password(error: &ReadError) -> bool {
    matches!(error, ReadError::Format(message) if message.key == "io.pg-password")
}

/// Connects for reading.
///
/// # Errors
/// Why there is no connection.
pub(super) fn for_reading(address: &Address) -> Result<Client, ReadError> {
    let mut client = connect(address)?;
    client.batch_execute(READING).map_err(|error| failed(&error))?;
    Ok(client)
}

/// Connects.
///
/// # Errors
/// Why there is no connection.
pub(super) fn connect(address: &Address) -> Result<Client, ReadError> {
    let config = config_of(address).map_err(ReadError::Format)?;
    config.connect(NoTls).map_err(|error| failed(&error))
}

/// Whether the server of an address is on another machine, so that what is read goes over a network in the open.
pub(super) fn is_far(address: &Address) -> bool {
    let Ok(config) = config_of(address) else { return false };
    let is_elsewhere = config.get_hostaddrs().iter().any(|place| !place.is_loopback());
    is_elsewhere || !config.get_hosts().iter().all(is_here)
}

/// How to connect: what the address says, else the environment.
fn config_of(address: &Address) -> Result<Config, Message> {
    let is_strict = |text: &str| ["require", "verify-ca", "verify-full"].iter().any(|mode| text.contains(mode));
    let mode = variable("PGSSLMODE").unwrap_or_default();
    let named = address.server.split(['?', '&', ' ']).find(|part| part.starts_with("sslmode="));
    if is_strict(named.unwrap_or(&mode)) {
        return Err(Message::new("io.pg-tls"));
    }
    let text = match address.server.strip_prefix("pg:") {
        Some(name) if name.contains('=') => name.to_owned(),
        Some("") => String::new(),
        Some(name) => format!("dbname='{}'", name.replace('\\', "\\\\").replace('\'', "\\'")),
        None => address.server.clone(),
    };
    let bad = |error: postgres::Error| {
        let reason = error.source().map_or_else(|| error.to_string(), |cause| cause.to_string());
        Message::new("io.pg-bad-address").with("reason", reason)
    };
    let mut config: Config = text.parse().map_err(bad)?;
    if config.get_hosts().is_empty() {
        let socket = "/var/run/postgresql";
        let usual = if cfg!(unix) && std::path::Path::new(socket).exists() { socket } else { "localhost" };
        config.host(&variable("PGHOST").unwrap_or_else(|| usual.to_owned()));
    }
    if config.get_ports().is_empty()
        && let Some(port) = variable("PGPORT").and_then(|port| port.parse().ok())
    {
        config.port(port);
    }
    if config.get_user().is_none() {
        let user = ["PGUSER", "USER", "USERNAME"].iter().find_map(|name| variable(name));
        config.user(&user.unwrap_or_else(|| "postgres".to_owned()));
    }
    if config.get_dbname().is_none()
        && let Some(name) = variable("PGDATABASE")
    {
        config.dbname(&name);
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(10));
    }
    // A server that nobody reaches any more is given up after a minute and a half, whatever the system thinks of it.
    config.ssl_mode(SslMode::Disable).application_name("tuban").keepalives_idle(Duration::from_secs(60));
    config.keepalives_interval(Duration::from_secs(10)).keepalives_retries(3);
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(Duration::from_secs(90));
    }
    if config.get_password().is_none()
        && let Some(password) = password_of(&config)
    {
        config.password(password);
    }
    Ok(config)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Host, port, database and user, as the file of passwords names them.
fn parts_of(config: &Config) -> [String; 4] {
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(name)) => name.clone(),
        #[cfg(unix)]
        Some(Host::Unix(_)) => "localhost".to_owned(),
        None => String::new(),
    };
    let user = config.get_user().unwrap_or_default().to_owned();
    let port = config.get_ports().first().copied().unwrap_or(5432).to_string();
    [host, port, config.get_dbname().unwrap_or(&user).to_owned(), user]
}

fn place_of(config: &Config) -> String {
    // Whatever else says where the password would go is a part of it.
    format!("{}\n{:?}\n{:?}", parts_of(config).join("\n"), config.get_hosts(), config.get_hostaddrs())
}

/// Whether the password of the environment is meant for a server: one on this machine, that of the environment, or one that
/// the user named.
fn may_have_own(config: &Config) -> bool {
    let named = named().lock().unwrap_or_else(PoisonError::into_inner);
    let own = variable("PGHOST");
    let is_meant = |name: &str| own.as_deref() == Some(name) || named.contains(name);
    config.get_hosts().iter().all(|host| is_here(host) || host_name(host).is_some_and(is_meant))
}

/// The password: what the user was asked for, else what the environment says, else the file of passwords.
fn password_of(config: &Config) -> Option<String> {
    let known = asked().lock().unwrap_or_else(PoisonError::into_inner).get(&place_of(config)).cloned();
    // Several servers, or one that is called like another: none of them gets what was not meant for it.
    let is_plain = config.get_hostaddrs().is_empty() && config.get_hosts().len() < 2;
    if known.is_some() || !is_plain {
        return known;
    }
    variable("PGPASSWORD").filter(|_| may_have_own(config)).or_else(|| {
        let home = || variable("HOME").map(|home| PathBuf::from(home).join(".pgpass"));
        let roaming = || variable("APPDATA").map(|folder| PathBuf::from(folder).join("postgresql/pgpass.conf"));
        let file = variable("PGPASSFILE").map(PathBuf::from);
        let file = file.or_else(|| if cfg!(windows) { roaming() } else { home() })?;
        if !is_private(&file) {
            return None;
        }
        let text = std::fs::read_to_string(file).ok()?; // no such file: no password
        password_in(&text, &parts_of(config))
    })
}

/// A file of passwords that others can read is passed over, as other programs do.
#[cfg(unix)]
fn is_private(file: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).is_ok_and(|known| known.is_file() && known.permissions().mode() & 0o077 == 0)
}

#[cfg(not(unix))]
fn is_private(file: &std::path::Path) -> bool {
    file.is_file()
}

/// The password of the first line of a file of passwords that fits.
fn password_in(text: &str, wanted: &[String; 4]) -> Option<String> {
    let fields = |line: &str| {
        let mut fields = vec![String::new()];
        let mut signs = line.chars();
        while let Some(sign) = signs.next() {
            match sign {
                // The password goes on to the end of the line.
                ':' if fields.len() < 5 => fields.push(String::new()),
                '\\' => fields.last_mut()?.extend(signs.next()),
                _ => fields.last_mut()?.push(sign),
            }
        }
        (fields.len() == 5).then_some(fields)
    };
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let fits = |fields: &Vec<String>| fields.iter().zip(wanted).all(|(field, wanted)| field == "*" || field == wanted);
    lines.filter_map(fields).find(fits).and_then(|mut fields| fields.pop())
}

/// What went wrong, for people. Nothing that the server says holds a password.
pub(super) fn failed(error: &postgres::Error) -> ReadError {
    let reason = match error.as_db_error() {
        Some(said) => said.message().to_owned(),
        None => error.source().map_or_else(|| error.to_string(), |cause| cause.to_string()),
    };
    let code = error.code();
    let is_any = |codes: &[SqlState]| code.is_some_and(|code| codes.contains(code));
    let message = if is_any(&[SqlState::INVALID_PASSWORD, SqlState::INVALID_AUTHORIZATION_SPECIFICATION])
        || reason.contains("password missing")
    {
        Message::new("io.pg-password").with("reason", reason)
    } else if is_any(&[SqlState::UNDEFINED_TABLE, SqlState::INVALID_SCHEMA_NAME]) {
        Message::new("io.pg-no-table").with("reason", reason)
    } else if is_any(&[SqlState::INSUFFICIENT_PRIVILEGE]) {
        Message::new("io.pg-no-right").with("reason", reason)
    } else if is_any(&[SqlState::QUERY_CANCELED]) {
        Message::new("io.pg-too-slow").with("reason", reason)
    } else if error.is_closed()
        || is_any(&[SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN, SqlState::CONNECTION_FAILURE])
        || code.is_none() && error.to_string().contains("communicating")
    {
        Message::new("io.pg-lost").with("reason", reason)
    } else {
        Message::new("io.pg-failed").with("reason", reason)
    };
    ReadError::Format(message)
}

/// Ends what the server does for a connection once the user cancels, as long as it lives.
pub(super) struct Watch {
    done: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Watch {
    pub(super) fn of(token: CancelToken, progress: &Progress) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let (is_done, progress) = (done.clone(), progress.clone());
        let watch = move || {
            while !is_done.load(Ordering::Relaxed) {
                if progress.is_cancelled() {
                    // A server that does not hear of it ends the statement when the connection goes.
                    let _ = token.cancel_query(NoTls);
                    return;
                }
                std::thread::park_timeout(Duration::from_millis(100));
            }
        };
        // Without a thread what runs is noticed to be cancelled with its next row.
        let thread = std::thread::Builder::new().name("database".into()).spawn(watch).ok();
        Self { done, thread }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It only asks the server; how it ended does not matter.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_passwords_is_read_as_others_read_it() {
        let text = "# h:5432:d:u:no\nh:5432:other:u:a\nh:*:d:u:b\\:c\\\\d:e\n*:*:*:*:last\n";
        let check = |place: [&str; 4], expected: &str| {
            assert_eq!(password_in(text, &place.map(str::to_owned)).as_deref(), Some(expected), "{place:?}");
        };
        check(["h", "5432", "d", "u"], "b:c\\d:e");
        check(["h", "5432", "other", "u"], "a");
        check(["x", "1", "y", "z"], "last");
        assert_eq!(password_in("h:5432:d:u", &["h", "5432", "d", "u"].map(str::to_owned)), None);
    }

    #[test]
    fn what_cannot_be_encrypted_is_refused() {
        let config = |text: &str| config_of(&Address::parse(text).expect("an address")).map(|_| ());
        assert_eq!(config("postgres://u@h/d?sslmode=require#t").map_err(|m| m.key), Err("io.pg-tls"));
        assert_eq!(config("postgres://u@h/d?sslmode=verify-full#t").map_err(|m| m.key), Err("io.pg-tls"));
        assert_eq!(config("postgres://u@h/d?nonsense=1#t").map_err(|m| m.key), Err("io.pg-bad-address"));
        assert!(config("postgres://u@h/d?sslmode=disable#t").is_ok() || variable("PGSSLMODE").is_some());
    }

    #[test]
    fn a_password_that_was_asked_for_is_kept_for_its_database_alone() {
        remember_password("postgres://asked@nowhere:1/one#t", "secret".to_owned());
        let known = |text: &str| password_of(&config_of(&Address::parse(text).expect("an address")).expect("reads"));
        assert_eq!(known("postgres://asked@nowhere:1/one#other").as_deref(), Some("secret"));
        assert_ne!(known("postgres://asked@nowhere:1/two#t").as_deref(), Some("secret"));
    }

    #[test]
    fn a_server_that_only_a_file_names_is_not_trusted() {
        let config = |text: &str| config_of(&Address::parse(text).expect("an address")).expect("reads");
        assert!(may_have_own(&config("postgres://u@localhost/d#t")));
        assert!(!may_have_own(&config("postgres://u@named-by-a-project/d#t")));
        name_server("postgres://u@named-by-hand:5433/d#t");
        assert!(may_have_own(&config("postgres://other@named-by-hand/e#t")));
        // A name of this machine that leads elsewhere.
        let elsewhere = "postgres://u@localhost/d?hostaddr=192.0.2.1#t";
        assert!(is_far(&Address::parse(elsewhere).expect("an address")));
        remember_password("postgres://u@localhost/d#t", "secret".to_owned());
        assert_eq!(password_of(&config(elsewhere)), None);
    }
}
