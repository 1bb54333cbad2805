//! Numbers of tables and pictures in documents.

use crate::text::{Language, Message};

/// Counts what has a caption.
pub(super) struct Captions {
    language: Language,
    tables: usize,
    pictures: usize,
}

impl Captions {
    pub(super) fn new(language: Language) -> Self {
        Self { language, tables: 0, pictures: 0 }
    }

    /// The caption of the next table.
    pub(super) fn table(&mut self, title: &str) -> String {
        self.tables += 1;
        let message = Message::new("report.table-n").with("n", self.tables).with("title", title);
        message.text(self.language).trim_end().to_owned()
    }

    /// The caption of the next picture.
    pub(super) fn picture(&mut self, title: &str) -> String {
        self.pictures += 1;
        let message = Message::new("report.picture-n").with("n", self.pictures).with("title", title);
        message.text(self.language).trim_end().to_owned()
    }
}
