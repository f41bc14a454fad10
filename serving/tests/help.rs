//! The binary's command line: its help, and what it refuses. Serving is tested in `http`.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::os::unix::fs::PermissionsExt;
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
        "--tokens",
        "--cors",
        "--feedback",
        "--feedback-limit-mib",
        "--poll-seconds",
        "--log-format",
    ] {
        assert!(help.contains(option), "`{option}` is not in:\n{help}");
    }
}

#[test]
fn refuses_to_be_reached_from_elsewhere_without_tokens() {
    let lake = tempfile::tempdir().unwrap();
    let message = refused(&["--lake", lake.path().to_str().unwrap(), "--listen", "0.0.0.0:0"]);
    assert!(message.contains("everybody could ask") && message.contains("--tokens"), "{message}");
}

#[test]
fn refuses_tokens_and_origins_that_protect_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (lake, tokens) = (folder.path().to_str().unwrap(), folder.path().join("tokens.toml"));
    std::fs::write(&tokens, "").unwrap();
    std::fs::set_permissions(&tokens, std::fs::Permissions::from_mode(0o644)).unwrap();
    let with_tokens = ["--lake", lake, "--listen", "127.0.0.1:0", "--tokens", tokens.to_str().unwrap()];
    assert!(refused(&with_tokens).contains("chmod 600"));
    std::fs::set_permissions(&tokens, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert!(refused(&with_tokens).contains("nobody could ask"));
    assert!(refused(&["--lake", lake, "--listen", "127.0.0.1:0", "--cors", "*"]).contains("`*` is no origin"));
    assert!(refused(&["--lake", lake, "--feedback", lake]).contains("--pseudonym-key"));
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
