//! Repetitions side by side: one line for each setting with every quantity as a mean, and which of some quantities is larger how
//! often.

use super::gathered::averaged;
use super::labels;
use super::records::{Records, Row, Span};
use super::table::aligned;

/// The place of the path over which means are taken.
fn repeated(records: &Records) -> Option<usize> {
    let path = records.meta.figure.as_ref()?.mean_over.as_ref()?;
    records.swept.iter().position(|swept| swept == path)
}

/// What tells rows apart beside one path.
fn setting(row: &Row, without: usize) -> Vec<String> {
    row.swept.iter().enumerate().filter(|(i, _)| *i != without).map(|(_, value)| value.clone()).collect()
}

fn unique<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for item in items {
        if !seen.contains(&item) {
            seen.push(item);
        }
    }
    seen
}

/// The settings in the order of their values: numbers by size, words as they come.
fn in_order(mut settings: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let columns = settings.first().map_or(0, Vec::len);
    let key = |i: usize| -> Box<dyn Fn(&str) -> f64> {
        let numbers: Option<Vec<f64>> = settings.iter().map(|s| s[i].trim().parse().ok()).collect();
        let words = unique(settings.iter().map(|s| s[i].clone()));
        match numbers {
            Some(_) => Box::new(|text| text.trim().parse().unwrap_or(0.0)),
            None => Box::new(move |text| words.iter().position(|word| word == text).unwrap_or(0) as f64),
        }
    };
    let keys: Vec<_> = (0..columns).map(key).collect();
    let ranks = |setting: &[String]| keys.iter().zip(setting).map(|(key, text)| key(text)).collect::<Vec<f64>>();
    settings.sort_by(|a, b| ranks(a).partial_cmp(&ranks(b)).unwrap_or(std::cmp::Ordering::Equal));
    settings
}

/// The swept paths but for one, by their symbols.
fn heads(records: &Records, without: usize) -> Vec<String> {
    let symbols = labels::symbols(&records.quantities);
    symbols.into_iter().enumerate().filter(|(i, _)| *i != without).map(|(_, symbol)| symbol).collect()
}

/// What was measured, as a table with a line for each setting and a column for each quantity: means over the path of
/// `mean-over` with two standard errors. Empty where no means are asked for.
#[must_use]
pub fn wide_table(records: &Records) -> String {
    let Some(i) = repeated(records) else { return String::new() };
    let records = averaged(records);
    let rows = || records.rows.iter().filter(|row| row.measured.is_some());
    let quantities = unique(rows().map(|row| row.divergence.clone()));
    let settings = in_order(unique(rows().map(|row| setting(row, i))));
    let mut head = heads(&records, i);
    head.extend(quantities.iter().cloned());
    let line = |setting_of: &Vec<String>| {
        let mut cells: Vec<String> = setting_of.iter().map(|value| labels::value(value)).collect();
        cells.extend(quantities.iter().map(|quantity| {
            let own = rows().find(|row| row.divergence == *quantity && setting(row, i) == *setting_of);
            own.and_then(|row| row.measured).map_or_else(|| "-".to_owned(), labels::with_error)
        }));
        cells
    };
    if settings.is_empty() { String::new() } else { aligned(&head, &settings.iter().map(line).collect::<Vec<_>>()) }
}

/// The middles of some quantities in one repetition.
struct Sizes {
    setting: Vec<String>,
    sizes: Vec<f64>,
}

/// The repetitions in which all of some quantities were measured.
fn sizes(records: &Records, i: usize, names: &[String]) -> Vec<Sizes> {
    let middle = |row: &Row| row.measured.map(|Span { lo, hi }| 0.5 * (lo + hi));
    let cells = unique(records.rows.iter().map(|row| row.cell.clone()));
    let of_cell = |cell: String| {
        let mine: Vec<&Row> = records.rows.iter().filter(|row| row.cell == cell).collect();
        let size = |name: &String| mine.iter().find(|row| row.divergence == *name).and_then(|row| middle(row));
        Some(Sizes { setting: setting(mine[0], i), sizes: names.iter().map(size).collect::<Option<_>>()? })
    };
    cells.into_iter().filter_map(of_cell).collect()
}

