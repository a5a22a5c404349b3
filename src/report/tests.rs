//! Same records, same bytes; honest rounding; zeros, infinities and failed hypotheses are shown, not dropped.

use super::axis::{Mark, Scale};
use super::draw;
use super::figures::charts;
use super::labels::{Side, outward, span};
use super::rate_figures::rate_charts;
use super::records::{Meta, Records, ReportError, Span};
use super::{bibtex, cite, rates_table, table, write};
use proptest::prelude::*;
use std::path::Path;

const HEAD: &str = "divergence,lo,hi,evidence,theorem,bound_lo,bound_hi,ratio_lo,ratio_hi,verdict,engine,seconds";

fn records_csv() -> String {
    let mut text = format!("cell,sampler.lmc.step,error.fourier.epsilon,{HEAD}\n");
    for (i, step) in ["1e-3", "1e-2", "0.1"].iter().enumerate() {
        for epsilon in ["0", "0.1"] {
            let tv = 0.001 * f64::from(i as u32 + 1);
            text += &format!("c{i},{step},{epsilon},tv,{tv},{tv},exact,LLT-6b,1.5,1.5,9,9,VACUOUS,gaussian,0.1\n");
            text += &format!("c{i},{step},{epsilon},kl,0,{tv},checked,LLT-3b,,,,,HYPOTHESIS-FAILED,gaussian,0.1\n");
        }
    }
    text + "c9,1,0,kl,inf,inf,exact,LLT-3b,2,3,,,\"VIOLATED? (L)\",gaussian,0.1\n"
}

fn store(dir: &Path) {
    std::fs::write(dir.join("records.csv"), records_csv()).expect("a new directory is writable");
    let meta = r#"{"title": "T", "question": "How large is a < b?", "seed": 7, "threads": 3, "spec-hash": "abc",
        "figure": {"x": "sampler.lmc.step", "y": ["tv", "kl", "bound"],
                   "slopes": [{"of": "tv", "power": 0.5, "label": "LLT-6b"}]}}"#;
    std::fs::write(dir.join("meta.json"), meta).expect("a new directory is writable");
}

const RATES: &str = r#"[{"solve-for": "sampler.lmc.step", "such-that": "kl <= 0.1",
    "parameter": "target.product.factors.0.copies",
    "points": [{"value": 1, "threshold-lo": 0.1, "threshold-hi": 0.11},
               {"value": "10", "threshold-lo": 0.03, "threshold-hi": 0.033}],
    "local-slopes": [-0.52], "slope": -0.52, "slope-uncertainty": 0.01, "stated": -1,
    "stated-provenance": "derived-here", "outcome": "beaten", "because": "BEATEN by d^0.48", "window": [1, 10],
    "missing": [{"value": 1000, "why": "no engine"}]}]"#;

#[test]
fn the_same_records_give_the_same_bytes() {
    let read_all = || {
        let dir = tempfile::tempdir().expect("temporary directories exist");
        store(dir.path());
        std::fs::write(dir.path().join("rates.json"), RATES).expect("a new directory is writable");
        let written = write(dir.path()).expect("the records are well formed");
        let names: Vec<String> =
            written.files.iter().map(|p| p.file_name().unwrap().to_string_lossy().into_owned()).collect();
        assert_eq!(names, ["figure.svg", "rates.svg", "table.md", "index.html"]);
        written.files.iter().map(|p| std::fs::read(p).expect("it was written")).collect::<Vec<_>>()
    };
    assert_eq!(read_all(), read_all());
}

