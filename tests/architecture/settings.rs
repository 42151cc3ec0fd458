//! The pages and files that list the settings are made from the table in src/config/settings.rs.
//! `WRITE_SETTINGS=1 cargo test --test architecture settings` writes them anew.

use std::fs;

use quittance::config::setting::{Reader, Setting};
use quittance::config::settings::{GROUPS, of_the_worker};

/// Where the made part of wrangler.toml begins; it goes on to the end of the file.
const VARS: &str = "[vars]\n";
/// Widest line of a comment, in characters.
const WIDTH: usize = 120;

#[test]
fn wrangler_toml_explains_every_variable_of_the_worker() {
    let text = fs::read_to_string("wrangler.toml").unwrap();
    let (before, _) = text.split_once(VARS).unwrap();
    let mut made = format!("{before}{VARS}");
    for (group, settings) in GROUPS {
        let shown: Vec<&Setting> = settings.iter().filter(|s| s.reader == Reader::Worker && !s.secret).collect();
        if shown.is_empty() {
            continue;
        }
        made += &format!("\n# {group}.\n#\n");
        for setting in shown {
            let line = format!("{} = \"{}\"", setting.name, setting.example);
            // A table of variables has one at least, and this one begins it.
            let off = if setting.name == "ERP" { "" } else { "# " };
            made += &format!("{}{off}{line}\n", comment(setting));
        }
    }
    same("wrangler.toml", &made);
}

#[test]
fn the_example_file_has_every_secret_and_what_goes_with_it() {
    let mut made = comment_of(
        "Settings for commands on your own machine: copy to .dev.vars, which git ignores. `quittance setup secrets --local` writes it for you; `cargo xtask dev` and `cargo xtask demo` make their own and need none of this. Every other setting of docs/SETTINGS.md may stand here as well.",
    );
    for (group, settings) in GROUPS {
        let shown: Vec<&Setting> = settings.iter().filter(|s| s.secret || REQUIRED.contains(&s.name)).collect();
        if shown.is_empty() {
            continue;
        }
        made += &format!("\n# {group}.\n#\n");
        for setting in shown {
            let off = if REQUIRED.contains(&setting.name) { "" } else { "# " };
            made += &format!("{}{off}{}=\"{}\"\n", comment(setting), setting.name, setting.example);
        }
    }
    same(".dev.vars.example", &made);
}

/// What a deployment to Odoo cannot do without.
const REQUIRED: [&str; 6] = ["STRIPE_API_KEY", "ODOO_URL", "ODOO_DB", "ODOO_LOGIN", "ODOO_API_KEY", "BOOK_FROM"];

#[test]
fn the_page_of_settings_has_every_row() {
    let mut made = String::from(HEAD);
    for (group, settings) in GROUPS {
        made += &format!("\n## {group}\n\n| setting | value | default | |\n|---|---|---|---|\n");
        for setting in *settings {
            let default = if setting.default.is_empty() { String::new() } else { format!("`{}`", setting.default) };
            let secret = if setting.secret { " (secret)" } else { "" };
            let form = setting.form.replace('|', "\\|");
            made += &format!("| `{}`{secret} | {form} | {default} | {} |\n", setting.name, setting.about);
        }
    }
    same("docs/SETTINGS.md", &made);
}

const HEAD: &str = "# Settings

Made from src/config/settings.rs by `WRITE_SETTINGS=1 cargo test --test architecture settings`.

The Worker reads its settings from variables (`[vars]` in wrangler.toml) and secrets (`quittance setup secrets`, which stores whatever of these is in your environment or in .dev.vars). Commands read the environment, then .dev.vars. A secret is never shown, logged or put into an error.

A value that cannot be used is never taken for another: `quittance setup secrets` refuses it, `quittance doctor` says what a right one is, `/health` names the setting, and an alert is raised. Where money depends on it nothing is booked until it is corrected; anything else goes on without it. A name that is none of these and looks like one is named by `setup secrets` and `doctor` with the one that is probably meant.
";

#[test]
fn every_setting_is_read_and_every_name_that_is_read_stands_in_the_table() {
    let mut code = String::new();
    for entry in fs::read_dir("src/config").unwrap() {
        let path = entry.unwrap().path();
        if !path.ends_with("settings.rs") {
            code += fs::read_to_string(path).unwrap().split("#[cfg(test)]").next().unwrap();
        }
    }
    for setting in of_the_worker() {
        assert!(code.contains(&format!("settings::{}", setting.name)), "{} is read nowhere", setting.name);
    }
    assert!(!code.contains("get(\""), "a setting is read past the table");
    let mut names: Vec<&str> = GROUPS.iter().flat_map(|(_, settings)| *settings).map(|s| s.name).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}

fn comment(setting: &Setting) -> String {
    let default = if setting.default.is_empty() { String::new() } else { format!(" Default: {}.", setting.default) };
    comment_of(&format!("{}{default}", setting.about))
}

/// Comment lines of at most [`WIDTH`] characters.
fn comment_of(text: &str) -> String {
    let mut lines = vec![String::from("#")];
    for word in text.split(' ') {
        let last = lines.last_mut().unwrap();
        if last.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(format!("# {word}"));
        } else {
            last.push(' ');
            last.push_str(word);
        }
    }
    lines.join("\n") + "\n"
}

fn same(file: &str, made: &str) {
    if std::env::var_os("WRITE_SETTINGS").is_some() {
        fs::write(file, made).unwrap();
    }
    let there = fs::read_to_string(file).unwrap_or_default();
    assert!(
        there == made,
        "{file} is not what the table says: run `WRITE_SETTINGS=1 cargo test --test architecture settings`"
    );
}
