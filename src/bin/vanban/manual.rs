//! `vanban deploy man` and `deploy completions`: what the shell and `man` need, from the same definitions as `--help`.

use clap::CommandFactory;
use std::io::Write;
use std::path::{Path, PathBuf};
use vanban::error::Error;

/// Man pages: `vanban(1)` and one for each command
///
/// With --out they are written into that folder, one file a page; without it only vanban(1) is printed.
///
///     vanban deploy man --out /usr/local/share/man/man1
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct Man {
    /// Write the pages into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Completions for a shell
///
///     vanban deploy completions bash > /etc/bash_completion.d/vanban
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct Completions {
    /// The shell that will read them
    shell: clap_complete::Shell,
}

impl Man {
    pub(crate) fn write(&self) -> Result<(), crate::Failure> {
        let command = crate::Cli::command();
        let Some(folder) = &self.out else {
            return Ok(clap_mangen::Man::new(command).render(&mut std::io::stdout().lock())?);
        };
        std::fs::create_dir_all(folder).map_err(|cause| Error::io(folder, cause))?;
        clap_mangen::generate_to(command, folder).map_err(|cause| Error::io(folder, cause))?;
        eprintln!("{}", Path::new(folder).join("vanban.1").display());
        Ok(())
    }
}

impl Completions {
    pub(crate) fn write(&self) -> Result<(), crate::Failure> {
        // Made in memory first: the generator cannot report that a reader closed the pipe.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut crate::Cli::command(), "vanban", &mut script);
        Ok(std::io::stdout().lock().write_all(&script)?)
    }
}