/// The legend names values and theorems once; what coincides or is not there is told; guides stand where they are put.
#[test]
fn figures_tell_what_cannot_be_seen() {
    let head = HEAD.replace("seconds", "why,lsi,seconds");
    let mut text = format!("cell,x,case,{head}\n");
    for (i, x) in [1, 10, 100].iter().enumerate() {
        for case in ["a", "b"] {
            let bound = 0.09 * f64::from(*x).sqrt();
            text +=
                &format!("{i}{case},{x},{case},tv-twin,1e-3,1e-3,exact,LLT-8,{bound},{bound},,,HOLDS,grid,,{x},0\n");
            text += &format!("{i}{case},{x},{case},tv-twin,,,,LLT-7b,,,,,HYPOTHESIS-FAILED,grid,no kick,{x},0\n");
        }
    }
    let spec = r#"{"x": "lsi", "series": "case", "series-label": "kind", "slopes": [{"of": "tv-twin", "power": 0.5, "on": "LLT-8"}]}"#;
    let meta = Meta { figure: Some(serde_json::from_str(spec).unwrap()), ..Meta::default() };
    let records = Records::parse(&text, meta).unwrap();
    let charts = charts(&records);
    let panels: Vec<_> = charts.iter().flat_map(|c| c.panels()).collect();
    assert_eq!(panels.len(), 1);
    assert_eq!(panels[0].guides[0].through, (1.0, 0.09));
    let svg = draw::svg(&charts[0]).unwrap();
    for (words, times) in [("bound LLT-8, in these colours", 1), ("log-Sobolev constant C", 1), ("measured", 0)] {
        assert_eq!(svg.matches(words).count(), times, "{words}");
    }
    let notes = [
        "The bounds of LLT-8 coincide for kind = a and kind = b.",
        "LLT-7b gives no bound for kind = a and kind = b: no kick.",
    ];
    assert_eq!(panels[0].notes, notes);
    assert_eq!(super::notes(&records), ["[1] LLT-7b HYPOTHESIS-FAILED: no kick"]);
    assert!(table(&records).contains("HYPOTHESIS-FAILED [1]"));
}

/// Terms that add up to their bound are stacked as shares; records without them, from before there was the column, are drawn
/// as ever.
/// Of two signs of an error the worse one is drawn, bound and all, and the vertical axis may be divided by a swept path.
#[test]
fn worst_cases_and_ratios_are_drawn() {
    let mut text = format!("cell,horizon,error.constant.epsilon,sign,{HEAD}\n");
    for (i, horizon) in [1.0, 2.0].into_iter().enumerate() {
        for epsilon in [0.1, 0.2] {
            for (sign, factor) in [("+", 1.0), ("-", 3.0)] {
                let w2 = 0.1 * epsilon * horizon * factor;
                text += &format!(
                    "c{i}{epsilon}{sign},{horizon},{epsilon},{sign},w2,{w2},{w2},exact,LLT-8,{},{},2,2,HOLDS,gaussian,0\n",
                    2.0 * w2,
                    2.0 * w2
                );
            }
        }
    }
    let drawn = |extra: &str| {
        let spec = format!("{{\"x\": \"horizon\", \"series\": \"error.constant.epsilon\"{extra}}}");
        let meta = Meta { figure: Some(serde_json::from_str(&spec).unwrap()), ..Meta::default() };
        let charts = charts(&Records::parse(&text, meta).unwrap());
        let panels: Vec<_> = charts.iter().flat_map(|c| c.panels()).cloned().collect();
        let measured: Vec<Vec<f64>> =
            panels.iter().flat_map(|p| &p.series).map(|s| s.points.iter().flatten().map(|d| d.hi).collect()).collect();
        (panels, measured)
    };
    let near = |found: &[Vec<f64>], wanted: [[f64; 2]; 4]| {
        found.len() == 4 && found.iter().zip(&wanted).all(|(a, b)| a.iter().zip(b).all(|(x, y)| (x - y).abs() < 1e-12))
    };
    assert_eq!(drawn("").0.len(), 2, "one frame for each sign");
    let (panels, found) = drawn(", \"worst-over\": \"sign\"");
    assert!(
        panels.len() == 1 && panels[0].notes.iter().any(|n| n.contains("worst over sign")),
        "{:?}",
        panels[0].notes
    );
    assert!(near(&found, [[0.03, 0.06], [0.06, 0.12], [0.06, 0.12], [0.12, 0.24]]), "{found:?}");
    let (_, found) = drawn(", \"best-over\": \"sign\"");
    assert!(near(&found, [[0.01, 0.02], [0.02, 0.04], [0.02, 0.04], [0.04, 0.08]]), "{found:?}");
    let (panels, found) = drawn(", \"worst-over\": \"sign\", \"per\": \"error.constant.epsilon\"");
    assert!(panels[0].axes.1.ends_with(" / \u{3b5}"), "{}", panels[0].axes.1);
    assert!(near(&found, [[0.3, 0.6], [0.6, 1.2], [0.3, 0.6], [0.6, 1.2]]), "{found:?}");
}

