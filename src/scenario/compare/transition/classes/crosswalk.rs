//! Which class of one scheme each class of another becomes.

/// Which class of the scenario's scheme each class of the base's becomes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crosswalk {
    rows: Vec<(String, String)>,
}

impl Crosswalk {
    /// A crosswalk of rows (from, to). A class with several targets is open: to be decided before it can be used.
    pub fn new(rows: Vec<(String, String)>) -> Self {
        let tidy = |text: String| text.trim().to_owned();
        Self { rows: rows.into_iter().map(|(from, to)| (tidy(from), tidy(to))).collect() }
    }

    /// Reads a crosswalk from a table with the columns `from` and `to`, divided as [`crate::io::table_of`] finds.
    ///
    /// # Errors
    /// What is wrong with the text, for the message of the caller.
    pub fn from_csv(text: &str) -> Result<Self, String> {
        let (text, sign) = crate::io::table_of(text);
        let mut reader = csv::ReaderBuilder::new().delimiter(sign).flexible(true).from_reader(text.as_bytes());
        let headers = reader.headers().map_err(|error| error.to_string())?.clone();
        let column = |name: &str| headers.iter().position(|header| header.trim().eq_ignore_ascii_case(name));
        let (Some(from), Some(to)) = (column("from"), column("to")) else { return Err("from, to".to_owned()) };
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| error.to_string())?;
            let cell = |at: usize| record.get(at).unwrap_or_default().to_owned();
            rows.push((cell(from), cell(to)));
        }
        Ok(Self::new(rows))
    }

    pub(super) fn targets(&self, code: &str) -> Vec<&str> {
        let mut targets: Vec<&str> =
            self.rows.iter().filter(|(from, _)| from == code).map(|(_, to)| to.as_str()).collect();
        targets.sort_unstable();
        targets.dedup();
        targets
    }
}
