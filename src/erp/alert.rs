//! An alert, as an ERP shows it to its users.

/// Everything that an ERP is told at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notices {
    /// Now, in seconds since 1970 UTC.
    pub at: i64,
    /// Login of the user who is asked; `None`: whoever set it up.
    pub user: Option<String>,
    pub open: Vec<Notice>,
    /// Ids of those that are over.
    pub over: Vec<String>,
}

/// One of them. The texts are plain, and the ERP's matter to escape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// One thing for each id: told again, it takes the place of what was said before.
    pub id: String,
    /// A few words.
    pub title: &'static str,
    pub what: String,
    pub todo: String,
}