#[test]
fn terms_are_stacked_as_shares() {
    let spec = r#"{"x": "x", "stack": [{"theorem": "LLT-3b"}]}"#;
    let meta = || Meta { figure: Some(serde_json::from_str(spec).unwrap()), ..Meta::default() };
    let with = |terms: &str| {
        let mut text = format!("cell,x,case,{}\n", HEAD.replace("seconds", "why,terms,seconds"));
        for (i, x) in [1, 10, 100].iter().enumerate() {
            for case in ["a", "b"] {
                text += &format!("{i}{case},{x},{case},kl,0.1,0.1,exact,LLT-3b,0.3,0.3,3,3,HOLDS,grid,,{terms},0\n");
            }
        }
        text
    };
    let records = Records::parse(&with("mixing=0.1;discretisation=0.2;score-error=0.0;lambda=7.5"), meta()).unwrap();
    assert_eq!(records.rows[0].terms[1], ("discretisation".to_owned(), 0.2));
    let all = charts(&records);
    let shape: Vec<usize> = all[1].rows.iter().map(Vec::len).collect();
    assert_eq!((all.len(), shape), (2, vec![2, 2]));
    let bands = &all[1].rows[0][1].series;
    let names: Vec<&str> = bands.iter().map(|s| s.label.as_str()).collect();
    assert_eq!(names, ["mixing", "discretisation"]);
    for (band, [lo, hi]) in bands.iter().zip([[0.0, 1.0 / 3.0], [1.0 / 3.0, 1.0]]) {
        let close = |d: &super::chart::Datum| (d.lo - lo).abs() < 1e-12 && (d.hi - hi).abs() < 1e-12;
        assert!(band.points.len() == 3 && band.points.iter().flatten().all(close), "{band:?}");
    }
    let svg = draw::svg(&all[1]).unwrap();
    for words in ["mixing", "discretisation", "share of the bound", "bound LLT-3b", "case = b"] {
        assert!(svg.contains(words), "`{words}` is missing");
    }
    assert!(!svg.contains("lambda") && !svg.contains("NaN"));
    // What does not add up says so.
    let odd = charts(&Records::parse(&with("T1=0.1;T2=0.1"), meta()).unwrap());
    assert!(odd[1].rows[0][0].axes.1.contains("not the bound"), "{:?}", odd[1].rows[0][0].axes);
    let wrong = Records::parse(&with("T1"), meta()).unwrap_err();
    assert!(wrong.contains("line 2") && wrong.contains("column `terms`"), "{wrong}");
    // Old records.
    let old = with("").replace("why,terms,seconds", "why,seconds").replace(",,,0\n", ",,0\n");
    assert_eq!(charts(&Records::parse(&old, meta()).unwrap()).len(), 1);
}

/// A frame with too many lines is drawn as several with the same axes.
#[test]
fn crowded_frames_are_split() {
    let count = |cases: usize| {
        let mut text = format!("cell,x,case,{HEAD}\n");
        for (i, x) in [1, 10, 100].iter().enumerate() {
            for case in 0..cases {
                text += &format!("{i}.{case},{x},c{case},tv-twin,1e-3,1e-3,exact,LLT-8,0.5,0.5,,,HOLDS,grid,0\n");
            }
        }
        let all = charts(&Records::parse(&text, Meta::default()).unwrap());
        let panels: Vec<_> = all.iter().flat_map(|c| c.panels()).cloned().collect();
        assert!(panels.iter().all(|p| p.x == panels[0].x && p.y == panels[0].y));
        panels.iter().map(|p| p.series.len()).collect::<Vec<_>>()
    };
    assert_eq!([count(4), count(5), count(9)], [vec![8], vec![6, 4], vec![6, 6, 6]]);
}

