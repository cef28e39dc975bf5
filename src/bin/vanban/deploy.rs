//! `vanban deploy`: prints what a server or a cluster needs to run the job, and what shells need.

mod search;

use crate::manual::{Completions, Man};
use crate::{Failure, Status};
use std::io::Write;
use std::path::PathBuf;

/// Print deployment files
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    target: Target,
}

#[derive(clap::Subcommand, Debug)]
enum Target {
    Systemd(Systemd),
    Spark(Spark),
    Search(search::Args),
    Man(Man),
    Completions(Completions),
}

/// A sandboxed service and its timer, for systemd
///
/// Printed one after the other, each under a comment with its file name; with --out they are
/// written into that folder.
///
///     vanban deploy systemd --archive /srv/archive --store /srv/vanban --out /etc/systemd/system
///     systemctl daemon-reload && systemctl enable --now vanban-reindex.timer
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
struct Systemd {
    /// The folder to index
    #[arg(long, value_name = "DIR")]
    archive: PathBuf,
    /// Folder of the store
    #[arg(long, value_name = "DIR", default_value = "/var/lib/vanban")]
    store: PathBuf,
    /// The user the job runs as; must be allowed to read the archive
    #[arg(long, default_value = "vanban")]
    user: String,
    /// When, as in systemd.time(7)
    #[arg(long, value_name = "WHEN", default_value = "*-*-* 01:30:00")]
    on_calendar: String,
    /// The program [default: this one]
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// Write the files into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// A driver for Apache Spark 4, in Python
///
/// Printed, or with --out written into that file. It runs on a cluster that is there: it ships
/// this program to the workers, restores and reads what is new, links everything and publishes
/// the whole at once. It explains itself under --help.
///
///     vanban deploy spark --out vanban_spark.py
///     spark-submit vanban_spark.py run --vanban $(which vanban) --input /srv/scans --out /srv/vanban
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
struct Spark {
    /// Write the driver into this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// One file, since that is what `spark-submit` takes.
const DRIVER: &str = concat!(
    include_str!("deploy/spark/head.py"),
    include_str!("deploy/spark/run.py"),
    include_str!("deploy/spark/main.py")
);

pub(crate) fn run(args: &Args) -> Result<Status, Failure> {
    match &args.target {
        Target::Systemd(systemd) => systemd.write()?,
        Target::Spark(spark) => match &spark.out {
            Some(path) => std::fs::write(path, DRIVER).map_err(|cause| vanban::error::Error::io(path, cause))?,
            None => std::io::stdout().lock().write_all(DRIVER.as_bytes())?,
        },
        Target::Search(args) => search::write(args)?,
        Target::Man(man) => man.write()?,
        Target::Completions(completions) => completions.write()?,
    }
    Ok(Status::Done)
}

impl Systemd {
    fn write(&self) -> Result<(), Failure> {
        let files = [("vanban-reindex.service", service(self)?), ("vanban-reindex.timer", timer(self))];
        for (name, text) in files {
            match &self.out {
                Some(folder) => {
                    let path = folder.join(name);
                    std::fs::write(&path, text).map_err(|cause| vanban::error::Error::io(&path, cause))?;
                    eprintln!("{}", path.display());
                }
                None => write!(std::io::stdout().lock(), "# {name}\n{text}\n")?,
            }
        }
        Ok(())
    }
}

fn service(systemd: &Systemd) -> Result<String, Failure> {
    let program = match &systemd.program {
        Some(program) => program.clone(),
        None => std::env::current_exe()?,
    };
    let (archive, store, user) = (quoted(&systemd.archive)?, quoted(&systemd.store)?, &systemd.user);
    let (report, metrics) =
        (quoted(&systemd.store.join("last-run.json"))?, quoted(&systemd.store.join("vanban.prom"))?);
    // Only command lines replace variables.
    let exec = format!(
        "{} reindex {archive} --store {store} --keep 7 --log-json --report {report} --metrics {metrics}",
        quoted(&program)?
    )
    .replace('$', "$$");
    Ok(format!(
        "[Unit]
Description=Read the archive and publish it
RequiresMountsFor={archive} {store}

[Service]
Type=oneshot
User={user}
ExecStart={exec}
# Some files were set aside: the report names them; the run itself went well.
SuccessExitStatus=3
# Another run holds the store.
RestartPreventExitStatus=75
TimeoutStopSec=15
Nice=10
IOSchedulingClass=idle
MemoryMax=4G
ReadWritePaths={store}
ReadOnlyPaths={archive}
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
PrivateNetwork=yes
RestrictAddressFamilies=AF_UNIX
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
UMask=0027
"
    ))
}

fn timer(systemd: &Systemd) -> String {
    format!(
        "[Unit]
Description=Read the archive every night

[Timer]
OnCalendar={}
# A night the machine slept through is made up for.
Persistent=true
RandomizedDelaySec=10min

[Install]
WantedBy=timers.target
",
        systemd.on_calendar
    )
}

/// One word of a list, as systemd.syntax(7) quotes it.
fn quoted(path: &std::path::Path) -> Result<String, Failure> {
    let text = path.to_str().ok_or_else(|| format!("{}: not UTF-8; rename it", path.display()))?;
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%");
    Ok(if escaped.contains(char::is_whitespace) { format!("\"{escaped}\"") } else { escaped })
}
