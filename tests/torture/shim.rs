//! What `shim.c` does, from here.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::programs::root;

/// What the shim does with the changes of one program; the first change is number 1.
pub enum Plan<'a> {
    /// Counts them into a file.
    Count(&'a Path),
    /// SIGKILL before this one.
    KillBefore(u64),
    /// SIGKILL after this one.
    KillAfter(u64),
    /// From this one on, what needs room fails with this error number.
    Fail(u64, i32),
    /// Writes them down in a file, with their data.
    Record(&'a Path),
}

/// Has `command` run under the shim, which looks at changes below `lake`.
pub fn under(command: &mut Command, lake: &Path, plan: &Plan<'_>) {
    let lake = lake.canonicalize().expect("a lake");
    command.env("LD_PRELOAD", library()).env("TORTURE_ROOT", lake);
    match plan {
        Plan::Count(file) => command.env("TORTURE_COUNT", file),
        Plan::KillBefore(change) => command.env("TORTURE_KILL", change.to_string()),
        Plan::KillAfter(change) => command.env("TORTURE_KILL", change.to_string()).env("TORTURE_AFTER", "1"),
        Plan::Fail(change, error) => command.env("TORTURE_FAIL", change.to_string()).env("TORTURE_ERRNO", error.to_string()),
        Plan::Record(file) => command.env("TORTURE_LOG", file),
    };
}

/// The shim, compiled once by the machine's C compiler.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let source = root().join("tests/torture/shim.c");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let (made, library) = (folder.join(format!("shim-{}.so", std::process::id())), folder.join("shim.so"));
        let arguments = ["-shared", "-fPIC", "-O1", "-o"];
        let status = Command::new("cc").args(arguments).arg(&made).arg(source).args(["-ldl", "-lpthread"]).status();
        assert!(status.is_ok_and(|status| status.success()), "`cc` could not compile the shim; install a C compiler");
        // Another test process may be using the one that is there.
        std::fs::rename(made, &library).expect("a folder of ours");
        library
    })
}
