//! What commands print, on both streams, and how they end; failures too.

use assert_cmd::Command;

fn vanban(arguments: &[&str]) -> String {
    let output = Command::cargo_bin("vanban").unwrap().args(arguments).assert().success().get_output().stdout.clone();
    String::from_utf8(output).unwrap()
}

/// Names of all commands, nested ones after their parent: `deploy systemd`.
fn commands(parent: &[&str]) -> Vec<String> {
    let help = vanban(&[parent, &["--help"]].concat());
    let Some((_, list)) = help.split_once("\nCommands:\n") else { return Vec::new() };
    let rows =
        list.lines().take_while(|row| !row.is_empty()).filter(|row| row.starts_with("  ") && !row.starts_with("   "));
    let names = rows.filter_map(|row| row.split_whitespace().next()).filter(|name| *name != "help");
    names
        .flat_map(|name| {
            let path: Vec<&str> = parent.iter().copied().chain([name]).collect();
            let nested = commands(&path);
            std::iter::once(path.join(" ")).chain(nested).collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn commands_print_what_the_transcripts_show() {
    trycmd::TestCases::new().case("fixtures/cli/*.trycmd");
}

#[test]
fn every_command_has_an_example_in_its_help() {
    let commands = commands(&[]);
    assert!(commands.len() > 15, "{commands:?}");
    for command in commands.iter().filter(|command| self::commands(&command.split(' ').collect::<Vec<_>>()).is_empty())
    {
        let help = vanban(&command.split(' ').chain(["--help"]).collect::<Vec<_>>());
        let (before_usage, options) = help.split_once("\nUsage:").unwrap();
        assert!(
            before_usage.contains(&format!("vanban {command}")),
            "{command} --help shows no example:\n{before_usage}"
        );
        // Of an example only what comes before a pipe is this command's.
        let examples = before_usage.split("vanban ").skip(1).filter(|example| example.starts_with(command.as_str()));
        for word in examples.flat_map(|example| example.split(['|', '>', '`', '#']).next().unwrap().split_whitespace())
        {
            assert!(!word.starts_with("--") || options.contains(word), "{command} --help: no option {word}");
        }
    }
}

#[test]
fn there_is_a_man_page_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    vanban(&["deploy", "man", "--out", folder.path().to_str().unwrap()]);
    for command in commands(&[]) {
        let page = folder.path().join(format!("vanban-{}.1", command.replace(' ', "-")));
        let text = std::fs::read_to_string(&page).unwrap_or_else(|cause| panic!("{}: {cause}", page.display()));
        assert!(text.contains(".SH NAME") && text.contains(".SH OPTIONS"), "{command}");
    }
}

#[test]
fn completions_know_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = vanban(&["deploy", "completions", shell]);
        for command in commands(&[]) {
            assert!(script.contains(command.rsplit(' ').next().unwrap()), "{shell}: {command}");
        }
    }
}

#[test]
fn the_packaged_units_are_those_the_binary_prints() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["--archive", "/srv/vanban/archive", "--store", "/var/lib/vanban", "--program", "/usr/bin/vanban"];
    vanban(&[&["deploy", "systemd", "--out", folder.path().to_str().unwrap()], &paths[..]].concat());
    for name in ["vanban-reindex.service", "vanban-reindex.timer"] {
        let printed = std::fs::read_to_string(folder.path().join(name)).unwrap();
        let packaged = std::fs::read_to_string(format!("fixtures/deb/{name}")).unwrap();
        assert_eq!(printed, packaged, "{name}");
    }
}
