//! The registry and this folder mirror each other.

use scorebound::bounds::{Claim, Instance, THEOREMS, Theorem, find};
use scorebound::experiments::{Source, Spec, written};
use scorebound::numerics::Interval;
use scorebound::verdicts::{Judgement, check_hypotheses, decide, instance, tightest, verify};
use std::collections::HashSet;
use std::path::PathBuf;

/// The mirror file of a theorem with this extension.
fn mirror(id: &str, extension: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("paper_checks").join(id.replace('-', "_"));
    path.with_extension(extension)
}

/// Every statement label of the registry, in its order; LLT-0 and LLT-20c have pages of their own.
#[rustfmt::skip]
const LABELS: [&str; 110] = [
    "LLT-1", "LLT-1b", "LLT-1c", "LLT-2", "LLT-3a", "LLT-3b", "LLT-4a", "LLT-4b", "LLT-5a", "LLT-5b", "LLT-6a",
    "LLT-6b", "LLT-6c", "LLT-7a", "LLT-7b", "LLT-8", "LLT-9a", "LLT-9b", "LLT-9c", "LLT-10", "LLT-11", "LLT-12a",
    "LLT-12b", "LLT-12c", "LLT-12VE", "LLT-12d", "LLT-13", "LLT-13b", "LLT-14", "LLT-15", "LLT-16", "LLT-17",
    "LLT-18a", "LLT-18b", "LLT-18c", "LLT-18d", "LLT-18e", "LLT-18f", "LLT-18g", "PMM-4a", "PMM-4b", "PMM-4g", "LLT-18h", "LLT-19", "LLT-19b",
    "LLT-20a", "LLT-20b", "LLT-21", "LLT-21b", "LLT-21c",
    "PMM-2a", "PMM-2a-kl", "PMM-2a-w2", "PMM-2b", "PMM-2c", "PMM-2c-chi2", "PMM-3a", "PMM-3b",
    "PMM-4c", "PMM-4d", "PMM-4d-norm", "PMM-4e", "PMM-4f", "PMM-4h",
    "PMM-5", "PMM-6", "PMM-7", "PMM-8a", "PMM-8b", "PMM-8", "PMM-9a", "PMM-9b", "PMM-10a", "PMM-10b",
    "PMM-11", "PMM-11b", "PMM-12", "PMM-13", "PMM-13b", "PMM-14", "PMM-14b", "PMM-15", "PMM-15b", "PMM-15c",
    "PMM-16a", "PMM-16b", "PMM-16c", "PMM-N",
    "HRX-4", "HRX-6a", "HRX-6b", "HRX-7", "HRX-8", "HRX-11", "HRX-12a", "HRX-12b", "HRX-14a", "HRX-14a-test", "HRX-14b",
    "HRX-14c",
    "HRX-15a", "HRX-15b", "HRX-15c", "HRX-15d", "HRX-16a", "HRX-16b", "HRX-16c", "HRX-18a", "HRX-18b", "HRX-20",
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
    for folder in ["lee_lu_tan_2022", "pedrotti_maas_mondelli_2024", "han_razaviyayn_xu_2024"] {
        let here = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("paper_checks").join(folder);
        for entry in std::fs::read_dir(here).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            if !["mod", "README"].contains(&name) {
                let id = format!("{folder}/{name}").replace('_', "-");
                assert!(find(&id).is_some(), "{} belongs to no theorem", path.display());
            }
        }
    }
}

#[test]
fn labels_and_ids_are_known_and_unique() {
    let ids: HashSet<_> = THEOREMS.iter().map(|t| t.id).collect();
    assert_eq!(ids.len(), THEOREMS.len());
    let labels: Vec<_> = THEOREMS.iter().flat_map(|t| t.labels).copied().collect();
    assert_eq!(labels, LABELS, "in the order of the theory pages");
    for theorem in THEOREMS {
        for name in theorem.labels.iter().chain([&theorem.id]) {
            assert!(std::ptr::eq(find(name).unwrap(), *theorem));
        }
    }
}

