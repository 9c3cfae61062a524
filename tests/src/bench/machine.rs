//! What the figures were taken on, for whoever compares them with other figures.

use std::env;
use std::fs;
use std::process::Command;
use std::thread::available_parallelism;

/// The machine and the tools, as lines of name and value.
pub fn describe() -> Vec<(&'static str, String)> {
    vec![
        ("processor", processor()),
        (
            "processors to run on",
            available_parallelism().map_or_else(|_| "unknown".to_owned(), |n| n.to_string()),
        ),
        ("virtual machine", virtual_machine()),
        ("kernel", first_line("uname", &["-sr"])),
        ("rustc", first_line("rustc", &["--version"])),
        ("cc", first_line(&env::var("CC").unwrap_or_else(|_| "cc".to_owned()), &["--version"])),
        ("load when it began", load()),
    ]
}

/// Date and time in UTC, as `2026-01-31 12:00 UTC`.
pub fn date() -> String {
    first_line("date", &["-u", "+%Y-%m-%d %H:%M UTC"])
}

/// The name under which a run on this day and this kind of machine is kept.
pub fn record_name() -> String {
    let processors = available_parallelism().map_or(0, usize::from);
    name_of(&first_line("date", &["-u", "+%Y-%m-%d"]), &processor(), processors)
}

/// Day, processor and number of processors, in small letters, digits and dashes.
fn name_of(day: &str, processor: &str, processors: usize) -> String {
    let mut name = day.to_owned();
    for word in processor.split(|letter: char| !letter.is_ascii_alphanumeric()) {
        if !word.is_empty() {
            name.push('-');
            name.push_str(&word.to_ascii_lowercase());
        }
    }
    format!("{name}-{processors}.md")
}

/// The average number of running processes over the last minute; much above 0 means that others ran.
fn load() -> String {
    let line = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    line.split_whitespace().next().unwrap_or("unknown").to_owned()
}

fn cpu_line(name: &str) -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn processor() -> String {
    cpu_line("model name").unwrap_or_else(|| env::consts::ARCH.to_owned())
}

/// A hypervisor shows itself to its guests among the flags of the processor.
fn virtual_machine() -> String {
    let is_guest = cpu_line("flags").is_some_and(|flags| flags.split(' ').any(|flag| flag == "hypervisor"));
    if is_guest { "yes" } else { "not that the processor says" }.to_owned()
}

/// The first line that a tool prints; tools that are not there are unknown, which is no reason to stop.
fn first_line(tool: &str, arguments: &[&str]) -> String {
    let output = Command::new(tool).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or("unknown").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn a_record_is_named_by_day_and_machine() {
        let processor = "Intel(R) Xeon(R) CPU @ 2.20GHz";
        assert_eq!(name_of("2026-01-31", processor, 8), "2026-01-31-intel-r-xeon-r-cpu-2-20ghz-8.md");
    }
}
