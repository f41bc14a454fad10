//! The examples of the page for site developers, each run by its language where that is installed.

use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::programs::{Said, assert_holds, program, root};
use crate::sample;
use crate::sidecar::Sidecar;

/// A member of the sample, whom the examples ask for.
const MEMBER: &str = "u100252";
const TOKEN: &str = "token-of-the-examples";
/// SHA-256 of it.
const TOKEN_HASH: &str = "b5b527efe6feba2636f52b17263e26772920dbf798391777656c7d44f57afe15";
/// Signs members' tokens.
const SECRET: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
/// Where the examples expect the sidecar.
const ADDRESS: &str = "http://127.0.0.1:8787";

/// A sidecar that asks for tokens and keeps impressions, in a folder of its own.
struct Served {
    folder: TempDir,
    sidecar: Sidecar,
}

impl Served {
    fn new(hash: &str, key: (&str, &str)) -> Served {
        let folder = tempfile::tempdir().expect("a writable folder");
        let (algorithm, key) = key;
        let text = format!(
            "[[token]]\nname = 'site'\nscope = 'site'\nsha256 = '{hash}'\n\n\
             [[member_key]]\nid = '2026-11'\nalgorithm = '{algorithm}'\nkey = '{key}'\n"
        );
        let tokens = folder.path().join("tokens.toml");
        let mut file = fs::File::options().write(true).create(true).truncate(true).mode(0o600).open(&tokens).expect("a writable folder");
        std::io::Write::write_all(&mut file, text.as_bytes()).expect("a writable file");
        let site = &sample::published().site;
        let mut command = Command::new(program("hachi-serving"));
        command.arg("--lake").arg(site.lake()).arg("--pseudonym-key").arg(site.key()).arg("--tokens").arg(tokens);
        command.args(["--listen", "127.0.0.1:0", "--feedback"]).arg(folder.path().join("feedback")).env_remove("RUST_LOG");
        let sidecar = Sidecar::ready(&mut command);
        Served { folder, sidecar }
    }

    fn with_known_secrets() -> Served {
        Served::new(TOKEN_HASH, ("HS256", SECRET))
    }

    /// Runs a program, which is written into the folder first; none, with a word on stderr, where its language is not installed.
    fn run(&self, tool: &str, name: &str, program: &str) -> Option<Said> {
        let file = self.folder.path().join(name);
        fs::write(&file, program.replace(ADDRESS, self.sidecar.url())).expect("a writable folder");
        run(tool, &file)
    }

    /// How many impressions were kept.
    fn kept(&self) -> usize {
        let files = fs::read_dir(self.folder.path().join("feedback")).expect("a folder");
        let texts = files.map(|file| fs::read_to_string(file.expect("a file").path()).expect("text"));
        texts.map(|text| text.lines().filter(|line| line.contains(MEMBER)).count()).sum()
    }

    /// Asks for the member's list with a token.
    #[track_caller]
    fn assert_is_member(&self, token: &str) {
        let list = self.sidecar.get_as(token, &format!("/v1/users/{MEMBER}/recommendations?limit=1")).ok();
        assert_eq!(list["source"], "personal");
        assert_eq!(self.sidecar.get_as(token, "/v1/users/somebody-else/recommendations").status, 403);
    }
}

fn run(tool: &str, file: &Path) -> Option<Said> {
    let folder = file.parent().expect("a file has a folder");
    let ran = Command::new(tool).arg(file).current_dir(folder).env("TOKEN", TOKEN).stdin(Stdio::null()).output();
    if ran.is_err() {
        eprintln!("skipped: `{tool}` is not installed");
    }
    ran.ok().map(Said::from)
}

/// The block of this language after `heading`, as it stands on the page.
fn example(heading: &str, language: &str) -> String {
    let path: PathBuf = root().join("docs/site-developers.md");
    let page = fs::read_to_string(path).expect("the page is there");
    let (_, section) = page.split_once(heading).unwrap_or_else(|| unreachable!("no `{heading}`"));
    let fence = format!("```{language}\n");
    let (_, block) = section.split_once(&fence).unwrap_or_else(|| unreachable!("no `{language}` after `{heading}`"));
    let (block, _) = block.split_once("\n```").expect("a block ends");
    format!("{block}\n")
}

/// Asserts that the three requests of a language are answered, and that what it reports is kept.
fn check(language: &str, tool: &str, expected: &[&str], kept: usize) {
    let served = Served::with_known_secrets();
    let name = if language == "js" { "example.mjs" } else { "example" };
    let Some(said) = served.run(tool, name, &example("\n## In your language\n", language)) else { return };
    assert_holds(&said.ok().stdout, expected);
    assert_eq!(served.kept(), kept);
}

#[test]
fn the_shell_asks() {
    check("sh", "sh", &[r#""source":"personal""#, r#""source":"session""#, r#"{"accepted":1}"#], 1);
}

#[test]
fn javascript_asks() {
    check("js", "node", &["personal session { accepted: 3 }\n"], 3);
}

#[test]
fn python_asks() {
    check("python", "python3", &["personal session {'accepted': 3}\n"], 3);
}

#[test]
fn php_asks() {
    check("php", "php", &["personal session 3\n"], 3);
}

#[test]
fn php_signs_a_member_s_token() {
    let served = Served::with_known_secrets();
    let given = format!("<?php\n$memberId = '{MEMBER}';\n$secret = '{SECRET}';\n");
    let signs = example("\n## Who may ask\n", "php");
    let Some(said) = served.run("php", "sign.php", &format!("{given}{signs}echo $token;\n")) else { return };
    served.assert_is_member(&said.ok().stdout);
}

#[test]
fn python_signs_a_member_s_token() {
    let served = Served::with_known_secrets();
    let signs = example("\n**Signing a token.**", "python");
    let call = format!("print(member_token('{MEMBER}', '2026-11', bytes.fromhex('{SECRET}')))\n");
    let Some(said) = served.run("python3", "sign.py", &format!("{signs}{call}")) else { return };
    served.assert_is_member(said.ok().stdout.trim());
}

#[test]
fn tokens_and_keys_are_made_as_the_page_says() {
    let folder = tempfile::tempdir().expect("a writable folder");
    let file = folder.path().join("make.sh");
    fs::write(&file, example("requests_per_second = 200", "sh")).expect("a writable folder");
    if Command::new("openssl").arg("version").output().is_err() {
        eprintln!("skipped: `openssl` is not installed");
        return;
    }
    let said = run("sh", &file).expect("there is a shell").ok();
    let token = said.stderr.lines().next().expect("a token");
    let (hash, key) = said.stdout.split_once('\n').expect("a hash, and a key");
    let served = Served::new(hash.trim_end_matches([' ', '-']), ("EdDSA", key));
    assert_eq!(served.sidecar.get_as(token, "/v1/kpis").status, 200);
    assert_eq!(served.sidecar.get_as(TOKEN, "/v1/kpis").status, 401);
}
