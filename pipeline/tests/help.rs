//! The binary's command line: what each verb says of itself, and with which code it ends. What verbs do is tested in `tests/`.

use std::path::Path;
use std::process::{Command, Output};

/// Verb, and what its help must name.
const VERBS: &[(&str, &[&str])] = &[
    ("demo", &["sample data", "--no-serve", "--lake <DIR>", "--listen <ADDR>", "127.0.0.1:8787"]),
    ("init", &["hachi.toml", "--force"]),
    ("ingest", &["<TABLE>", "<FILE>...", "access_log, ratings, members", "--format", "nginx_json", "--json", "`-` is standard input"]),
    ("check", &["Validate configuration, sources and all SQL without running"]),
    ("plan", &["--select <TERM>...", "`+name`", "area:retention", "--json"]),
    ("run", &["--as-of <TIME>", "RFC 3339", "default: now", "--select <TERM>...", "--threads <N>", "--lake <DIR>", "--json"]),
    ("runs", &["how the last runs went", "--last <N>", "[default: 20]", "--lake <DIR>", "--json"]),
    ("schedule", &["--once", "--list", "--json", "SIGTERM", "each time runs once", "hachi schedule --once"]),
    ("sql", &["<QUERY>", "show tables", "--json", "--csv", "--lake <DIR>"]),
    ("snapshots", &["--json", "--lake <DIR>"]),
    ("diff", &["[A]", "[B]", "default: the latest", "--json", "--lake <DIR>"]),
    ("files", &["<TABLE>", "--snapshot <N>", "--json", "--lake <DIR>"]),
    ("verify", &["[N]", "--all", "--json", "--lake <DIR>"]),
    ("rollback", &["<N>", "hachi snapshots", "--json", "--lake <DIR>"]),
    ("gc", &["--dry-run", "--keep <N>", "--hours <H>", "--json", "--lake <DIR>"]),
    ("sources", &["--export <DIR>", "--lake <DIR>"]),
    ("serve", &["--listen <ADDR>", "--lake <DIR>", "--tokens <FILE>", "--cors <ORIGIN>", "--feedback <DIR>"]),
    ("pseudonym", &["<ID>...", "`-` reads them from standard input", "--json", "whoever holds the key", "hachi pseudonym 4711"]),
    (
        "forget",
        &["<MEMBER>...", "`-` reads them from standard input", "--dry-run", "--json", "--lake <DIR>", "raw files are the site's own"],
    ),
    ("audit", &["--last <N>", "--verify", "--json", "--lake <DIR>", "7 where the log is not what was written"]),
    (
        "evaluate",
        &[
            "--train <FILE>",
            "--test <FILE>",
            "--candidates <FILE>",
            "--history <FILE>",
            "--model <NAME>",
            "popular, quality, ease, ials, als, svd, neighbors or blend",
            "--set <NAME=VALUE>...",
            "--k <K>...",
            "[default: 1 5 10 20 50 100]",
            "--memory-gib <GIB>",
            "--window-days <DAYS>",
            "--lake <DIR>",
            "--json",
            "hachi evaluate --window-days 14",
        ],
    ),
    ("tune", &["--model <NAME>", "--trials <N>", "--seed <N>", "--window-days <DAYS>", "--json", "hachi tune --model ials --trials 20"]),
    ("synth", &["<DIR>", "--members <N>", "--days <D>", "--start <DAY>", "--seed <N>", "Same seed, same bytes", "--courses <N>"]),
];

fn hachi(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hachi"));
    command.args(arguments).current_dir(folder).env("XDG_DATA_HOME", folder).env("NO_COLOR", "1").env_remove("RUST_LOG");
    command.output().expect("a program that starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Its help, with line breaks as blanks.
fn help(arguments: &[&str]) -> String {
    let output = hachi(Path::new("."), arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_help_lists_every_verb() {
    let help = help(&["--help"]);
    for (verb, _) in VERBS {
        assert!(help.contains(&format!(" {verb} ")), "`{verb}` is not in: {help}");
    }
    assert!(help.contains("--config <FILE>") && help.contains("--log-format"), "{help}");
}

#[test]
fn every_verb_explains_its_options() {
    for (verb, parts) in VERBS {
        let help = help(&[verb, "--help"]);
        for part in *parts {
            assert!(help.contains(part), "`{part}` is not in the help of `{verb}`: {help}");
        }
    }
}

/// The calls that a help ends with, as arguments.
fn examples(verb: &str) -> Vec<Vec<String>> {
    let text = text(&hachi(Path::new("."), &[verb, "--help"]).stdout);
    let calls = text.lines().filter_map(|line| line.strip_prefix("  hachi "));
    calls.map(|call| call.split_whitespace().map(str::to_owned).collect()).collect()
}

#[test]
fn examples_of_evaluations_are_understood() {
    let folder = tempfile::tempdir().expect("a writable folder");
    let examples: Vec<Vec<String>> = ["evaluate", "tune"].iter().flat_map(|verb| examples(verb)).collect();
    assert_eq!(examples.len(), 4);
    for example in examples {
        let arguments: Vec<&str> = example.iter().map(String::as_str).collect();
        let output = hachi(folder.path(), &arguments);
        // The line is sound, and what it names is not there.
        let expected = if arguments.contains(&"--train") { 4 } else { 3 };
        assert_eq!(output.status.code(), Some(expected), "{arguments:?}: {}", text(&output.stderr));
    }
}

#[test]
fn the_version_is_the_packages() {
    assert_eq!(help(&["--version"]), concat!("hachi ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn exit_codes_tell_whose_turn_it_is() {
    let folder = tempfile::tempdir().expect("a writable folder");
    let code = |arguments: &[&str]| hachi(folder.path(), arguments).status.code();
    assert_eq!(code(&["runn"]), Some(2), "an unknown verb");
    assert_eq!(code(&[]), Some(2), "no verb");
    assert_eq!(code(&["sql"]), Some(2), "no query");
    assert_eq!(code(&["run", "--threads", "0"]), Some(2), "no threads");
    assert_eq!(code(&["sql", "select 1", "--json", "--csv"]), Some(2), "two forms at once");
    assert_eq!(code(&["check"]), Some(3), "no configuration");
    std::fs::write(folder.path().join("hachi.toml"), "[sources.ratings]\npath = \"none\"\n").expect("a writable file");
    assert_eq!(code(&["check"]), Some(4), "no data");
    assert_eq!(code(&["plan", "--select", "nothing"]), Some(3), "nothing of that name");
    assert_eq!(code(&["sql", "select 1"]), Some(1), "no lake");
}

#[test]
fn errors_go_to_stderr_with_a_cause_and_a_remedy() {
    let folder = tempfile::tempdir().expect("a writable folder");
    let output = hachi(folder.path(), &["check"]);
    assert_eq!(text(&output.stdout), "");
    let message = text(&output.stderr);
    assert!(message.starts_with("error: failed to read `hachi.toml`: No such file"), "{message}");
    assert!(message.contains("`hachi init`") && message.lines().count() == 1, "{message}");
}
