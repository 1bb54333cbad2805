//! Where a table is: the server's part of an address and what it names there.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::model::Extent;
use crate::text::Message;

/// What addresses of databases begin with.
const SCHEMES: [&str; 3] = ["postgres://", "postgresql://", "pg:"];

/// Whether a path is the address of a database rather than a file.
pub fn is_address(path: &Path) -> bool {
    path.to_str().is_some_and(|text| SCHEMES.iter().any(|scheme| text.starts_with(scheme)))
}

/// The address of what of a table meets a rectangle in its own coordinates; `None` where it names no table, or a rectangle
/// already.
pub fn table_within(path: &Path, extent: &Extent) -> Option<PathBuf> {
    let text = path.to_str()?;
    let address = Address::parse(text).ok()?; // one that is none names no table
    let names_table = matches!(address.what, What::Table { .. }) && address.within.is_none();
    let (min, max) = (extent.min, extent.max);
    (names_table && !extent.is_empty())
        .then(|| PathBuf::from(format!("{text} in {:?},{:?},{:?},{:?}", min.x, min.y, max.x, max.y)))
}

/// An address as it may be shown: a password that was typed into it is not there.
pub fn without_password(text: &str) -> Cow<'_, str> {
    if !SCHEMES.iter().any(|scheme| text.starts_with(scheme)) {
        return Cow::Borrowed(text);
    }
    let beside_user = hidden_beside_user(text);
    let shown = beside_user.as_deref().unwrap_or(text);
    let (server, rest) = shown.split_at(shown.find('#').unwrap_or(shown.len()));
    // `pg:user=a password=b` and `?password=b`.
    let Some(at) = server.find("password=") else {
        return beside_user.map_or(Cow::Borrowed(text), Cow::Owned);
    };
    let from = at + "password=".len();
    let end = server[from..].find(['&', ' ']).map_or(server.len(), |end| from + end);
    Cow::Owned(format!("{}…{}{rest}", &server[..from], &server[end..]))
}

/// `postgres://user:…@host` for such an address; `None` where no password stands there. One may hold any sign, also those
/// that end the part of the server elsewhere: then it is typed wrongly, and all the more not to be shown.
fn hidden_beside_user(text: &str) -> Option<String> {
    let (scheme, place) = text.split_once("://")?;
    let (user, rest) = place.split_once(':')?;
    if user.contains(['@', '/', '#', '?', '[']) {
        // The port of a host, or of an address in brackets.
        return None;
    }
    let behind_digits = rest.trim_start_matches(|sign: char| sign.is_ascii_digit());
    let ends_there = behind_digits.is_empty() || behind_digits.starts_with(['/', '#', '?', ',']);
    if ends_there && !rest.split('#').next().unwrap_or_default().contains('@') {
        return None;
    }
    let host = rest.rfind('@').map_or("", |at| &rest[at..]);
    Some(format!("{scheme}://{user}:…{host}"))
}

/// An address taken apart.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Address {
    /// What says how to connect.
    pub(super) server: String,
    pub(super) what: What,
    /// The rectangle that features of a table meet, in the coordinates of the table: least x and y, greatest x and y.
    pub(super) within: Option<[f64; 4]>,
}

/// What an address names in a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Nothing yet.
    Nothing,
    /// A table or a view, and its column of geometry where several are there.
    Table { schema: Option<String>, table: String, column: Option<String> },
    /// A query.
    Query(String),
}

impl Address {
    /// Takes an address apart.
    ///
    /// # Errors
    /// One that holds a password, or names a table in a way that is none.
    pub(super) fn parse(text: &str) -> Result<Self, Message> {
        let (server, name) = text.split_once('#').unwrap_or((text, ""));
        if without_password(server) != server {
            return Err(Message::new("io.pg-password-in-address"));
        }
        let lower = name.trim_start().to_ascii_lowercase();
        let is_query = ["select", "with"].iter().any(|word| {
            lower
                .strip_prefix(word)
                .is_some_and(|rest| rest.starts_with(|sign: char| sign.is_whitespace() || sign == '('))
        });
        let (name, within) = match name.rsplit_once(" in ") {
            Some((table, corners)) if !is_query => match corners_of(corners) {
                Some(corners) => (table, Some(corners)),
                None => return Err(Message::new("io.pg-bad-corners").with("text", corners)),
            },
            _ => (name, None),
        };
        let what = match name.trim() {
            "" => What::Nothing,
            query if is_query => What::Query(query.trim_end_matches([';', ' ', '\n']).to_owned()),
            name => {
                let bad = || Message::new("io.pg-bad-name").with("name", name);
                let mut parts = parts_of(name).ok_or_else(bad)?.into_iter();
                match (parts.next(), parts.next(), parts.next(), parts.next()) {
                    (Some(table), None, ..) => What::Table { schema: None, table, column: None },
                    (Some(schema), Some(table), column, None) => What::Table { schema: Some(schema), table, column },
                    _ => return Err(bad()),
                }
            }
        };
        Ok(Self { server: server.to_owned(), what, within })
    }

    /// What a layer of it is called.
    pub(super) fn name(&self) -> String {
        match &self.what {
            What::Nothing => self.server.rsplit(['/', ':']).next().unwrap_or_default().to_owned(),
            What::Table { table, .. } => table.clone(),
            What::Query(_) => "query".to_owned(),
        }
    }

