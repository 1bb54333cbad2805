//! The arguments of what is handed in: the check of a delivery, reports, packages.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{MethodName, OutputArgs, ReadArgs};
use crate::report::office::accounts::Accounts;

/// Arguments of `validate`.
#[derive(Clone, Debug, Default, Args)]
pub struct ValidateArgs {
    /// The delivery: folders, files, projects.
    #[command(flatten)]
    pub read: ReadArgs,
    /// A schema file, or one in the program: survey, plan, demo.
    #[arg(long, value_name = "S.toml|NAME")]
    pub schema: Option<String>,
    /// Faults of a kind that are listed; all are counted.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    pub most: usize,
    /// Writes the schema with everything spelled out, and does nothing else.
    #[arg(long, value_name = "S.toml", conflicts_with = "import_schema")]
    pub write_schema: Option<PathBuf>,
    /// Reads a schema from the sheets of a workbook and writes it to -o.
    #[arg(long, value_name = "X.xlsx", requires = "output")]
    pub import_schema: Option<PathBuf>,
    /// What is written, and where.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Arguments of `report`.
#[derive(Clone, Debug, Default, Args)]
pub struct ReportArgs {
    /// The project.
    #[command(flatten)]
    pub read: ReadArgs,
    /// Scenarios, one an option; all saved ones where none is given.
    #[arg(long, value_name = "NAME")]
    pub scenario: Vec<String>,
    /// The day that the report is dated, as 2026-06-18; today without it.
    #[arg(long, value_name = "DATE")]
    pub date: Option<String>,
    /// Parts and their order.
    #[arg(long, value_name = "PART,…")]
    pub parts: Option<String>,
    /// An office's template: title, parts, texts.
    #[arg(long, value_name = "T.toml")]
    pub template: Option<PathBuf>,
    /// Only the tables in the layouts of offices.
    #[arg(long, conflicts_with = "parts")]
    pub tables: bool,
    /// Red lines whose land is listed, in place of the project's own.
    #[arg(long, value_name = "FILE")]
    pub line: Vec<PathBuf>,
    /// How cropland is balanced.
    #[arg(long, value_enum)]
    pub accounts: Option<AccountsName>,
    /// An office's own workbook whose placeholders are filled.
    #[arg(long, value_name = "TEMPLATE.xlsx", requires = "output")]
    pub fill: Option<PathBuf>,
    /// Lists the placeholders that such a workbook may have.
    #[arg(long, conflicts_with = "fill")]
    pub placeholders: bool,
    /// The rules; those of the project where none are given.
    #[arg(long, value_name = "RULES.toml")]
    pub rules: Option<PathBuf>,
    /// How areas are computed.
    #[arg(long, value_enum, default_value_t = MethodName::Survey)]
    pub method: MethodName,
    /// What is written, and where.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// How cropland is balanced, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AccountsName {
    /// All in one account: the rule of 2024.
    One,
    /// Two accounts: the rule before.
    Separate,
}

impl From<AccountsName> for Accounts {
    fn from(name: AccountsName) -> Self {
        match name {
            AccountsName::One => Self::One,
            AccountsName::Separate => Self::Separate,
        }
    }
}

/// Arguments of `package`.
#[derive(Clone, Debug, Default, Args)]
pub struct PackageArgs {
    /// The project; the demo where none is given.
    #[arg(value_name = "PROJECT.toml")]
    pub project: Option<PathBuf>,
    /// The file to write.
    #[arg(short, long, value_name = "OUT.zip", required = true)]
    pub output: PathBuf,
    /// Scenarios, one an option; all saved ones where none is given.
    #[arg(long, value_name = "NAME")]
    pub scenario: Vec<String>,
    /// Leaves the sources out: their hashes only.
    #[arg(long)]
    pub hashes: bool,
    /// How cropland is balanced.
    #[arg(long, value_enum)]
    pub accounts: Option<AccountsName>,
    /// How areas are computed.
    #[arg(long, value_enum, default_value_t = MethodName::Survey)]
    pub method: MethodName,
    /// The day that it is dated, as 2026-06-18; today without it.
    #[arg(long, value_name = "DATE")]
    pub date: Option<String>,
}

/// Arguments of `verify`.
#[derive(Clone, Debug, Default, Args)]
pub struct VerifyArgs {
    /// The package.
    #[arg(value_name = "PACKAGE.zip")]
    pub package: PathBuf,
    /// The folder of the sources, where they are not in the package.
    #[arg(long, value_name = "DIR")]
    pub sources: Option<PathBuf>,
}
