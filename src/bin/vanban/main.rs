//! The `vanban` command: parses arguments, calls the library, prints.
//!
//! Data to standard output, talk to standard error. Exit status: 0 done, 1 nothing
//! found, 2 an error stopped the command, 3 done but some inputs were set aside,
//! 75 the store is locked by another run.

mod adapt;
mod check;
mod deploy;
mod eval;
mod export;
mod extract;
mod formats;
mod gather;
mod gc;
mod manual;
mod map;
mod reindex;
mod resolve;
mod restore;
mod review;
mod rollback;
mod search;
mod serve;
mod show;
mod status;
mod trace;
mod train;
mod values;
mod web;

use clap::Parser;
use std::io::Write;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What stops a command.
type Failure = Box<dyn std::error::Error>;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Done,
    NothingFound,
    SomeSetAside,
}

#[derive(Parser, Debug)]
#[command(name = "vanban", version, about, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    Reindex(reindex::Args),
    Restore(restore::Args),
    Extract(extract::Args),
    Map(map::Args),
    Resolve(resolve::Args),
    Gather(gather::Args),
    Review(review::Args),
    Adapt(adapt::Args),
    Search(search::Args),
    Show(show::Args),
    Trace(trace::Args),
    Status(status::Args),
    Export(export::Args),
    Serve(serve::Args),
    Check(check::Args),
    Rollback(rollback::Args),
    Gc(gc::Args),
    Eval(eval::Args),
    Train(train::Args),
    Formats(formats::Args),
    Deploy(deploy::Args),
}

/// The store a command works on.
#[derive(clap::Args, Debug, Clone)]
pub(crate) struct StoreArg {
    /// Folder of the store
    #[arg(long, value_name = "DIR", env = "VANBAN_STORE", default_value = "./vanban-store", global = true)]
    pub(crate) store: std::path::PathBuf,
}

/// Today in Vietnam (Asia/Ho_Chi_Minh, which has kept UTC+7 since 1975).
pub(crate) fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(7))).date()
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match &cli.command {
        Command::Reindex(args) => reindex::run(args),
        Command::Restore(args) => restore::run(args),
        Command::Extract(args) => extract::run(args),
        Command::Map(args) => map::run(args),
        Command::Resolve(args) => resolve::run(args),
        Command::Gather(args) => gather::run(args),
        Command::Review(args) => review::run(args),
        Command::Adapt(args) => adapt::run(args),
        Command::Search(args) => search::run(args),
        Command::Show(args) => show::run(args),
        Command::Trace(args) => trace::run(args),
        Command::Status(args) => status::run(args),
        Command::Export(args) => export::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Check(args) => check::run(args),
        Command::Rollback(args) => rollback::run(args),
        Command::Gc(args) => gc::run(args),
        Command::Eval(args) => eval::run(args),
        Command::Train(args) => train::run(args),
        Command::Formats(args) => formats::run(args),
        Command::Deploy(args) => deploy::run(args),
    };
    match outcome {
        Ok(Status::Done) => ExitCode::SUCCESS,
        Ok(Status::NothingFound) => ExitCode::from(1),
        Ok(Status::SomeSetAside) => ExitCode::from(3),
        Err(failure) => report(failure.as_ref()),
    }
}

fn report(failure: &(dyn std::error::Error + 'static)) -> ExitCode {
    // A reader that closed the pipe has seen what it wanted.
    let mut cause = Some(failure);
    while let Some(error) = cause {
        if error.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe) {
            return ExitCode::SUCCESS;
        }
        cause = error.source();
    }
    // Who reads the errors may have gone too.
    let _ = writeln!(std::io::stderr(), "vanban: {failure}");
    match failure.downcast_ref::<vanban::error::Error>() {
        Some(error) if error.is_locked() => ExitCode::from(75),
        _ => ExitCode::from(2),
    }
}