/// Footnotes that differ in digits only are one; a terminal is spared long blocks that say nothing.
#[test]
fn long_tables_are_condensed_and_footnotes_merged() {
    let head = HEAD.replace("seconds", "why,seconds");
    let mut text = format!("cell,x,{head}\n");
    for i in 0..30 {
        text += &format!("{i},{i},tv,0.1,0.1,exact,LLT-8,1,1,,,VACUOUS,grid,,0\n");
        text += &format!("{i},{i},kl,0.1,0.1,exact,LLT-3b,,,,,HYPOTHESIS-FAILED,grid,h <= 1: h = {}.5,0\n", i % 3);
    }
    text += "30,30,kl,0.1,0.1,exact,LLT-3b,1,1,10,10,HOLDS,grid,,0\n";
    let records = Records::parse(&text, Meta::default()).unwrap();
    assert_eq!(
        super::notes(&records),
        ["[1] LLT-3b HYPOTHESIS-FAILED: h <= 1: h = 0.5 (and 2 more with other numbers)"]
    );
    let short = super::short_table(&records);
    assert!(short.contains("60 rows that say nothing") && short.lines().count() < 12, "{short}");
    assert_eq!(table(&records).lines().filter(|l| l.starts_with('|')).count(), 2 + 61);
}

#[test]
fn one_page_over_several_runs() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["b", "a"] {
        let run = dir.path().join(name);
        std::fs::create_dir(&run).unwrap();
        store(&run);
    }
    let written = write(dir.path()).unwrap();
    assert_eq!(written.files.last().unwrap(), &dir.path().join("index.html"));
    let page = std::fs::read_to_string(dir.path().join("index.html")).unwrap();
    assert_eq!(page.matches("<section>").count(), 2);
    assert!(page.contains("How large is a &lt; b?") && !page.contains("a < b?"));
}

#[test]
fn a_directory_without_records_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let error = write(dir.path()).unwrap_err();
    assert!(matches!(&error, ReportError::Nothing(path) if path == dir.path()), "{error}");
}

#[test]
fn figures_keep_what_does_not_fit_a_log_axis() {
    let dir = tempfile::tempdir().unwrap();
    store(dir.path());
    write(dir.path()).unwrap();
    let svg = std::fs::read_to_string(dir.path().join("figure.svg")).unwrap();
    for text in
        ["\u{2264} 0", "+inf", "slope 1/2", "Ringed in red", "Shaded", "step h (units of time)", "\u{3b5} = 0.1"]
    {
        assert!(svg.contains(text), "`{text}` is missing");
    }
    assert!(!svg.contains("NaN"));
}

#[test]
fn tables_show_every_row_and_count_verdicts() {
    let records = Records::parse(&records_csv(), Meta::default()).unwrap();
    let text = table(&records);
    assert_eq!(text.lines().filter(|l| l.starts_with('|')).count(), 2 + 13);
    assert!(text.ends_with("1 VIOLATED?, 6 VACUOUS, 6 HYPOTHESIS-FAILED\n"), "{text}");
    assert!(text.contains("| 0.001 | 0.1 | tv "), "{text}");
    let rates = serde_json::from_str::<Vec<super::Rate>>(RATES).unwrap();
    let text = rates_table(&rates);
    for cell in ["\u{2212}0.520 \u{b1} 0.010", "| 1 to 10 | 1000 ", "| BEATEN by d^0.48 |"] {
        assert!(text.contains(cell), "`{cell}` is missing in {text}");
    }
}

#[test]
fn tables_say_where_a_bound_says_nothing() {
    let judged = RATES.replace("0.11}", "0.11, \"verdict\": \"VACUOUS\"}");
    let table = |text: &str| rates_table(&serde_json::from_str::<Vec<super::Rate>>(text).unwrap());
    assert!(table(&judged).contains("| BEATEN by d^0.48, bound VACUOUS throughout |"), "{}", table(&judged));
    let some = judged.replace("0.033}", "0.033, \"verdict\": \"HOLDS\"}");
    assert!(!table(&some).contains("VACUOUS"), "{}", table(&some));
}

/// L, C and accuracies are what a rate is about, not the path that moves them; lines that coincide are one line.
#[test]
fn rates_name_the_quantity_they_are_against() {
    let text =
        RATES.replace("\"target.product.factors.0.copies\"", "\"target.gaussian.variances.0\", \"as\": \"smoothness\"");
    let text = text.replace("\"stated\": -1", "\"stated\": -1, \"recalled\": -1, \"theorem\": \"LLT-3b\"");
    let rates = vec![serde_json::from_str::<Vec<super::Rate>>(&text).unwrap().remove(0); 7];
    assert!(rates_table(&rates).contains("| smoothness L | LLT-3b "), "{}", rates_table(&rates));
    let charts = rate_charts("Q", &rates);
    assert_eq!(charts.iter().map(|c| c.rows.iter().map(Vec::len).collect()).collect::<Vec<Vec<_>>>(), [[4, 4, 3, 3]]);
    let svg = draw::svg(&charts[0]).unwrap();
    assert!(svg.contains("smoothness L (1/length\u{b2})") && svg.contains("LLT-3b: h against L, kl \u{2264} 0.1"));
    assert!(!svg.contains("variance") && svg.contains("recalled: the same") && !svg.contains("decides nothing"));
    let nothing = RATES.replace("-0.52", "-0.0004").replace("0.01,", "0.0000021,");
    let rates = serde_json::from_str::<Vec<super::Rate>>(&nothing).unwrap();
    assert!(rates_table(&rates).contains("| 0.000 \u{b1} 3e-6 |"), "{}", rates_table(&rates));
}

