//! What a gate writes beside its table: JUnit XML, annotations, a page.

use super::Place;
use super::gate::{bytes, draws, npy, place};
use quick_junit::{NonSuccessKind, Report, TestCaseStatus};

/// Draws of which the variance is 1 (right) or 1.1 (wrong) times what it should be.
fn posed() -> Place {
    let place = place();
    for (name, variance) in [("right.npy", 2.0), ("wrong.npy", 2.2)] {
        place.file(name, &npy("<f8", false, "(20000, 2)", &bytes(&draws(20_000, variance))));
    }
    place
}

impl Place {
    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.dir.path().join(name)).unwrap()
    }

    /// What `--json` prints of the tests.
    fn tests(&self, samples: &str) -> Vec<serde_json::Value> {
        let (_, out, _) = self.gate(&["--samples", samples, "--json"]);
        serde_json::from_str::<serde_json::Value>(&out).unwrap()["tests"].as_array().unwrap().clone()
    }
}

#[test]
fn junit_has_a_case_for_each_test() {
    let place = posed();
    for (samples, code) in [("right.npy", 0), ("wrong.npy", 1)] {
        let (found, _, err) = place.gate(&["--samples", samples, "--junit", "gate.xml"]);
        assert_eq!(found, code, "{err}");
        let report = Report::deserialize_from_str(&place.read("gate.xml")).unwrap();
        let tests = place.tests(samples);
        let failed = tests.iter().filter(|test| test["pass"] == false).count();
        assert_eq!((report.tests, report.failures, report.errors), (tests.len(), failed, 0));
        assert_eq!(failed > 0, code == 1);
        let suite = &report.test_suites[0];
        assert_eq!((suite.name.as_str(), suite.test_cases.len()), ("scorebound gate", tests.len()));
        let property = |name: &str| {
            let found = suite.properties.iter().find(|property| property.name.as_str() == name);
            found.map(|property| property.value.as_str().to_owned()).unwrap_or_default()
        };
        assert_eq!(["alpha", "n", "groups", "within"].map(property), ["1e-6", "20000", "none", "0"].map(str::to_owned));
        assert!(property("law").contains("question.toml"));
        for (case, test) in suite.test_cases.iter().zip(&tests) {
            assert_eq!(case.name.as_str(), test["name"]);
            match &case.status {
                TestCaseStatus::Success { .. } => assert_eq!(test["pass"], true),
                TestCaseStatus::NonSuccess { kind, message, description, .. } => {
                    assert_eq!((test["pass"].as_bool(), *kind), (Some(false), NonSuccessKind::Failure));
                    assert_eq!(message.as_ref().unwrap().as_str(), test["says"]);
                    let numbers = description.as_ref().unwrap().as_str();
                    assert!(["found", "p at most", "its share"].iter().all(|word| numbers.contains(word)), "{numbers}");
                }
                other => panic!("{other:?}"),
            }
            let class = case.classname.as_ref().unwrap().as_str();
            assert!(case.name.as_str().starts_with(class), "{class}");
        }
    }
}

/// Annotations are errors for failed tests, no more than GitHub shows of a step, and a notice on a pass; stdout is the same.
#[test]
fn annotations_are_few() {
    let place = posed();
    let (_, plain, silent) = place.gate(&["--samples", "wrong.npy"]);
    let (code, out, err) = place.gate(&["--samples", "wrong.npy", "--github"]);
    assert!(code == 1 && out == plain && silent.is_empty(), "{out}{silent}");
    let failed: Vec<_> = place.tests("wrong.npy").into_iter().filter(|test| test["pass"] == false).collect();
    assert!(failed.len() > 10);
    assert!(
        err.lines().count() == 10 && err.lines().all(|line| line.starts_with("::error title=scorebound gate%3A ")),
        "{err}"
    );
    assert!(err.lines().next().unwrap().contains("found, ") && err.contains("%0Afound "), "{err}");
    let last = err.lines().last().unwrap();
    assert!(last.contains(&format!("::and {} more tests fail", failed.len() - 9)), "{last}");
    let (code, _, err) = place.gate(&["--samples", "right.npy", "--github"]);
    assert!(
        code == 0 && err.starts_with("::notice title=scorebound gate%3A PASS::") && err.lines().count() == 1,
        "{err}"
    );
}

#[test]
fn the_page_tells_and_shows_what_is_wrong() {
    let place = posed();
    for (samples, code, word) in [("right.npy", 0, "PASS"), ("wrong.npy", 1, "FAIL")] {
        assert_eq!(place.gate(&["--samples", samples, "--html", "page.html"]).0, code);
        let page = place.read("page.html");
        assert!(page.contains(&format!("<strong>{word}:</strong>")) && page.contains("question.toml"));
        // The overview, moments, quantiles, differences, tails, order.
        assert_eq!(page.matches("<svg").count(), 6);
        let tests = place.tests(samples);
        let odds = |test: &serde_json::Value| test["p-bound"].as_f64().unwrap() / test["share"].as_f64().unwrap();
        let worst = tests.iter().min_by(|a, b| odds(a).total_cmp(&odds(b))).unwrap();
        assert_eq!(page.contains(&format!("</strong>: {}", worst["says"].as_str().unwrap())), code == 1);
        for test in &tests {
            assert!(page.contains(&format!("<td>{}</td>", test["name"].as_str().unwrap())), "{test}");
        }
    }
}

/// Nothing else changes: what is printed is the same bytes, and the same draws make the same page.
#[test]
fn reports_leave_the_output_alone() {
    let place = posed();
    let plain = place.gate(&["--samples", "wrong.npy", "--json"]);
    let (page, xml) = ("page.html", "gate.xml");
    let more = place.gate(&["--samples", "wrong.npy", "--json", "--html", page, "--junit", xml]);
    assert_eq!(plain, more);
    let first = (place.read(page), place.read(xml));
    place.gate(&["--samples", "wrong.npy", "--html", page, "--junit", xml, "--threads", "1"]);
    assert!((place.read(page), place.read(xml)) == first);
}

/// Where a file cannot be written, nothing is: neither the other one nor a part of it, and nothing is said of the draws.
#[test]
fn bad_places_are_refused_before_anything_is_written() {
    let place = posed();
    std::fs::create_dir(place.dir.path().join("taken")).unwrap();
    let list = || {
        let mut names: Vec<_> = std::fs::read_dir(place.dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = list();
    for (more, says) in [
        (&["--html", "none/page.html", "--junit", "gate.xml"][..], "--html none/page.html: there is no directory none"),
        (&["--junit", "none/gate.xml", "--html", "page.html"], "--junit none/gate.xml: there is no directory none"),
        (&["--html", "taken", "--junit", "gate.xml"], "--html taken is a directory"),
        (&["--html", "both", "--junit", "both"], "name the same file"),
    ] {
        let (code, out, err) = place.gate(&[&["--samples", "wrong.npy", "--github"], more].concat());
        assert!(code == 2 && out.is_empty() && err.contains(says) && !err.contains("::error"), "{more:?}: {out}{err}");
        assert_eq!(list(), before, "{more:?}");
    }
}
