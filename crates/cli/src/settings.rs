//! Where a setting comes from: the environment, then the variables file, then (for a secret) a prompt without echo.
//! Never from an argument: other users of the machine can read those.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use quittance::config::{Secret, settings};

use crate::fail::{CommandError, CommandResult};
use crate::terminal;

/// The variables that commands read and write.
#[derive(Clone, Default)]
pub struct Settings {
    environment: BTreeMap<String, String>,
    file: BTreeMap<String, String>,
    path: PathBuf,
    /// A person sits at the terminal and can be asked.
    pub ask: bool,
}

impl Settings {
    /// The process's environment, and `file` if it is there.
    pub fn read(path: &Path) -> CommandResult<Self> {
        let environment = std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
        let file = match std::fs::read_to_string(path) {
            Ok(text) => parse(&text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(CommandError::new(format!("{} cannot be read: {error}.", path.display()))),
        };
        let environment: BTreeMap<String, String> = environment.collect();
        check_source(&environment, &file, path)?;
        let ask = std::io::stdin().is_terminal();
        Ok(Self { environment, file, path: path.to_owned(), ask })
    }

    /// Settings given in code, for tests and the demo.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let environment = pairs.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        Self { environment, ..Self::default() }
    }

    /// The variables file stands there.
    pub fn with_file(mut self, path: &Path) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// The variables file.
    pub fn file(&self) -> &Path {
        &self.path
    }

    /// Changes a value for the rest of this run.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.insert(name.to_owned(), value.to_owned());
    }

    /// A value that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.environment.get(name).filter(|v| !v.trim().is_empty()).or_else(|| self.file.get(name));
        found.map(|v| v.trim()).filter(|v| !v.is_empty())
    }

    /// A list from the environment and the variables file together.
    pub fn everywhere(&self, name: &str) -> Option<String> {
        let found = [self.environment.get(name), self.file.get(name)];
        let found: Vec<&str> = found.into_iter().flatten().map(|v| v.trim()).filter(|v| !v.is_empty()).collect();
        (!found.is_empty()).then(|| found.join(","))
    }

    /// Names that are set, are none of ours and look like one that is not set: a sentence for each.
    pub fn unknown(&self) -> Vec<String> {
        let ours: Vec<&str> =
            settings::GROUPS.iter().flat_map(|(_, group)| *group).map(|setting| setting.name).collect();
        let set = self.environment.keys().chain(self.file.keys()).map(String::as_str);
        let names: BTreeSet<&str> = set.filter(|name| !ours.contains(name)).collect();
        let meant = |name: &str| {
            let unset = ours.iter().filter(|ours| self.get(ours).is_none());
            let near = unset.map(|ours| (strsim::normalized_damerau_levenshtein(name, ours), *ours));
            near.filter(|(near, _)| *near >= NEAR).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, ours)| ours)
        };
        let sentence = |name: &str| meant(name).map(|ours| format!("{name} is no setting: is {ours} meant?"));
        names.into_iter().filter_map(sentence).collect()
    }

    /// A value that must be there: given as `argument`, set, or asked for.
    pub fn required(&self, name: &str, argument: Option<&str>, what: &str) -> CommandResult<String> {
        if let Some(value) = argument.or_else(|| self.get(name)) {
            return Ok(value.to_owned());
        }
        if !self.ask {
            return Err(CommandError::new(format!("{name} is not set: {what}.")));
        }
        terminal::ask(&format!("{what} ({name}): "));
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).map_err(|error| CommandError::new(format!("No answer: {error}.")))?;
        Some(line.trim().to_owned())
            .filter(|l| !l.is_empty())
            .ok_or_else(|| CommandError::new(format!("{name} is needed.")))
    }

    /// A secret: set, or typed without echo.
    pub fn secret(&self, name: &str, what: &str) -> CommandResult<Secret> {
        if let Some(value) = self.get(name) {
            return Ok(Secret::new(value));
        }
        if !self.ask {
            return Err(CommandError::new(format!("{name} is not set: {what}.")));
        }
        let typed = rpassword::prompt_password(format!("{what} ({name}, not shown): "));
        let typed = typed.map_err(|error| CommandError::new(format!("No answer: {error}.")))?;
        Some(typed.trim().to_owned())
            .filter(|t| !t.is_empty())
            .map(Secret::new)
            .ok_or_else(|| CommandError::new(format!("{name} is needed.")))
    }
}

/// How alike a name must be to one of ours, from 0 to 1: two slips in a name of ten letters.
const NEAR: f64 = 0.8;