#[test]
fn malformed_records_are_named_by_line() {
    let short = format!("cell,{HEAD}\nc,tv,0.1,,exact,,,,,,,gaussian,0\n");
    let error = Records::parse(&short, Meta::default()).unwrap_err();
    assert!(error.contains("line 2") && error.contains("`0.1`"), "{error}");
    assert_eq!(Records::parse("a,b\n", Meta::default()).unwrap_err(), "no column `cell`");
    let wrong = |row: &str, place: &str, word: &str| {
        let error = Records::parse(&format!("cell,{HEAD}\nc,{row}\n"), Meta::default()).unwrap_err();
        assert!(error.contains("line 2") && error.contains(place) && error.contains(word), "{error}");
    };
    wrong("tv,abc,0.1,exact,,,,,,,gaussian,0", "column `lo`", "`abc` is not a number");
    wrong("tv,0.2,0.1,exact,,,,,,,gaussian,0", "column `hi`", "below");
    wrong("tw,0.1,0.1,exact,,,,,,,gaussian,0", "column `divergence`", "`tw`");
    wrong("tv,0.1,0.1,sure,,,,,,,gaussian,0", "column `evidence`", "`sure`");
    wrong("tv,0.1,0.1,,,,,,,,gaussian,0", "column `evidence`", "missing");
    wrong("tv,0.1,0.1,exact,LLT-8,1,1,1,1,FINE,gaussian,0", "column `verdict`", "`FINE`");
    // A verdict that is not what the row's own numbers say.
    wrong("tv,0.5,0.5,exact,LLT-8,0.1,0.1,,,HOLDS,gaussian,0", "column `verdict`", "VIOLATED");
    wrong("tv,0.1,0.1,exact,LLT-8,0.2,0.2,,,VIOLATED,gaussian,0", "column `verdict`", "HOLDS");
    wrong("tv,0.1,0.3,exact,LLT-8,0.2,0.2,,,HOLDS,gaussian,0", "column `verdict`", "UNDECIDED");
    wrong("tv,0.1,0.1,exact,LLT-8,1,1,,,HOLDS,gaussian,0", "column `verdict`", "VACUOUS");
    wrong("tv,0.1,0.1,exact,LLT-8,,,,,HOLDS,gaussian,0", "column `verdict`", "without a bound");
    wrong("tv,,,,LLT-8,0.2,0.2,,,HOLDS,gaussian,0", "column `verdict`", "UNDECIDED");
    // A statement that is only recalled decides nothing, whatever its sides say.
    wrong("lsi-least,1,1,certified,LLT-21c,4,4,4,4,HOLDS,gaussian,0", "column `verdict`", "UNDECIDED");
    let broken = RATES.replace("\"threshold-lo\": 0.1", "\"threshold-lo\": \"abc\"");
    let error = serde_json::from_str::<Vec<super::Rate>>(&broken).unwrap_err().to_string();
    assert!(error.contains("\"abc\" is not a number") && error.contains("line 3 column"), "{error}");
    let nan = format!("cell,{HEAD}\nc,tv,NaN,NaN,exact,,,,,,,gaussian,0\n");
    assert!(Records::parse(&nan, Meta::default()).is_err());
}

#[test]
fn intervals_are_printed_short_and_rounded_outwards() {
    assert_eq!(span(None), "-");
    assert_eq!(span(Some(Span { lo: 0.0694958632031, hi: 0.0694958632034 })), "0.069496");
    assert_eq!(span(Some(Span { lo: 0.10049, hi: 0.10951 })), "[0.10049, 0.10951]");
    assert_eq!(span(Some(Span { lo: 0.0, hi: f64::INFINITY })), "[0, inf]");
}

