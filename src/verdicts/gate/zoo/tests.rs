use super::super::examine::{Kind, Outcome, examine, passes};
use super::super::power::Lag;
use super::campaign::face;
use super::drawing::{normal, on_line};
use super::*;
use crate::numerics::stream;

const LEVELS: Levels = Levels { alpha: 1e-6, missed: 1e-3 };

fn named(name: &str) -> &'static Faulty {
    faulty().find(|(_, one)| one.name == name).unwrap().1
}

#[test]
fn the_zoo_is_large_enough_and_names_are_unique() {
    let mut names: Vec<&str> = faulty().map(|(_, one)| one.name).chain(right().map(|one| one.name)).collect();
    assert!(faulty().count() >= 24 && right().count() >= 10);
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}

/// Faulty samplers draw from the laws they are said to draw from: against these they pass the gate, at false alarms of 1e-6 each. Draws that know
/// of each other lie on one side as often as is said, within Hoeffding's bound over blocks but with probability 1e-6.
#[test]
fn faulty_samplers_draw_from_their_own_laws() {
    for (_, one) in faulty() {
        let Wrong { sampler, drawn } = (one.build)().unwrap();
        let n = 20_000 / sampler.group * sampler.group;
        match drawn {
            Drawn::Pilot => {}
            Drawn::Law(law, density) => {
                let reference = match &density {
                    // Exact draws beside them take their time, and show no more here.
                    Some(law) => Reference { exact: None, ..Reference::of_density(law, 1) },
                    None => {
                        // Atoms have no side of a median that half of them lie on.
                        let own = Reference::of_coordinates(law.as_ref());
                        Reference { sides: Vec::new(), chances: Vec::new(), ..own }
                    }
                };
                let group = sampler.group;
                let own = Sampler { reference, group, draw: sampler.draw };
                let tally = own.counted(&mut stream(3, one.name, 0), n);
                let outcomes = examine(&own.reference, &tally, &own.asked(n, &LEVELS));
                // The first states of chains that are not stationary have a law of their own; so has every place: only the law over all is known.
                let counts = |outcome: &&Outcome| group == 1 || outcome.kind != Kind::Order;
                let failed = outcomes.iter().filter(counts).find(|outcome| !outcome.pass);
                assert!(failed.is_none(), "{}: {failed:?}", one.name);
            }
            Drawn::Order(agreement) => {
                let n = 200_000 / (sampler.group * agreement.multiple) * sampler.group * agreement.multiple;
                let tally = sampler.counted(&mut stream(3, one.name, 0), n);
                let lag = match agreement.lag {
                    Lag::Places(lag) => lag as usize,
                    Lag::Part(part) => (n / sampler.group / part) as usize,
                };
                let pairs = tally.sides.pairs(0, sampler.group);
                let pairs = pairs.into_iter().find(|pairs| pairs.lag == lag).unwrap();
                let share = pairs.agreeing as f64 / pairs.pairs as f64;
                let blocks = (n / sampler.group / agreement.block) as f64;
                let margin = if agreement.chance.width() == 0.0 { 0.0 } else { (2e6f64.ln() / (2.0 * blocks)).sqrt() };
                assert!(agreement.chance.widen(margin).contains(share), "{}: {share} {:?}", one.name, agreement.chance);
            }
        }
    }
}

/// A hundredth of the planned draws shows the fault in none of five runs, and is reported as a gate that misses: the plans are not idle.
#[test]
fn a_hundredth_of_the_planned_draws_is_not_enough() {
    for name in ["mode-weight-two-percent", "tails-cut", "level-off-by-one", "chains-taken-as-draws"] {
        let seen = face(named(name), "", 5, 0, &LEVELS, 0.01).unwrap();
        assert!(seen.caught == 0 && !seen.pass, "{seen:?}");
    }
}

/// A sampler that passes for a right one and whose standard deviation is 5 % too large raises more alarms than are allowed.
#[test]
fn alarms_of_a_sampler_that_is_not_right_are_too_many() {
    let build = || Ok(Sampler::of(&laws::isotropic(1, 0.0, 1.0)?, on_line(|source| 1.05 * normal(source))));
    let right = Right { name: "five-percent", tells: "", draws: 1000, build };
    let levels = Levels { alpha: 0.01, missed: 1e-3 };
    let found = alarms(&right, 400, 0, &levels, &|| {}).unwrap();
    assert!(!found.pass && found.most == 16, "{found:?}");
    let none = alarms(&Right { build: || Err("lost".into()), ..right }, 1, 0, &levels, &|| {}).unwrap_err();
    assert_eq!(none, "five-percent: lost");
}

/// The verdict alone is that of the full examination.
#[test]
fn the_verdict_alone_is_the_same() {
    let levels = Levels { alpha: 0.3, missed: 1e-3 };
    for one in right() {
        let sampler = (one.build)().unwrap();
        let asked = sampler.asked(one.draws, &levels);
        for run in 0..5 {
            let tally = sampler.counted(&mut stream(9, one.name, run), one.draws);
            let full = examine(&sampler.reference, &tally, &asked).iter().all(|outcome| outcome.pass);
            assert_eq!(passes(&sampler.reference, &tally, &asked), full, "{}", one.name);
        }
    }
}

/// The tables of the documentation are those of the zoo.
#[test]
fn the_documentation_lists_the_zoo() {
    let mut table = String::from("| faulty sampler | what is wrong | the story |\n|---|---|---|\n");
    for (kind, list) in faulty::KINDS {
        table += &format!("| **{kind}** | | |\n");
        list.iter().for_each(|one| table += &format!("| `{}` | {} | {} |\n", one.name, one.fault, one.story));
    }
    table += "\n| right sampler | what it draws |\n|---|---|\n";
    right().for_each(|one| table += &format!("| `{}` | {} |\n", one.name, one.tells));
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/gate/self-test.md")).unwrap();
    assert!(page.contains(&table), "docs/gate/self-test.md lacks:\n{table}");
}
