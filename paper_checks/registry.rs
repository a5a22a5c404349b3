//! The registry and this folder mirror each other.

use scorebound::bounds::{Claim, THEOREMS, find};
use scorebound::verdicts::verify;
use std::collections::HashSet;
use std::path::PathBuf;

/// The mirror file of a theorem with this extension.
fn mirror(id: &str, extension: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("paper_checks").join(id.replace('-', "_"));
    path.with_extension(extension)
}

/// Every statement label that the registry may use, in its order.
const LABELS: [&str; 47] = [
    "LLT-1", "LLT-1b", "LLT-1c", "LLT-2", "LLT-3a", "LLT-3b", "LLT-4a", "LLT-4b", "LLT-5a", "LLT-5b", "LLT-6a",
    "LLT-6b", "LLT-6c", "LLT-7a", "LLT-7b", "LLT-8", "LLT-9a", "LLT-9b", "LLT-9c", "LLT-10", "LLT-11", "LLT-12a",
    "LLT-12b", "LLT-12c", "LLT-12VE", "LLT-12d", "LLT-13", "LLT-13b", "LLT-14", "LLT-15", "LLT-16", "LLT-17",
    "LLT-18a", "LLT-18b", "LLT-18c", "LLT-18d", "LLT-18e", "LLT-18f", "LLT-18g", "LLT-18h", "LLT-19", "LLT-19b",
    "LLT-20", "LLT-20a", "LLT-20b", "LLT-20c", "LLT-21",
];

#[test]
fn every_theorem_has_its_statement_and_its_check() {
    for theorem in THEOREMS {
        let statement = std::fs::read_to_string(mirror(theorem.id, "md")).expect(theorem.id);
        assert_eq!(statement, theorem.statement, "{}", theorem.id);
        assert!(statement.contains("**Statement.**") && statement.contains("**Proof.**"), "{}", theorem.id);
        assert!(statement.contains(&format!("({})", theorem.labels[0])), "{} does not name its label", theorem.id);
        let check = std::fs::read_to_string(mirror(theorem.id, "rs")).expect(theorem.id);
        let mut last = 0;
        for test in [
            "fn restated_independently",
            "fn holds_where_it_should",
            "fn fails_when_a_hypothesis_is_dropped",
            "fn can_be_violated",
            "fn rate",
        ] {
            let place = check.find(test).unwrap_or_else(|| panic!("{} lacks `{test}`", theorem.id));
            assert!(place > last, "{}: `{test}` is out of order", theorem.id);
            last = place;
        }
        // Each hypothesis is broken by the check, or the check says why it cannot be.
        for hypothesis in theorem.hypotheses {
            assert!(check.contains(hypothesis.says), "{}: nothing breaks `{}`", theorem.id, hypothesis.says);
        }
    }
}

#[test]
fn every_check_has_its_theorem() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("paper_checks/lee_lu_tan_2022");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        if !["mod", "README"].contains(&name) {
            let id = format!("lee-lu-tan-2022/{}", name.replace('_', "-"));
            assert!(find(&id).is_some(), "{} belongs to no theorem", path.display());
        }
    }
}

#[test]
fn labels_and_ids_are_known_and_unique() {
    let ids: HashSet<_> = THEOREMS.iter().map(|t| t.id).collect();
    assert_eq!(ids.len(), THEOREMS.len());
    let labels: Vec<_> = THEOREMS.iter().flat_map(|t| t.labels).copied().collect();
    let known: Vec<_> = LABELS.into_iter().filter(|label| labels.contains(label)).collect();
    assert_eq!(labels, known, "in the order of the theory pages");
    for theorem in THEOREMS {
        for name in theorem.labels.iter().chain([&theorem.id]) {
            assert!(std::ptr::eq(find(name).unwrap(), *theorem));
        }
    }
}

#[test]
fn recalled_exponents_are_shown_beside_ours() {
    for label in ["LLT-6a", "LLT-6b"] {
        let exponents = find(label).unwrap().exponents;
        for of in ["epsilon", "step"] {
            let stated = |claim: Claim| exponents.iter().filter(|e| e.of == of && e.claim == claim).count();
            assert_eq!(stated(Claim::Guarantee), stated(Claim::Recalled), "{label} {of}");
        }
    }
}

/// `verify` never contradicts a theorem, and its result does not depend on the number of threads.
#[test]
fn verify_contradicts_nothing_and_ignores_threads() {
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| verify(THEOREMS, 3, 7, |_| ()))
    };
    let (alone, together) = (on(1), on(4));
    assert_eq!(alone, together);
    for summary in &alone {
        assert_eq!(summary.violated, 0, "{summary:?}");
        let counted = summary.holds + summary.undecided + summary.vacuous + summary.hypothesis_failed;
        assert_eq!(counted, summary.instances, "{summary:?}");
    }
}
