//! Parquet files with one column a coordinate.

use super::{Blocks, SampleError, Shape, wrong_dimension};
use parquet::column::reader::ColumnReader;
use parquet::data_type::{DataType, DoubleType, FloatType, Int32Type, Int64Type};
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::fs::File;

pub fn read(name: &str, file: File, dim: usize, each: &mut dyn FnMut(&[f64], usize)) -> Result<Shape, SampleError> {
    let wrong = |what: String| SampleError::Malformed {
        path: name.to_owned(),
        what,
        help: "one column of float, double or integers for every coordinate, uncompressed or with snappy, gzip or lz4"
            .into(),
    };
    let reader = SerializedFileReader::new(file).map_err(|e| wrong(e.to_string()))?;
    let mut blocks = Blocks::new(dim, each);
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).map_err(|e| wrong(e.to_string()))?;
        if group.num_columns() != dim {
            return Err(wrong_dimension(name, format!("it has {} columns", group.num_columns()), dim));
        }
        let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
        let mut columns = Vec::with_capacity(dim);
        for i in 0..dim {
            let called = group.metadata().column(i).column_path().string();
            let column = match group.get_column_reader(i).map_err(|e| wrong(e.to_string()))? {
                ColumnReader::DoubleColumnReader(mut c) => whole::<DoubleType>(&mut c, rows, f64::from),
                ColumnReader::FloatColumnReader(mut c) => whole::<FloatType>(&mut c, rows, f64::from),
                ColumnReader::Int32ColumnReader(mut c) => whole::<Int32Type>(&mut c, rows, f64::from),
                ColumnReader::Int64ColumnReader(mut c) => whole::<Int64Type>(&mut c, rows, |x| x as f64),
                _ => return Err(wrong(format!("column `{called}` holds no numbers"))),
            };
            let column = column.map_err(|e| wrong(format!("column `{called}`: {e}")))?;
            if column.len() != rows {
                return Err(wrong(format!(
                    "column `{called}` has {} of {rows} values: the others are missing",
                    column.len()
                )));
            }
            columns.push(column);
        }
        for j in 0..rows {
            columns.iter().enumerate().for_each(|(i, column)| blocks.put(i, column[j]));
            blocks.row();
        }
    }
    let rows = blocks.finish(name)?;
    Ok(Shape { rows, chains: None })
}

/// The values of a column in a row group.
fn whole<T: DataType>(
    column: &mut parquet::column::reader::ColumnReaderImpl<T>,
    rows: usize,
    number: impl Fn(T::T) -> f64,
) -> parquet::errors::Result<Vec<f64>> {
    let mut values = Vec::with_capacity(rows);
    let mut levels = Vec::new();
    loop {
        let (records, found, _) = column.read_records(rows, Some(&mut levels), None, &mut values)?;
        if records == 0 && found == 0 {
            break;
        }
    }
    Ok(values.into_iter().map(number).collect())
}
