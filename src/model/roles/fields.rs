//! Titles of the planning databases' columns, which are named by pinyin initials: `DLBM` is 地类编码.