/// The parts of a bound along the way make up the terms of the bound.
#[test]
fn profiles_add_up_to_the_terms_of_the_bound() {
    let mut seen = 0;
    for theorem in THEOREMS.iter().filter(|theorem| theorem.profile.is_some()) {
        let profile = theorem.profile.unwrap();
        let instances = (0..200).map(|i| instance(theorem, 11, i));
        let held = instances.filter(|at| check_hypotheses(theorem, at).is_ok()).take(5);
        for at in held {
            let (bound, parts) = ((theorem.bound)(&at).unwrap(), profile(&at).unwrap());
            for name in parts[0].terms.iter().map(|(name, _)| *name) {
                let sum: Interval =
                    parts.iter().flat_map(|p| &p.terms).filter(|(n, _)| *n == name).map(|(_, x)| *x).sum();
                let Some((_, whole)) = bound.terms.iter().find(|(n, _)| *n == name) else {
                    panic!("{}: the bound has no term `{name}`", theorem.id)
                };
                let slack = 1e-9 * (whole.magnitude() + bound.value.magnitude());
                let agrees = sum.widen(slack).overlaps(*whole);
                assert!(agrees, "{}: `{name}` {sum} of the parts, {whole} of the bound", theorem.id);
                seen += 1;
            }
            assert!(parts.windows(2).all(|p| p[0].to == p[1].from || p[0].to == at.level), "{}", theorem.id);
        }
    }
    assert!(seen >= 5 * 2 * 5, "{seen}");
}

#[test]
fn recalled_exponents_are_shown_beside_ours() {
    for label in ["LLT-6a", "LLT-6b", "LLT-6c"] {
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
        // As many hold as were asked for, and the last instance judged is one of them; or all that may be were tried.
        assert!(
            summary.asked == 3 && (summary.holds == 3 || summary.instances == if summary.holds == 0 { 19 } else { 74 }),
            "{summary:?}"
        );
        let last = summary.remarks.last().map_or(0, |(index, _)| index + 1);
        assert!(summary.holds < 3 || last < summary.instances, "{summary:?}");
        let carried = summary.engines.values().sum::<u64>();
        assert!(carried == 0 || carried == summary.holds, "{summary:?}");
        let counted = summary.holds + summary.undecided + summary.vacuous + summary.hypothesis_failed;
        assert_eq!(counted, summary.instances, "{summary:?}");
    }
}

/// What a theorem says of an instance that went through a spec.
fn through_spec(theorem: &Theorem, at: &Instance) -> Judgement {
    let text = written(theorem, at, "title", "question").unwrap_or_else(|why| panic!("{}: {why}", theorem.id));
    let read = Spec::parse("spec", Source::new("spec".into(), text.clone())).and_then(|spec| {
        assert_eq!(spec.theorems.iter().map(|t| t.id).collect::<Vec<_>>(), [theorem.id]);
        let posed = spec.question_of(&spec.tree)?.pose(at.settings.seed);
        posed.map_err(|flaw| spec.at(flaw))
    });
    decide(theorem, &read.unwrap_or_else(|why| panic!("{}: {why}\n{text}", theorem.id)).instance)
}

/// Two judgements agree: the same verdict, and both sides the same to 1e-12, or to a fifth of how well they are known.
fn assert_same(theorem: &Theorem, a: &Judgement, b: &Judgement) {
    assert_eq!(a.verdict.word(), b.verdict.word(), "{}: {a}\n{b}", theorem.id);
    let sides = |j: &Judgement| {
        let of = |x: Option<Interval>| x.map_or([[f64::NAN; 2]; 2], |x| [x.lo(), x.hi()].map(|end| [end, x.width()]));
        [of(j.measured.as_ref().map(|m| m.value)), of(j.bound.as_ref().map(|b| b.value))].concat()
    };
    for ([x, known_to], [y, _]) in sides(a).into_iter().zip(sides(b)) {
        let slack = 1e-12 * x.abs() + 0.2 * known_to;
        let same = x == y || (x.is_nan() && y.is_nan()) || (x - y).abs() <= slack;
        assert!(same, "{}: {x:e} {y:e}\n{a}\n{b}", theorem.id);
    }
}