/// Numbers as records may hold them: ordinary, zero, negative, infinite, tiny and huge.
fn value() -> impl Strategy<Value = f64> {
    prop_oneof![4 => 1e-6..10.0f64, 1 => Just(0.0), 1 => -1.0..0.0f64, 1 => Just(f64::INFINITY), 1 => prop::num::f64::POSITIVE]
        .prop_filter("not NaN", |x| !x.is_nan())
}

proptest! {
    #[test]
    fn outward_rounding_never_crosses_the_number(x in prop::num::f64::NORMAL, digits in 1usize..8) {
        let down: f64 = outward(x, digits, Side::Down).parse().unwrap();
        let up: f64 = outward(x, digits, Side::Up).parse().unwrap();
        prop_assert!(down <= x && x <= up, "{down} {x} {up}");
    }

    #[test]
    fn any_records_can_be_drawn(rows in prop::collection::vec((value(), value(), value(), value(), 0..3usize), 1..12)) {
        let mut text = format!("cell,x,group,{HEAD}\n");
        for (x, a, b, bound, kind) in rows {
            let name = ["tv", "kl", "w2"][kind];
            let (lo, hi) = (a.min(b), a.max(b));
            let verdict = match kind {
                2 => "HYPOTHESIS-FAILED (h)",
                _ if bound >= 1.0 => "VACUOUS",
                _ if hi <= bound => "HOLDS",
                _ if lo > bound => "VIOLATED",
                _ => "UNDECIDED",
            };
            let bound = if kind == 2 { String::new() } else { bound.to_string() };
            text += &format!("c,{x},{kind},{name},{lo},{hi},checked,LLT-6b,{bound},{bound},,,{verdict},grid,0\n");
        }
        let records = Records::parse(&text, Meta::default()).unwrap();
        for chart in charts(&records) {
            let svg = draw::svg(&chart).unwrap();
            let measured = || chart.panels().flat_map(|p| &p.series).filter(|s| !s.look.is_bound());
            let markers = measured().map(|s| s.points.len()).sum::<usize>();
            prop_assert!(svg.matches("<polygon").count() > markers && !svg.contains("NaN"), "{text}");
        }
    }

    #[test]
    fn ticks_stand_inside_their_axis(a in -12.0..12.0f64, width in 0.0..30.0f64, most in 1usize..9) {
        for scale in [Scale::log_around(10f64.powf(a), 10f64.powf(a + width)), Scale::linear_around(a, a + width)] {
            let ticks = scale.ticks(most);
            prop_assert!(ticks.iter().all(|t| (-1e-9..=1.0 + 1e-9).contains(&t.at)));
            prop_assert!(ticks.iter().any(|t| t.mark != Mark::Minor), "no label on {scale:?}");
        }
    }
}

#[test]
fn citations_come_once_with_the_tool_at_the_end() {
    let text = cite(&["lee-lu-tan-2022/lmc-kl", "lee-lu-tan-2022/lmc-chi2", "unknown"]);
    assert_eq!(text.matches("2206.06227").count(), 1);
    assert!(!text.contains("2401.15604"));
    assert!(text.find("@software{scorebound") > text.find("2206.06227"));
    assert_eq!(bibtex::entry("han-razaviyayn-xu-2024").map(|e| e.text.contains("2401.15604")), Some(true));
}

const COVERAGE: &str = r#"{"statements": [
    {"version": "1", "commit": "abc", "seed": 7, "id": "a/b", "labels": ["LLT-1"], "title": "a < b", "status": "checked here", "about": "tv of q_N and p",
     "asked": 20, "instances": 26, "holds": 20, "violated": 0, "undecided": 1, "vacuous": 2, "hypothesis-failed": 3,
     "engines": {"gaussian": 14, "grid": 6}, "targets": {"gaussian": 17, "mixture": 3}, "evidence": {"exact": 18, "checked": 2}, "ratio-min": 1.25, "ratio-median": "inf", "ratio-searched": 1.0625,
     "searched": 100, "search-violated": 0, "violated-by": "1.0625 times", "spec": "tightest/LLT-1.toml"},
    {"labels": ["LLT-0"], "title": "constants", "status": "shown only", "why": "it gives constants"}]}"#;

