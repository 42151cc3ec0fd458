//! The npm packages of package-lock.json: they bundle and test the Worker, and none of them is part of it.

use anyhow::{Context, Result};
use serde_json::Value;

use super::Component;

pub fn components(lock: &Value) -> Result<Vec<Component>> {
    let packages = lock.get("packages").and_then(Value::as_object).context("package-lock.json has no packages")?;
    let named = packages.iter().filter(|(path, _)| !path.is_empty());
    Ok(named.filter_map(|(path, package)| component(path, package, packages)).collect())
}

fn component(path: &str, package: &Value, packages: &serde_json::Map<String, Value>) -> Option<Component> {
    let text = |name: &str| package.get(name).and_then(Value::as_str).map(str::to_owned);
    let mut depends_on: Vec<String> = ["dependencies", "optionalDependencies"]
        .iter()
        .filter_map(|kind| package.get(kind)?.as_object())
        .flat_map(|names| names.keys())
        .filter_map(|name| resolved(path, name, packages))
        .collect();
    depends_on.sort();
    depends_on.dedup();
    Some(Component {
        purl: purl(path, package)?,
        name: name(path).to_owned(),
        version: text("version")?,
        licence: text("license").filter(|licence| !licence.starts_with("SEE ")),
        hash: text("integrity").and_then(|integrity| Some(("SHA-512", hex(integrity.strip_prefix("sha512-")?)?))),
        runs: false,
        depends_on,
    })
}

/// Node looks for a package beside the one that needs it, then in each folder above.
fn resolved(from: &str, name: &str, packages: &serde_json::Map<String, Value>) -> Option<String> {
    let mut folder = from;
    loop {
        let path =
            if folder.is_empty() { format!("node_modules/{name}") } else { format!("{folder}/node_modules/{name}") };
        if let Some(package) = packages.get(&path) {
            return purl(&path, package);
        }
        if folder.is_empty() {
            return None;
        }
        folder = folder.rsplit_once("node_modules/").map_or("", |(above, _)| above.trim_end_matches('/'));
    }
}

fn name(path: &str) -> &str {
    path.rsplit_once("node_modules/").map_or(path, |(_, name)| name)
}

fn purl(path: &str, package: &Value) -> Option<String> {
    Some(format!("pkg:npm/{}@{}", name(path).replace('@', "%40"), package.get("version")?.as_str()?))
}

/// Base64 as hex; `None` for what is none.
fn hex(base64: &str) -> Option<String> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut hex, mut held, mut bits) = (String::new(), 0u32, 0u32);
    for byte in base64.trim_end_matches('=').bytes() {
        let digit = DIGITS.iter().position(|known| *known == byte)?;
        held = held << 6 | u32::try_from(digit).ok()?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            hex.push_str(&format!("{:02x}", held >> bits & 0xff));
            held &= (1 << bits) - 1;
        }
    }
    Some(hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_becomes_hex() {
        assert_eq!(hex("AAEC/v8=").as_deref(), Some("000102feff"));
        assert_eq!(hex("a*"), None);
    }

    #[test]
    fn packages_are_found_where_node_finds_them() {
        let lock = serde_json::json!({"packages": {
            "": {"version": "0"},
            "node_modules/a": {"version": "1.0.0", "dependencies": {"b": "*", "@c/d": "*", "e": "*"}},
            "node_modules/b": {"version": "2.0.0"},
            "node_modules/a/node_modules/b": {"version": "3.0.0"},
            "node_modules/@c/d": {"version": "4.0.0"},
        }});
        let all = components(&lock).unwrap();
        let a = all.iter().find(|component| component.name == "a").unwrap();
        assert_eq!(a.depends_on, ["pkg:npm/%40c/d@4.0.0", "pkg:npm/b@3.0.0"]);
        assert_eq!(all.len(), 4);
    }
}
