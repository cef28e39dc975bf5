//! Runs one outside program under limits.

use super::super::{Limits, Refused};
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// An outside program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tool {
    pub(crate) program: &'static str,
    /// Debian packages, to be named to a person.
    pub(crate) package: &'static str,
    /// What it reads.
    pub(crate) does: &'static str,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// What it wrote to standard output.
    Done(Vec<u8>),
    /// The last line it said.
    Failed(String),
    TimedOut,
}

/// Output beyond this is no text of any paper.
const MOST_OUTPUT: u64 = 256 << 20;

impl Tool {
    /// The program's file, looked for as a shell would.
    pub(crate) fn find(&self) -> Option<PathBuf> {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|folder| folder.join(self.program)).find(|file| file.is_file())
    }

    /// What to say where it is not installed.
    pub(crate) fn missing(&self) -> Refused {
        Refused {
            reason: "tool-missing",
            message: format!(
                "`{}`, which reads {}, is not installed; apt install {}",
                self.program, self.does, self.package
            ),
        }
    }

    /// Runs with `input` on standard input, under the limits of memory and `time`.
    pub(crate) fn run(
        &self,
        arguments: &[&str],
        input: &[u8],
        time: Duration,
        limits: &Limits,
    ) -> Result<Outcome, Refused> {
        let program = self.find().ok_or_else(|| self.missing())?;
        if time.is_zero() {
            return Ok(Outcome::TimedOut);
        }
        let world = |error: std::io::Error| Refused {
            reason: "world",
            message: format!("`{}` cannot be started: {error}", self.program),
        };
        let mut child = command(&program, arguments, time, limits).spawn().map_err(world)?;
        let outcome = talk(&mut child, input, time);
        if outcome.is_none() {
            end_group(&child);
        }
        // Ended or killed: this returns at once.
        let status = child.wait().map_err(world)?;
        Ok(match outcome {
            None => Outcome::TimedOut,
            Some((output, _)) if status.success() => Outcome::Done(output),
            Some((_, said)) => {
                let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it gave no reason");
                Outcome::Failed(last.trim().chars().take(200).collect())
            }
        })
    }
}

/// The limits are set by the shell, so that nothing here needs unsafe code.
fn command(program: &Path, arguments: &[&str], time: Duration, limits: &Limits) -> Command {
    let mut command = Command::new("/bin/sh");
    command
        .arg("-c")
        .arg("ulimit -v \"$1\"; ulimit -t \"$2\"; ulimit -f \"$3\"; ulimit -c 0; shift 3; exec \"$@\"")
        .arg("sh")
        .arg((limits.tool_memory / 1024).to_string())
        .arg((time.as_secs() + 1).saturating_mul(4).to_string())
        .arg((MOST_OUTPUT / 512).to_string())
        .arg(program)
        .args(arguments)
        // Pages run side by side, so each keeps to one thread.
        .env("OMP_THREAD_LIMIT", "1")
        .env("LC_ALL", "C.UTF-8")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Feeds and drains the program; `None` when time ran out.
fn talk(child: &mut Child, input: &[u8], time: Duration) -> Option<(Vec<u8>, String)> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (done, ended) = mpsc::channel();
    let input = input.to_vec();
    // Not scoped: a program that forks away may hold the pipes open past its own end.
    std::thread::spawn(move || {
        if let Some(mut stdin) = stdin {
            let _ = stdin.write_all(&input);
        }
    });
    std::thread::spawn(move || {
        let said = std::thread::spawn(move || {
            let mut said = Vec::new();
            if let Some(stderr) = stderr {
                let _ = stderr.take(1 << 20).read_to_end(&mut said);
            }
            said
        });
        let mut output = Vec::new();
        if let Some(stdout) = stdout {
            let _ = stdout.take(MOST_OUTPUT).read_to_end(&mut output);
        }
        let said = said.join().unwrap_or_default();
        let _ = done.send((output, String::from_utf8_lossy(&said).into_owned()));
    });
    ended.recv_timeout(time).ok()
}

/// Kills the program and all it started.
fn end_group(child: &Child) {
    let group = format!("-{}", child.id());
    let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
}