#[test]
fn the_page_on_coverage_says_every_number_of_its_record() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(dir.path().join("coverage.json"), COVERAGE).expect("a new directory is writable");
    let written = write(dir.path()).expect("coverage alone is enough");
    assert_eq!(written.files, [dir.path().join("coverage.html")]);
    assert!(!written.contradicted);
    let page = std::fs::read_to_string(&written.files[0]).expect("it was written");
    for part in [
        "1 statements checked here, 0 violated",
        "1 shown only",
        "a &lt; b",
        "26 tried: 20 hold, 2 vacuous, 1 undecided, 3 hypothesis failed",
        "20 asked for per statement",
        "among 100 more",
        "gaussian 14",
        "checked 2, exact 18",
        "scorebound 1 · commit abc",
        "◆ 1.062",
        "● 1.250",
        "○ ∞",
        "tightest/LLT-1.toml",
        "shown only: it gives constants",
        "seed 7",
    ] {
        assert!(page.contains(part), "{part} is not on\n{page}");
    }
    // Statements judged by two commits say which.
    let (first, rest) = COVERAGE.split_once("{\"labels\"").expect("two statements");
    let second = first.split_once('[').expect("a list").1.replace("LLT-1", "LLT-2").replace("abc", "def");
    let two = format!("{first}{second}{{\"labels\"{rest}");
    std::fs::write(dir.path().join("coverage.json"), two).expect("a new directory is writable");
    let page =
        std::fs::read_to_string(&write(dir.path()).expect("coverage alone is enough").files[0]).expect("written");
    assert!(page.contains("abc · seed 7: LLT-1<br>") && page.contains("def · seed 7: LLT-2</p>"), "{page}");
    let violated = COVERAGE.replace("\"search-violated\": 0", "\"search-violated\": 2");
    std::fs::write(dir.path().join("coverage.json"), violated).expect("a new directory is writable");
    assert!(write(dir.path()).expect("coverage alone is enough").contradicted);
    std::fs::write(dir.path().join("coverage.json"), "{}").expect("a new directory is writable");
    assert!(matches!(write(dir.path()), Err(ReportError::Malformed { .. })));
}

/// Parts are summed over their terms, cells are told apart by the series, at the middle of everything else that is swept.
#[test]
fn profiles_are_read_and_drawn() {
    use super::profile::Profile;
    let head = "cell,sampler.evaluations,case,theorem,part,time_from,time_to,sigma_from,term,lo,hi\n";
    let mut text = head.to_owned();
    for (cell, (n, case)) in [(8, "a"), (8, "b"), (16, "a"), (16, "b"), (32, "a"), (32, "b")].into_iter().enumerate() {
        for part in 0..2 {
            for (term, x) in [("score error", 0.25), ("discretisation", 0.5)] {
                let (from, to) = (2.0 - f64::from(part), 1.0 - 0.5 * f64::from(part));
                text += &format!("{cell},{n},{case},LLT-12b,{part},{from},{to},0.9,{term},{x},{x}\n");
            }
        }
    }
    let charts = Profile::parse(&text, Some("case")).unwrap().charts("Where?");
    assert_eq!(charts.len(), 1);
    assert!(charts[0].title.ends_with("= 16."), "{}", charts[0].title);
    let [by_part, so_far] = &charts[0].rows[0][..] else { panic!("two frames") };
    let read = |panel: &super::chart::Panel| -> Vec<(String, Vec<(f64, f64)>)> {
        let points = |s: &super::chart::Series| s.points.iter().flatten().map(|d| (d.x, d.hi)).collect();
        panel.series.iter().map(|s| (s.label.clone(), points(s))).collect()
    };
    assert_eq!(
        read(by_part),
        [("a".to_owned(), vec![(1.0, 0.75), (2.0, 0.75)]), ("b".to_owned(), vec![(1.0, 0.75), (2.0, 0.75)])]
    );
    assert_eq!(read(so_far)[0].1, [(0.5, 1.5), (1.0, 0.75)]);
    let wrong = format!("{head}0,8,a,LLT-12b,0,2,x,0.9,cross,0,0\n");
    assert_eq!(Profile::parse(&wrong, None).unwrap_err(), "line 2, column `time_to`: `x` is not a number");
}