/// In how many repetitions one size is above another.
fn above(all: &[&Sizes], a: usize, b: usize) -> usize {
    all.iter().filter(|s| s.sizes[a] > s.sizes[b]).count()
}

/// For each list of `figure.rank`: the quantities of every setting from the largest mean down, with the share of the repetitions in
/// which each is above the next; how often the largest is the largest, and how often the whole order is that of the means. Below,
/// which pairs have one order in every repetition of every setting. Empty where no order is asked for.
#[must_use]
pub fn ranking(records: &Records) -> String {
    let lists = records.meta.figure.iter().flat_map(|figure| &figure.rank);
    let tables = lists.filter_map(|names| ranked(records, names)).collect::<Vec<_>>();
    tables.join("\n")
}

fn ranked(records: &Records, names: &[String]) -> Option<String> {
    let i = repeated(records)?;
    let all = sizes(records, i, names);
    let settings = in_order(unique(all.iter().map(|s| s.setting.clone())));
    let mut head = heads(records, i);
    head.extend(["from the largest mean down", "largest", "whole order"].map(String::from));
    let line = |setting_of: &Vec<String>| {
        let own: Vec<&Sizes> = all.iter().filter(|s| s.setting == *setting_of).collect();
        let n = own.len();
        let mean = |k: usize| own.iter().map(|s| s.sizes[k]).sum::<f64>();
        let mut order: Vec<usize> = (0..names.len()).collect();
        order.sort_by(|&a, &b| mean(b).total_cmp(&mean(a)));
        let mut text = names[order[0]].clone();
        for pair in order.windows(2) {
            text += &format!(" > {} ({}/{n})", names[pair[1]], above(&own, pair[0], pair[1]));
        }
        let is_largest = |s: &&&Sizes| order[1..].iter().all(|&k| s.sizes[order[0]] > s.sizes[k]);
        let is_ordered = |s: &&&Sizes| order.windows(2).all(|pair| s.sizes[pair[0]] > s.sizes[pair[1]]);
        let count = |holds: &dyn Fn(&&&Sizes) -> bool| format!("{} of {n}", own.iter().filter(holds).count());
        let mut cells: Vec<String> = setting_of.iter().map(|value| labels::value(value)).collect();
        cells.extend([text, count(&is_largest), count(&is_ordered)]);
        cells
    };
    if settings.is_empty() {
        return None;
    }
    let table = aligned(&head, &settings.iter().map(line).collect::<Vec<_>>());
    let every: Vec<&Sizes> = all.iter().collect();
    let pairs = (0..names.len()).flat_map(|a| (0..names.len()).map(move |b| (a, b)));
    let fixed = pairs.filter(|&(a, b)| a != b && above(&every, a, b) == every.len());
    let fixed: Vec<String> = fixed.map(|(a, b)| format!("{} > {}", names[a], names[b])).collect();
    let told = if fixed.is_empty() { "none".to_owned() } else { fixed.join(", ") };
    Some(format!(
        "Which of {} is larger; (k/n): in k of n repetitions.\n\n{table}\nThe same in every repetition of every line: {told}.\n",
        names.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::records::{FigureSpec, Meta};

    fn records() -> Records {
        let head = "divergence,lo,hi,evidence,theorem,bound_lo,bound_hi,ratio_lo,ratio_hi,verdict,engine,seconds";
        let mut text = format!("cell,n,repetition,{head}\n");
        // coupling, bias and total in two repetitions of two settings.
        for (cell, (n, repetition, values)) in
            [(10, 0, [1.0, 2.0, 3.0]), (10, 1, [1.5, 2.2, 3.2]), (20, 0, [2.0, 1.0, 3.0]), (20, 1, [0.5, 1.5, 3.0])]
                .into_iter()
                .enumerate()
        {
            for (name, x) in ["coupling", "bias", "total"].iter().zip(values) {
                let (lo, hi) = (x - 0.1, x + 0.1);
                text += &format!("{cell},{n},{repetition},{name},{lo},{hi},checked,,,,,,,,0\n");
            }
        }
        let rank = vec![["coupling", "bias", "total"].map(String::from).to_vec()];
        let figure = FigureSpec { mean_over: Some("repetition".into()), rank, ..FigureSpec::default() };
        Records::parse(&text, Meta { figure: Some(figure), ..Meta::default() }).unwrap()
    }

    /// Means of 1 and 1.5 differ from each by 0.25 = one standard error, and each is wide by 0.1: 1.25 +- 0.6.
    #[test]
    fn quantities_stand_side_by_side() {
        let text = wide_table(&records());
        let lines: Vec<Vec<&str>> =
            text.lines().map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect();
        assert_eq!(lines[0], ["n", "coupling", "bias", "total"]);
        assert_eq!(lines[2], ["10", "1.25 \u{b1} 0.60", "2.10 \u{b1} 0.30", "3.10 \u{b1} 0.30"]);
        assert_eq!(lines[3], ["20", "1.2 \u{b1} 1.6", "1.25 \u{b1} 0.60", "3.00 \u{b1} 0.10"]);
    }

    /// A slope of a quantity goes through its own line where quantities are the series.
    #[test]
    fn slopes_go_through_the_line_of_their_quantity() {
        let mut all = records();
        let spec = r#"{"x": "n", "y": ["total", "bias"], "series": "quantity", "mean-over": "repetition",
            "slopes": [{"of": "bias", "power": -1.0}, {"power": -0.5}, {"of": "coupling", "power": 1.0}]}"#;
        all.meta.figure = Some(serde_json::from_str(spec).unwrap());
        let charts = super::super::figures::charts(&all);
        let guides: Vec<_> = charts.iter().flat_map(|c| c.panels()).flat_map(|p| p.guides.clone()).collect();
        assert_eq!(guides.iter().map(|g| g.slope).collect::<Vec<_>>(), [-1.0, -0.5]);
        // At n = 20 the bias is 1.25 +- 0.5.
        assert_eq!(guides[0].through.0, 20.0);
        assert!((guides[0].through.1 - 1.25).abs() < 1e-9, "{:?}", guides[0].through);
    }

    /// 20 before 100, and words as they come.
    #[test]
    fn settings_are_in_the_order_of_their_values() {
        let settings = [["b", "100"], ["b", "20"], ["a", "100"], ["a", "20"]].map(|s| s.map(String::from).to_vec());
        let sorted: Vec<String> = in_order(settings.to_vec()).iter().map(|s| s.join(" ")).collect();
        assert_eq!(sorted, ["b 20", "b 100", "a 20", "a 100"]);
    }

    /// At n = 20 bias and coupling change places from one repetition to the other.
    #[test]
    fn orders_are_told_with_how_often_they_hold() {
        let text = ranking(&records());
        assert!(text.contains("total > bias (2/2) > coupling (2/2) | 2 of 2  | 2 of 2"), "{text}");
        assert!(
            text.contains("total > coupling (2/2) > bias (1/2) | 2 of 2  | 1 of 2")
                || text.contains("total > bias (2/2) > coupling (1/2) | 2 of 2  | 1 of 2"),
            "{text}"
        );
        assert!(
            text.ends_with("The same in every repetition of every line: total > coupling, total > bias.\n"),
            "{text}"
        );
        let without = Records { meta: Meta::default(), ..records() };
        assert_eq!((wide_table(&without), ranking(&without)), (String::new(), String::new()));
    }
}