    /// What stands behind FROM, without a name of its own.
    pub(super) fn source(&self) -> String {
        match &self.what {
            What::Nothing => String::new(),
            What::Table { schema, table, .. } => {
                let schema = schema.as_ref().map(|schema| quoted(schema) + ".").unwrap_or_default();
                schema + &quoted(table)
            }
            What::Query(query) => format!("({query})"),
        }
    }
}

/// A name in double quotes.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Two corners of a rectangle: x,y,x,y.
fn corners_of(text: &str) -> Option<[f64; 4]> {
    let numbers = text.split(',').map(|number| number.trim().parse().ok().filter(|number: &f64| number.is_finite()));
    let [a, b, c, d]: [f64; 4] = numbers.collect::<Option<Vec<f64>>>()?.try_into().ok()?; // not four of them
    Some([a.min(c), b.min(d), a.max(c), b.max(d)])
}

/// The parts of a name that dots divide; in double quotes a dot is one of the name.
fn parts_of(name: &str) -> Option<Vec<String>> {
    let mut parts = vec![String::new()];
    let mut signs = name.chars().peekable();
    let mut is_quoted = false;
    while let Some(sign) = signs.next() {
        match sign {
            '"' if is_quoted && signs.peek() == Some(&'"') => {
                signs.next();
                parts.last_mut()?.push('"');
            }
            '"' => is_quoted = !is_quoted,
            '.' if !is_quoted => parts.push(String::new()),
            _ => parts.last_mut()?.push(sign),
        }
    }
    (!is_quoted && parts.iter().all(|part| !part.is_empty())).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_files() {
        let check = |text: &str, expected: bool| assert_eq!(is_address(Path::new(text)), expected, "{text}");
        check("postgres://h/d#t", true);
        check("pg:#t", true);
        check("postgresql:///d", true);
        check("pg/a.shp", false);
        check("a.geojson#b", false);
    }

    #[test]
    fn passwords_are_not_shown_and_not_taken() {
        let check = |text: &str, expected: &str| {
            assert_eq!(without_password(text), expected);
            assert!(Address::parse(text).is_err(), "{text}");
        };
        check("postgres://u:s@e@h:5/d#t", "postgres://u:…@h:5/d#t");
        check("postgres://u@h/d?password=x&a=b#t", "postgres://u@h/d?password=…&a=b#t");
        check("pg:user=u password=x dbname=d#t", "pg:user=u password=… dbname=d#t");
        // Signs that would end the part of the server.
        check("postgres://u:a?b@h/d#t", "postgres://u:…@h/d#t");
        check("postgres://u:a#b@h/d#t", "postgres://u:…@h/d#t");
        check("postgres://u:12@h/d#t", "postgres://u:…@h/d#t");
        check("postgres://u:12/3@h/d#t", "postgres://u:…@h/d#t");
        check("postgres://u:secret", "postgres://u:…");
        for plain in [
            "postgres://u@h:5432/d?connect_timeout=3#s.t",
            "postgres://h:5432,i:5433/d#t",
            "postgres://u@[::1]:5432/d#t",
            "postgres://h:5432",
            "postgres:///d?host=/a:b#t",
            "pg:d#select 'password=1' as a",
        ] {
            assert_eq!(without_password(plain), plain);
        }
        assert_eq!(without_password("C:/a:b@c"), "C:/a:b@c");
    }

    #[test]
    fn names_and_queries_are_read() {
        let check = |name: &str, expected: &str| {
            let address = Address::parse(&format!("pg:#{name}")).expect("reads");
            assert_eq!(address.source(), expected);
        };
        check("dltb", "\"dltb\"");
        check("现状.地类图斑", "\"现状\".\"地类图斑\"");
        check("s.t.geom", "\"s\".\"t\"");
        check("\"a.b\".\"c\"\"d\"", "\"a.b\".\"c\"\"d\"");
        check("select * from t;", "(select * from t)");
        check("selection", "\"selection\"");
        let extent = Extent::of(&[crate::model::Coord { x: 1.0, y: 2.0 }, crate::model::Coord { x: 3.5, y: 4.0 }]);
        let narrowed = table_within(Path::new("pg:#t"), &extent).expect("a table");
        assert_eq!(narrowed, Path::new("pg:#t in 1.0,2.0,3.5,4.0"));
        assert_eq!(table_within(&narrowed, &extent), None);
        assert_eq!(table_within(Path::new("pg:#select 1"), &extent), None);
        let within = |text: &str| Address::parse(text).map(|address| (address.source(), address.within));
        assert_eq!(within("pg:#s.t in 3,4,1,2"), Ok(("\"s\".\"t\"".to_owned(), Some([1.0, 2.0, 3.0, 4.0]))));
        assert!(within("pg:#s.t in 3,4,1").is_err() && within("pg:#s.t in 1,2,3,x").is_err());
        assert!(Address::parse("pg:#a.b.c.d").is_err() && Address::parse("pg:#a..b").is_err());
        assert_eq!(Address::parse("pg:d").map(|address| address.what), Ok(What::Nothing));
    }
}
