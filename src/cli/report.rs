//! `report`: figures, tables and pages from records alone.

use super::args::ReportArgs;
use super::session::{Exit, Failure, Session};
use crate::report::{self, Records};

pub fn report(args: &ReportArgs, session: &Session) -> Result<Exit, Failure> {
    if args.dir.is_file() {
        let (file, stem) = (args.dir.display(), args.dir.file_stem().unwrap_or_default().to_string_lossy());
        let help = format!("`scorebound run {file}` makes one, by default results/runs/{stem}; `report` takes that");
        return Err(Failure::new(format!("{file} is a file, not the directory of a run"), help));
    }
    let written = report::write(&args.dir)?;
    if session.explain && args.dir.join("records.csv").exists() {
        let records = Records::read(&args.dir)?;
        let (rows, meta) = (records.rows.len(), &records.meta);
        session.explain(&format!("{rows} rows, made by version {} with seed {:?}\n", meta.version, meta.seed));
    }
    if session.json {
        session.print_json(&written.files)?;
    } else {
        let lines: Vec<String> = written.files.iter().map(|path| path.display().to_string()).collect();
        session.remark(&lines.join("\n"));
    }
    Ok(if written.contradicted { Exit::Contradicted } else { Exit::Fine })
}
