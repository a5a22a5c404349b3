//! `gate self-test`: the gate is held to its promises.

use super::super::args::SelfTestArgs;
use super::super::columns::aligned;
use super::super::session::{Exit, Failure, Session};
use crate::verdicts::gate::zoo::{self, Alarms, Caught, LEVEL, Levels};
use rayon::prelude::*;
use serde::Serialize;

/// Faulty samplers meet the gate as it is by default.
const FAULTY: Levels = Levels { alpha: 1e-6, missed: 1e-3 };
/// Right ones meet it at a level at which alarms can be counted.
const RIGHT: Levels = Levels { alpha: 0.01, missed: 1e-3 };

/// What `--json` prints.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Report<'a> {
    pass: bool,
    alpha: f64,
    missed: f64,
    faulty: &'a [Caught],
    alpha_of_right: f64,
    right: &'a [Alarms],
    fails_though_kept: f64,
}

pub(super) fn self_test(args: &SelfTestArgs, session: &Session) -> Result<Exit, Failure> {
    let (runs, repeats) = if args.full { (10_000, 20) } else { (args.runs, args.repeats) };
    let wanted = |name: &str| args.only.is_empty() || args.only.iter().any(|only| only == name);
    let names: Vec<&str> = zoo::faulty().map(|(_, one)| one.name).chain(zoo::right().map(|one| one.name)).collect();
    if let Some(unknown) = args.only.iter().find(|only| !names.contains(&only.as_str())) {
        return Err(Failure::new(
            format!("no sampler is called `{unknown}`"),
            format!("there are {}", names.join(", ")),
        ));
    }
    let faulty: Vec<_> = zoo::faulty().filter(|(_, one)| wanted(one.name)).collect();
    let right: Vec<_> = zoo::right().filter(|one| wanted(one.name)).collect();
    let progress = session.progress(faulty.len() as u64 + right.len() as u64 * runs, "self-test");
    let cannot = |why| Failure::new(why, "this should not happen: please report it");
    let face = |&one: &(&'static str, &zoo::Faulty)| {
        let caught = zoo::caught(one, repeats, session.seed, &FAULTY);
        progress.inc();
        caught
    };
    let caught = faulty.par_iter().map(face).collect::<Result<Vec<_>, _>>().map_err(cannot)?;
    let count = |one: &&zoo::Right| zoo::alarms(one, runs, session.seed, &RIGHT, &|| progress.inc());
    let alarms = right.iter().map(count).collect::<Result<Vec<_>, _>>().map_err(cannot)?;
    progress.finish();
    let pass = caught.iter().all(|one| one.pass) && alarms.iter().all(|one| one.pass);
    let fails_though_kept = zoo::fails_though_kept(&caught, &alarms, FAULTY.missed, RIGHT.alpha);
    let report = Report {
        pass,
        alpha: FAULTY.alpha,
        missed: FAULTY.missed,
        faulty: &caught,
        alpha_of_right: RIGHT.alpha,
        right: &alarms,
        fails_though_kept,
    };
    if session.json {
        session.print_json(&report)?
    } else {
        session.print(&told(&report, runs))?
    }
    Ok(if pass { Exit::Fine } else { Exit::Contradicted })
}

/// For people.
fn told(report: &Report<'_>, runs: u64) -> String {
    let verdict = |pass: bool| if pass { "" } else { "FAIL" }.to_string();
    let mut text = format!("{}\n", if report.pass { "PASS" } else { "FAIL" });
    if !report.faulty.is_empty() {
        text += &format!(
            "\nFaulty samplers, each at the number of draws planned for it (false alarms {:e}, missed {:e}):\n\n",
            report.alpha, report.missed
        );
        let row = |one: &Caught| {
            vec![
                one.name.into(),
                verdict(one.pass),
                one.draws.to_string(),
                format!("{} ({})", one.planned_by, one.planned_from.name()),
                format!("{}/{}", one.caught, one.runs),
                one.worst.clone(),
                one.says.clone(),
            ]
        };
        let head = ["sampler", "", "draws", "planned by (from)", "caught", "surest", "which says"];
        text += &aligned(&head, &report.faulty.iter().map(row).collect::<Vec<_>>());
    }
    if !report.right.is_empty() {
        text += &format!(
            "\nRight samplers, {runs} runs each at false alarms of {}; more than `at most` have a probability below {LEVEL:e}:\n\n",
            report.alpha_of_right
        );
        let row = |one: &Alarms| {
            let rate = one.alarms as f64 / one.runs as f64;
            let (alarms, most) = (one.alarms.to_string(), one.most.to_string());
            vec![
                one.name.into(),
                verdict(one.pass),
                one.draws.to_string(),
                alarms,
                format!("{rate:.4}"),
                most,
                one.tells.into(),
            ]
        };
        let head = ["sampler", "", "draws", "alarms", "rate", "at most", "which draws"];
        text += &aligned(&head, &report.right.iter().map(row).collect::<Vec<_>>());
    }
    text += &format!(
        "\nA gate that keeps every promise fails this test with probability at most {:.1e}.\n",
        report.fails_though_kept
    );
    text
}
