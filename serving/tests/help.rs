//! The binary's command line: its help, and what it refuses. Serving is tested in `http`.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hachi-serving")).args(arguments).output().unwrap()
}

fn refused(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(!output.status.success(), "{arguments:?} was accepted");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn help_names_every_option() {
    let output = run(&["--help"]);
    assert!(output.status.success());
    let help = String::from_utf8(output.stdout).unwrap();
    for option in [
        "--lake",
        "--store",
        "AWS_*",
        "--listen",
        "--pseudonym-key",
        "--allow-remote",
        "--poll-seconds",
        "--log-format",
        "no authentication",
    ] {
        assert!(help.contains(option), "`{option}` is not in:\n{help}");
    }
}

#[test]
fn refuses_to_be_reached_from_elsewhere_unless_allowed() {
    let lake = tempfile::tempdir().unwrap();
    let message = refused(&["--lake", lake.path().to_str().unwrap(), "--listen", "0.0.0.0:0"]);
    assert!(message.contains("no authentication yet") && message.contains("--allow-remote"), "{message}");
}

#[test]
fn refuses_what_is_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("none");
    let lake = folder.path().to_str().unwrap();
    let message = refused(&["--lake", lake, "--pseudonym-key", key.to_str().unwrap()]);
    assert!(message.contains("could not read or write the key file"), "{message}");
    assert!(refused(&["--listen", "127.0.0.1:0"]).contains("--lake"));
}
