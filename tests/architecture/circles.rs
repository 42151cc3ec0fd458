//! No file of a room needs one that needs it: each can be read after those below it. Read from `use` lines and from paths that
//! begin with `crate`, `super`, `self` or the name of a child; a `mod.rs` that only declares its children needs none of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use regex_lite::Regex;

use crate::layers::files;

type Graph = BTreeMap<String, BTreeSet<String>>;

#[test]
fn no_file_needs_one_that_needs_it() {
    let graph = graph();
    assert!(
        graph.len() > 150 && graph.values().map(BTreeSet::len).sum::<usize>() > 500,
        "what reads the files reads too little"
    );
    let below: BTreeMap<&String, BTreeSet<&String>> =
        graph.keys().map(|file| (file, reachable(&graph, file))).collect();
    let needs = |a: &String, b: &String| below.get(a).is_some_and(|all| all.contains(b));
    let circles: BTreeSet<Vec<&String>> = graph
        .keys()
        .filter(|file| needs(file, file))
        .map(|file| graph.keys().filter(|other| needs(file, other) && needs(other, file)).collect())
        .collect();
    assert!(circles.is_empty(), "files in circles: {circles:#?}");
}

#[test]
fn a_circle_is_seen() {
    let uses = |of: &str, text: &str| needed(of, text, &["a", "a::b", "a::c", "a::c::d"].map(str::to_owned).into());
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(
        uses("a::b", "use super::c::{self, d::{X, Y}};\nfn f() { crate::a::Z }"),
        set(&["a", "a::c", "a::c::d"])
    );
    assert_eq!(uses("a", "pub mod b;\nmod c;\npub use self::b::X;\nfn f() { c::g() }"), set(&["a::b", "a::c"]));
    assert_eq!(
        uses("a::c::d", "// super::super::b\nuse super::super::b;\n#[cfg(test)]\nmod tests { use super::super::c; }"),
        set(&["a::b"])
    );
}

fn graph() -> Graph {
    let mut texts = BTreeMap::new();
    for path in files(Path::new("src")) {
        let inner = path.strip_prefix("src").unwrap().with_extension("");
        let mut names: Vec<&str> = inner.iter().map(|part| part.to_str().unwrap()).collect();
        names.pop_if(|last| matches!(*last, "mod" | "lib"));
        texts.insert(names.join("::"), fs::read_to_string(&path).unwrap());
    }
    let all: BTreeSet<String> = texts.keys().cloned().collect();
    texts.iter().map(|(name, text)| (name.clone(), needed(name, text, &all))).collect()
}

/// The files of `all` that a file needs.
fn needed(file: &str, text: &str, all: &BTreeSet<String>) -> BTreeSet<String> {
    let tests = Regex::new(r"#\[cfg\(test\)\]\n(?:pub(?:\([^)]*\))? )?mod \w+ \{").unwrap();
    let code: String = tests.split(text).next().unwrap_or_default().lines().map(uncommented).collect();
    let uses = Regex::new(r"(?m)^\s*(?:pub(?:\([^)]*\))? )?use ([^;]+);").unwrap();
    let mut paths: Vec<String> = uses.captures_iter(&code).flat_map(|hit| flat("", &hit[1])).collect();
    let body = uses.replace_all(&code, "");
    let inline = Regex::new(r"\b(?:crate|super|self)(?:::\w+)+").unwrap();
    paths.extend(inline.find_iter(&body).map(|hit| hit.as_str().to_owned()));
    let children =
        all.iter().filter_map(|other| other.strip_prefix(file)?.strip_prefix("::")).filter(|c| !c.contains("::"));
    let named = |child: &&str| Regex::new(&format!(r"(?:^|[^:\w]){child}::\w")).unwrap().is_match(&body);
    paths.extend(children.filter(named).map(|child| format!("self::{child}")));
    paths.iter().filter_map(|path| resolved(file, path, all)).filter(|name| name != file).collect()
}

fn uncommented(line: &str) -> String {
    format!("{}\n", if line.trim_start().starts_with("//") { "" } else { line })
}

/// The paths of a `use` tree.
fn flat(prefix: &str, tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((head, rest)) = tree.split_once('{') else {
        let name = tree.split(" as ").next().unwrap_or_default();
        return vec![format!("{prefix}{name}")];
    };
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for c in rest.trim_end().strip_suffix('}').unwrap_or(rest).chars() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if c == ',' && depth == 0 { parts.push(String::new()) } else { parts.last_mut().unwrap().push(c) }
    }
    parts
        .iter()
        .filter(|part| !part.trim().is_empty())
        .flat_map(|part| flat(&format!("{prefix}{head}"), part))
        .collect()
}

/// The file in which a path ends, seen from `file`; `None` for another crate's.
fn resolved(file: &str, path: &str, all: &BTreeSet<String>) -> Option<String> {
    let mut here: Vec<&str> = file.split("::").filter(|part| !part.is_empty()).collect();
    let mut parts = path.trim().split("::").peekable();
    match *parts.peek()? {
        "crate" => here.clear(),
        "self" | "super" => {}
        child if all.contains(&[&here[..], &[child]].concat().join("::")) => {}
        _ => return None,
    }
    for part in parts {
        match part {
            "crate" | "self" => {}
            "super" => drop(here.pop()),
            name => here.push(name),
        }
    }
    (1..=here.len()).rev().map(|n| here[..n].join("::")).find(|name| all.contains(name))
}

/// What a file needs, and what that needs.
fn reachable<'a>(graph: &'a Graph, file: &str) -> BTreeSet<&'a String> {
    let mut found = BTreeSet::new();
    let mut next: Vec<&String> = graph.get(file).into_iter().flatten().collect();
    while let Some(one) = next.pop() {
        if found.insert(one) {
            next.extend(graph.get(one).into_iter().flatten());
        }
    }
    found
}