/// Each secret, and the address that it is sent to.
const PAIRS: [(&str, &str); 6] = [
    ("STRIPE_API_KEY", "STRIPE_API_BASE"),
    ("STRIPE_SETUP_API_KEY", "STRIPE_API_BASE"),
    ("ODOO_API_KEY", "ODOO_URL"),
    ("ODOO_SETUP_API_KEY", "ODOO_URL"),
    ("RPC_SECRET", "RPC_URL"),
    ("ADMIN_TOKEN", "WORKER_URL"),
];

/// A key of the environment is not sent where a variables file says: the file is of whatever folder the command is run in, and
/// the key is the person's.
fn check_source(
    environment: &BTreeMap<String, String>,
    file: &BTreeMap<String, String>,
    path: &Path,
) -> CommandResult<()> {
    fn value<'a>(of: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
        of.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }
    for (secret, address) in PAIRS {
        let exported = value(environment, secret).filter(|key| value(file, secret) != Some(key));
        if exported.is_some() && value(environment, address).is_none() && value(file, address).is_some() {
            return Err(CommandError::new(format!(
                "{secret} is of the environment, but {address}, where it would be sent, of {}: set both in one place.",
                path.display()
            )));
        }
    }
    Ok(())
}

/// `NAME=value` lines as wrangler reads them: `#` starts a comment line, quotes around a value are taken off.
pub fn parse(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let (name, value) = line.split_once('=')?;
            let name = name.trim().strip_prefix("export ").unwrap_or(name.trim());
            let value = value.trim();
            let bare = ['"', '\''].iter().find_map(|q| value.strip_prefix(*q)?.strip_suffix(*q));
            Some((name.to_owned(), bare.unwrap_or(value).to_owned()))
        })
        .collect()
}

/// A value as [`parse`] and wrangler read it back.
pub fn quoted_value(value: &str) -> CommandResult<String> {
    match ['"', '\''].into_iter().find(|quote| !value.contains(*quote)) {
        Some(quote) if !value.contains(['\n', '\r']) => Ok(format!("{quote}{value}{quote}")),
        _ => Err(CommandError::new(
            "A value with both kinds of quotes or a line break cannot stand in a variables file.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variables_file_as_wrangler_reads_it() {
        let got = parse("# a comment\nA=1\n export B = \"two = 2\" \nC='x'\nnonsense\n");
        let want = [("A", "1"), ("B", "two = 2"), ("C", "x")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(got, BTreeMap::from(want));
    }

    #[test]
    fn a_key_of_the_environment_does_not_go_where_a_file_says() {
        let map = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        for (secret, address) in PAIRS {
            let told = |environment: &[(&str, &str)], file: &[(&str, &str)]| {
                check_source(&map(environment), &map(file), Path::new(".dev.vars")).err().map(|fail| fail.to_string())
            };
            let (key, there, elsewhere) =
                ((secret, "k"), (address, "https://a.example"), (address, "https://b.example"));
            let refused = told(&[key], &[elsewhere]).unwrap();
            assert!(
                refused.contains(secret) && refused.contains(address) && refused.contains(".dev.vars"),
                "{refused}"
            );
            assert!(told(&[key, (address, " ")], &[elsewhere]).is_some());
            assert!(told(&[key], &[elsewhere, (secret, "another")]).is_some());
            // Both of one place, the address of the person's own, or the default.
            for (environment, file) in [
                (&[key, there][..], &[elsewhere][..]),
                (&[key], &[]),
                (&[], &[key, elsewhere]),
                (&[key], &[key, elsewhere]),
                (&[there], &[key, elsewhere]),
            ] {
                assert_eq!(told(environment, file), None, "{environment:?} {file:?}");
            }
        }
    }

    #[test]
    fn a_name_like_one_of_ours_is_said_with_the_nearest() {
        let settings = Settings::from_pairs([
            ("ALERT_URI", "x"),
            ("HOME", "/"),
            ("ODOO_APIKEY", "x"),
            ("ODOO_URI", "x"),
            ("ODOO_URL", "x"),
        ]);
        let expected =
            ["ALERT_URI is no setting: is ALERT_URL meant?", "ODOO_APIKEY is no setting: is ODOO_API_KEY meant?"];
        assert_eq!(settings.unknown(), expected);
    }

    #[test]
    fn nothing_is_asked_where_nobody_sits() {
        let settings = Settings::from_pairs([("A", " ")]);
        assert!(settings.get("A").is_none());
        let fail = settings.secret("A", "the key").unwrap_err();
        assert_eq!(fail.to_string(), "A is not set: the key.");
    }
}
