//! What a gate found as JUnit XML, which every CI system reads.

use crate::report::gate::numbers;
use crate::verdicts::gate::{Judged, Outcome};
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

/// The name of the suite.
const SUITE: &str = "scorebound gate";

/// One suite, with a case for each test.
pub(super) fn junit(judged: &Judged) -> Report {
    let mut suite = TestSuite::new(SUITE);
    let asked = &judged.asked;
    let groups = asked.groups.map_or_else(|| "none".into(), |groups| groups.to_string());
    for (name, value) in [
        ("law", judged.law.to_owned()),
        ("baseline", judged.baseline.unwrap_or("none").to_owned()),
        ("n", judged.tally.draws.to_string()),
        ("groups", groups),
        ("alpha", format!("{:e}", asked.alpha)),
        ("within", asked.within.to_string()),
        ("missed", format!("{:e}", asked.missed)),
    ] {
        suite.add_property(Property::new(name, value));
    }
    suite.add_test_cases(judged.outcomes.iter().map(case));
    let mut report = Report::new(SUITE);
    report.add_test_suite(suite);
    report
}

fn case(outcome: &Outcome) -> TestCase {
    let status = if outcome.pass {
        TestCaseStatus::success()
    } else {
        let mut failure = TestCaseStatus::non_success(NonSuccessKind::Failure);
        failure.set_type(outcome.kind.name()).set_message(&outcome.says).set_description(numbers(outcome));
        failure
    };
    let mut case = TestCase::new(&outcome.name, status);
    case.set_classname(outcome.kind.name());
    case
}