/// Holds an instance that went through a spec against its judgement; false where specs cannot pose it: a law at a noise level
/// without a sampler, or a program that is none of the samplers, at which a statement does not hold.
fn compare_through_spec(theorem: &Theorem, at: &Instance, judged: &Judgement) -> bool {
    let went = written(theorem, at, "title", "question");
    match &went {
        Ok(_) => assert_same(theorem, judged, &through_spec(theorem, at)),
        Err(why) => {
            let bare = at.program.steps() == 0 && !at.level.is_data();
            assert!(bare || judged.verdict.word() != "HOLDS", "{}: {why}: {judged}", theorem.id);
        }
    }
    went.is_ok()
}

/// Draws of every statement, written as specs and read again, are judged as before.
#[test]
fn instances_survive_the_way_through_a_spec() {
    for theorem in THEOREMS {
        let bare = |at: &Instance| at.program.steps() == 0 && !at.level.is_data();
        let drawn: Vec<Instance> = (0..6).map(|index| instance(theorem, 5, index)).collect();
        let went = drawn.iter().filter(|at| compare_through_spec(theorem, at, &decide(theorem, at))).count();
        assert!(went >= 3 || drawn.iter().any(bare), "{}: {went}", theorem.id);
    }
}

/// The search finds tighter instances than the draws it starts from, the same ones on any number of threads, and their specs
/// reproduce them.
#[test]
fn the_tightest_instances_are_reproduced_by_their_specs() {
    let summaries = verify(THEOREMS, 3, 7, |_| ());
    let mut tighter = 0;
    for (theorem, summary) in THEOREMS.iter().zip(&summaries) {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| tightest(theorem, 7, &summary.tightest, 8, &|| ()))
        };
        let Some(found) = on(2) else {
            assert!(summary.tightest.is_empty(), "{}: {summary:?}", theorem.id);
            continue;
        };
        // Threads make no difference; two quick statements show it.
        if ["LLT-2", "LLT-3a"].contains(&theorem.labels[0]) {
            assert_eq!(on(1).map(|again| again.ratio), Some(found.ratio), "{}", theorem.id);
        }
        assert!(found.ratio >= 1.0 && found.ratio <= summary.tightest[0].1, "{}: {}", theorem.id, found.ratio);
        tighter += usize::from(found.ratio < summary.tightest[0].1);
        compare_through_spec(theorem, &found.instance, &found.judgement);
    }
    assert!(3 * tighter > THEOREMS.len(), "{tighter} of {}", THEOREMS.len());
}

/// Nine in ten instances of every statement about samplers are on Gaussians and products; scores are learned from atoms only.
#[test]
fn most_draws_are_gaussians_and_products() {
    use scorebound::targets::{Data, Density};
    let samples = |theorem: &Theorem| !instance(theorem, 3, 0).program.blocks.is_empty();
    let teaches = |theorem: &Theorem| (0..4).any(|index| instance(theorem, 3, index).lesson.is_some());
    for theorem in THEOREMS.iter().filter(|theorem| samples(theorem) && !teaches(theorem)) {
        let drawn = 400;
        let others = (0..drawn).filter(|&i| match instance(theorem, 3, i).target.data() {
            Some(Data::Density(Density::Gaussian(_) | Density::Product(_)) | Data::Product(_)) => false,
            Some(Data::Density(Density::Mixture(_)) | Data::Points(_) | Data::Box(_)) | None => true,
        });
        let others = others.count() as u64;
        assert!(others * 10 <= drawn, "{}: {others} of {drawn}", theorem.id);
    }
}
