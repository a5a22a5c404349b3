//! What a gate found as workflow commands of GitHub, which become annotations.

use crate::report::gate::{numbers, verdict};
use crate::verdicts::gate::Judged;

/// Failed tests with a line of their own: GitHub shows ten of a step.
const SHOWN: usize = 10;

/// An error for each of the first failed tests and one for the others, or a notice.
pub(super) fn github(judged: &Judged) -> String {
    let failures = judged.failures();
    if failures.is_empty() {
        return command("notice", "scorebound gate: PASS", &verdict(judged));
    }
    // The line for the others counts too.
    let shown = if failures.len() > SHOWN { SHOWN - 1 } else { SHOWN };
    let mut text: String = failures
        .iter()
        .take(shown)
        .map(|outcome| {
            let title = format!("scorebound gate: {}", outcome.name);
            command("error", &title, &format!("{}\n{}", outcome.says, numbers(outcome)))
        })
        .collect();
    if failures.len() > shown {
        let rest = format!("and {} more tests fail: {}", failures.len() - shown, verdict(judged));
        text += &command("error", "scorebound gate: FAIL", &rest);
    }
    text
}

fn command(kind: &str, title: &str, message: &str) -> String {
    let title = escaped(title).replace(':', "%3A").replace(',', "%2C");
    format!("::{kind} title={title}::{}\n", escaped(message))
}

fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::command;

    /// As `@actions/core` escapes them.
    #[test]
    fn commands_are_escaped() {
        assert_eq!(command("error", "a: 5 %, b", "x: 5 %,\r\ny"), "::error title=a%3A 5 %25%2C b::x: 5 %25,%0D%0Ay\n");
    }
}
