//! What `cargo xtask dev` is told, by arguments or by the environment.

use anyhow::{Context, Result, bail};
use quittance_sim::odoo::Version;

pub struct Options {
    pub fresh: bool,
    /// Of the simulated Odoo.
    pub version: Version,
    /// In place of the simulated Odoo.
    pub odoo: Option<RealOdoo>,
}

/// An Odoo that somebody else runs.
pub struct RealOdoo {
    pub url: String,
    pub db: String,
    pub login: String,
    api_key: String,
    setup_login: String,
    setup_api_key: String,
}

impl Options {
    pub fn read(arguments: &[String]) -> Result<Self> {
        Self::from(arguments, &|name| std::env::var(name).ok())
    }

    fn from(arguments: &[String], environment: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let mut options = Self { fresh: false, version: Version::V19, odoo: None };
        let mut named = Vec::new();
        let mut arguments = arguments.iter();
        while let Some(name) = arguments.next() {
            if name == "--fresh" {
                options.fresh = true;
                continue;
            }
            let value = arguments.next().with_context(|| format!("{name} wants a value, or is not known"))?;
            match name.as_str() {
                "--odoo-version" => options.version = version(value)?,
                "--odoo-url"
                | "--odoo-db"
                | "--odoo-login"
                | "--odoo-api-key"
                | "--odoo-setup-login"
                | "--odoo-setup-api-key" => named.push((variable(name), value.clone())),
                _ => bail!("`cargo xtask dev` does not know {name}; see `cargo xtask help`"),
            }
        }
        let get = |name: &str| {
            let argument = named.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
            argument.or_else(|| environment(name)).filter(|value| !value.is_empty())
        };
        if let Some(url) = get("ODOO_URL") {
            options.odoo = Some(RealOdoo::read(url, &get)?);
        }
        Ok(options)
    }
}

/// `--odoo-api-key` is ODOO_API_KEY.
fn variable(argument: &str) -> String {
    argument.trim_start_matches('-').replace('-', "_").to_uppercase()
}

fn version(text: &str) -> Result<Version> {
    Ok(match text {
        "17" => Version::V17,
        "18" => Version::V18,
        "19" => Version::V19,
        _ => bail!("--odoo-version is 17, 18 or 19"),
    })
}

impl RealOdoo {
    fn read(url: String, get: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let need =
            |name: &str| get(name).with_context(|| format!("a real Odoo needs {name} too; see `cargo xtask help`"));
        let (login, api_key) = (need("ODOO_LOGIN")?, need("ODOO_API_KEY")?);
        Ok(Self {
            url,
            db: need("ODOO_DB")?,
            setup_login: get("ODOO_SETUP_LOGIN").unwrap_or_else(|| login.clone()),
            setup_api_key: get("ODOO_SETUP_API_KEY").unwrap_or_else(|| api_key.clone()),
            login,
            api_key,
        })
    }

    /// The Worker's settings.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("ODOO_URL", self.url.clone()),
            ("ODOO_DB", self.db.clone()),
            ("ODOO_LOGIN", self.login.clone()),
            ("ODOO_API_KEY", self.api_key.clone()),
        ]
    }

    /// What set-up needs besides.
    pub fn setup(&self) -> Vec<(&'static str, String)> {
        vec![("ODOO_SETUP_LOGIN", self.setup_login.clone()), ("ODOO_SETUP_API_KEY", self.setup_api_key.clone())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Options> {
        let arguments: Vec<String> = arguments.iter().map(|a| (*a).to_owned()).collect();
        Options::from(&arguments, &|name| (name == "ODOO_API_KEY").then(|| "from the environment".to_owned()))
    }

    #[test]
    fn a_real_odoo_takes_arguments_and_environment() {
        let options = read(&["--fresh", "--odoo-url", "http://127.0.0.1:1", "--odoo-db", "d", "--odoo-login", "l"]);
        let options = options.unwrap();
        let odoo = options.odoo.unwrap();
        assert!(options.fresh);
        assert_eq!((odoo.login.as_str(), odoo.api_key.as_str()), ("l", "from the environment"));
        assert_eq!(odoo.setup_api_key, "from the environment");
    }

    #[test]
    fn what_is_missing_or_unknown_is_named() {
        let why = |arguments: &[&str]| read(arguments).err().unwrap().to_string();
        assert!(why(&["--odoo-url", "http://127.0.0.1:1"]).contains("ODOO_LOGIN"));
        assert!(why(&["--nonsense", "1"]).contains("--nonsense"));
        assert!(why(&["--odoo-version", "16"]).contains("17, 18 or 19"));
        assert!(read(&[]).unwrap().odoo.is_none());
    }
}
