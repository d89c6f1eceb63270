//! What the repository promises about itself: its edges, its files and the size of its dependencies.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Write as _},
    path::Path,
    process::Command,
};

use cargo_metadata::{Metadata, MetadataCommand, Package};
use harness::repository;

/// What each crate of the workspace may depend on within it: DESIGN's picture. `app` wires all of the
/// server together and `tests` looks at everything, so they are not listed.
const EDGES: &[(&str, &[&str])] = &[
    ("api", &["control", "domain", "telemetry", "wire"]),
    ("bundle", &[]),
    ("cli", &["domain", "wire"]),
    ("console", &["wire"]),
    ("control", &["domain", "runtime", "store", "telemetry"]),
    ("domain", &[]),
    ("runtime", &["domain", "telemetry"]),
    ("store", &["domain"]),
    ("telemetry", &["domain"]),
    ("triggers", &["control", "domain", "runtime", "telemetry", "wire"]),
    ("wire", &["domain"]),
];

/// Crates that depend on as much as they like, and what nothing else may depend on.
const TOPS: &[&str] = &["dormouse", "tests"];

/// Libraries that must stay out of a crate, because its subject is another.
const FOREIGN: &[(&str, &[&str])] = &[
    ("api", &["sqlx", "wasmtime"]),
    ("cli", &["axum", "sqlx", "wasmtime"]),
    ("console", &["reqwest", "tokio"]),
    ("control", &["axum", "sqlx", "wasmtime"]),
    ("domain", &["axum", "reqwest", "sqlx", "tokio", "wasmtime"]),
    ("runtime", &["axum", "sqlx"]),
    ("store", &["axum", "wasmtime"]),
    ("triggers", &["sqlx", "wasmtime"]),
    ("wire", &["axum", "reqwest", "sqlx", "tokio", "wasmtime"]),
];

/// The longest that a file of ours may be.
const MAX_LINES: usize = 500;

fn metadata() -> Metadata {
    let mut command = MetadataCommand::new();
    command.manifest_path(repository().join("Cargo.toml")).no_deps();
    command.exec().expect("cargo knows the workspace")
}

fn dependencies(package: &Package) -> BTreeSet<&str> {
    package.dependencies.iter().map(|dependency| dependency.name.as_str()).collect()
}

/// Files that git knows or would take, relative to the repository.
fn files() -> Vec<String> {
    let mut git = Command::new("git");
    git.args(["-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard"]);
    let listed = git.current_dir(repository()).output().expect("git lists the files");
    assert!(listed.status.success(), "{listed:?}");
    let listed = String::from_utf8(listed.stdout).unwrap();
    listed.lines().filter(|file| repository().join(file).is_file()).map(str::to_owned).collect()
}

fn sources(extensions: &[&str]) -> Vec<(String, String)> {
    let ours = |file: &String| {
        let extension = Path::new(file).extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|extension| extensions.contains(&extension))
    };
    let read = |file: String| {
        let text = fs::read_to_string(repository().join(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        (file, text)
    };
    files().into_iter().filter(ours).map(read).collect()
}

#[test]
fn crates_depend_only_along_the_drawn_edges() {
    let metadata = metadata();
    let members: BTreeSet<&str> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
    let known: BTreeSet<&str> = EDGES.iter().map(|(name, _)| *name).chain(TOPS.iter().copied()).collect();
    assert_eq!(members, known, "a crate came or went: draw its edges here and in the architecture");
    for package in &metadata.packages {
        let has: BTreeSet<&str> = dependencies(package).into_iter().filter(|name| members.contains(name)).collect();
        let name = package.name.as_str();
        assert!(name == "tests" || !has.iter().any(|to| TOPS.contains(to)), "{name} depends on a top: {has:?}");
        if let Some((_, drawn)) = EDGES.iter().find(|(from, _)| *from == name) {
            let strays: Vec<&&str> = has.iter().filter(|to| !drawn.contains(to)).collect();
            assert!(strays.is_empty(), "{name} depends on {strays:?}, which the architecture does not draw");
        }
    }
}

#[test]
fn crates_leave_the_libraries_of_other_subjects_alone() {
    for package in &metadata().packages {
        let Some((name, foreign)) = FOREIGN.iter().find(|(name, _)| *name == package.name.as_str()) else { continue };
        for dependency in dependencies(package) {
            let strays = foreign.iter().any(|library| {
                dependency == *library || dependency.strip_prefix(library).is_some_and(|rest| rest.starts_with('-'))
            });
            assert!(!strays, "{name} uses {dependency}, which belongs to another crate's subject");
        }
    }
}

#[test]
fn no_file_is_longer_than_anyone_reads() {
    let long: Vec<String> = sources(&["rs", "css", "sh", "mjs", "js", "html"])
        .into_iter()
        .map(|(file, text)| (file, text.lines().count()))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .map(|(file, lines)| format!("{file}: {lines}"))
        .collect();
    assert!(long.is_empty(), "more than {MAX_LINES} lines: {long:#?}");
}

#[test]
fn every_module_says_what_it_owns() {
    let silent: Vec<String> =
        sources(&["rs"]).into_iter().filter(|(_, text)| !text.starts_with("//!")).map(|(file, _)| file).collect();
    assert!(silent.is_empty(), "no `//!` in the first line: {silent:#?}");
}

#[test]
fn nothing_is_left_for_later_and_no_module_hides_its_name() {
    let marks = [concat!("to", "do!("), concat!("unimple", "mented!("), concat!("FIX", "ME"), concat!("TO", "DO")];
    for (file, text) in sources(&["rs", "css", "sh", "mjs", "js", "html", "sql", "toml"]) {
        assert!(!file.ends_with("/mod.rs"), "{file}: name the file after its module");
        for (number, line) in text.lines().enumerate() {
            let mark = marks.iter().find(|mark| line.contains(**mark));
            assert!(mark.is_none(), "{file}:{}: {}", number + 1, line.trim());
        }
    }
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |folder: &str| -> BTreeSet<String> {
        let folder = repository().join("migrations").join(folder);
        let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let sqlite = names("sqlite");
    assert!(!sqlite.is_empty());
    assert_eq!(sqlite, names("postgres"));
}

#[test]
fn the_lock_file_is_counted() {
    let lock = fs::read_to_string(repository().join("Cargo.lock")).unwrap();
    let packages: Vec<&str> = lock.lines().filter_map(|line| line.strip_prefix("name = ")).collect();
    let names: BTreeSet<&str> = packages.iter().copied().collect();
    // Past the capture of test output: the figure is for whoever runs the suites.
    writeln!(io::stderr(), "Cargo.lock: {} packages of {} names", packages.len(), names.len()).unwrap();
    assert!(names.contains("\"domain\""), "the lock file has another shape");
}
