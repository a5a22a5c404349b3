use super::*;
use ::parquet::basic::Compression;
use ::parquet::data_type::{ByteArrayType, DoubleType, FloatType, Int32Type, Int64Type};
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;
use std::sync::Arc;

/// All rows, one after the other.
fn rows(
    read: impl FnOnce(&mut dyn FnMut(&[f64], usize)) -> Result<Shape, SampleError>,
    dim: usize,
) -> Result<(Shape, Vec<Vec<f64>>), String> {
    let mut rows = Vec::new();
    let shape = read(&mut |xs, n| rows.extend((0..n).map(|j| (0..dim).map(|i| xs[i * n + j]).collect())));
    shape.map(|shape| (shape, rows)).map_err(|e| e.to_string())
}

/// A Parquet file with columns of four types in two row groups.
fn parquet(compression: Compression, schema: &str, groups: &[usize]) -> tempfile::TempPath {
    let file = tempfile::Builder::new().suffix(".parquet").tempfile().unwrap();
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = Arc::new(WriterProperties::builder().set_compression(compression).build());
    let mut writer = SerializedFileWriter::new(file.reopen().unwrap(), schema, properties).unwrap();
    let mut start = 1;
    for &n in groups {
        let xs: Vec<i32> = (start..start + n as i32).collect();
        let mut group = writer.next_row_group().unwrap();
        let mut column = 0;
        while let Some(mut out) = group.next_column().unwrap() {
            // Optional columns have a value where the level is 1; here one in every ten is missing.
            let levels: Option<Vec<i16>> = (column == 4).then(|| xs.iter().map(|x| i16::from(x % 10 != 0)).collect());
            let levels = levels.as_deref();
            match column {
                0 => out.typed::<DoubleType>().write_batch(
                    &xs.iter().map(|x| f64::from(*x) + 0.5).collect::<Vec<_>>(),
                    None,
                    None,
                ),
                1 => out.typed::<FloatType>().write_batch(
                    &xs.iter().map(|x| *x as f32 - 0.25).collect::<Vec<_>>(),
                    None,
                    None,
                ),
                2 => out.typed::<Int32Type>().write_batch(&xs, None, None),
                3 => out.typed::<Int64Type>().write_batch(
                    &xs.iter().map(|x| -i64::from(*x)).collect::<Vec<_>>(),
                    None,
                    None,
                ),
                4 => {
                    let some: Vec<f64> = xs.iter().filter(|x| *x % 10 != 0).map(|x| f64::from(*x)).collect();
                    out.typed::<DoubleType>().write_batch(&some, levels, None)
                }
                _ => out.typed::<ByteArrayType>().write_batch(
                    &xs.iter().map(|x| x.to_string().as_str().into()).collect::<Vec<_>>(),
                    None,
                    None,
                ),
            }
            .unwrap();
            out.close().unwrap();
            column += 1;
        }
        group.close().unwrap();
        start += n as i32;
    }
    writer.close().unwrap();
    file.into_temp_path()
}

const FOUR: &str = "message draws { required double a; required float b; required int32 c; required int64 d; }";

#[test]
fn parquet_files_are_read_row_by_row() {
    for compression in [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::GZIP(Default::default())] {
        let path = parquet(compression, FOUR, &[9000, 500]);
        let (shape, found) = rows(|each| read(&path, 4, each), 4).unwrap();
        assert_eq!(shape, Shape { rows: 9500, chains: None });
        let want: Vec<Vec<f64>> = (1..=9500).map(f64::from).map(|x| vec![x + 0.5, x - 0.25, x, -x]).collect();
        assert!(found == want, "{compression}");
    }
}

#[test]
fn parquet_files_that_are_none() {
    let path = parquet(Compression::SNAPPY, FOUR, &[10]);
    let says = |path: &Path, dim: usize| rows(|each| read(path, dim, each), dim).unwrap_err();
    assert!(says(&path, 3).contains("it has 4 columns, but the target has 3"));
    let bytes = std::fs::read(&path).unwrap();
    let half = tempfile::Builder::new().suffix(".parquet").tempfile().unwrap();
    std::fs::write(half.path(), &bytes[..bytes.len() / 2]).unwrap();
    assert!(says(half.path(), 4).contains(".parquet: "));
    let gaps = FOUR.replace('}', "optional double e; }");
    assert!(says(&parquet(Compression::SNAPPY, &gaps, &[100]), 5).contains("column `e` has 90 of 100 values"));
    let words = FOUR.replace('}', "optional double e; required binary f (UTF8); }");
    assert!(says(&parquet(Compression::SNAPPY, &words, &[5]), 6).contains("column `f` holds no numbers"));
}

fn npy(descr: &str, fortran: bool, shape: &str, data: &[u8]) -> Vec<u8> {
    let order = if fortran { "True" } else { "False" };
    let head = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
    [b"\x93NUMPY\x01\x00", &(head.len() as u16).to_le_bytes()[..], head.as_bytes(), data].concat()
}

/// Numbers of every type, in both byte orders, as chains and in Fortran order.
#[test]
fn npy_files_of_every_type() {
    let xs = [0.0f64, 1.0, -2.0, 3.0, 0.5, 100.0];
    let whole = [0i16, 1, -2, 3, 7, 100];
    let stream = |bytes: Vec<u8>, dim| rows(|each| from_bytes("stream", &bytes[..], dim, each), dim);
    let bytes = |f: &dyn Fn(f64) -> Vec<u8>| xs.iter().flat_map(|x| f(*x)).collect::<Vec<u8>>();
    let want: Vec<Vec<f64>> = xs.chunks(2).map(<[f64]>::to_vec).collect();
    for (descr, data) in [
        ("<f2", bytes(&|x| half::f16::from_f64(x).to_le_bytes().to_vec())),
        (">f2", bytes(&|x| half::f16::from_f64(x).to_be_bytes().to_vec())),
        ("<f4", bytes(&|x| (x as f32).to_le_bytes().to_vec())),
        (">f4", bytes(&|x| (x as f32).to_be_bytes().to_vec())),
        (">f8", bytes(&|x| x.to_be_bytes().to_vec())),
    ] {
        assert_eq!(stream(npy(descr, false, "(3, 2)", &data), 2).unwrap().1, want, "{descr}");
    }
    let want: Vec<Vec<f64>> = whole.chunks(2).map(|row| row.iter().map(|x| f64::from(*x)).collect()).collect();
    let ints = |f: &dyn Fn(i16) -> Vec<u8>| whole.iter().flat_map(|x| f(*x)).collect::<Vec<u8>>();
    for (descr, data) in [
        ("|i1", ints(&|x| vec![x as u8])),
        ("<i2", ints(&|x| x.to_le_bytes().to_vec())),
        (">i4", ints(&|x| i32::from(x).to_be_bytes().to_vec())),
        ("<i8", ints(&|x| i64::from(x).to_le_bytes().to_vec())),
    ] {
        assert_eq!(stream(npy(descr, false, "(3, 2)", &data), 2).unwrap().1, want, "{descr}");
    }
    let unsigned: Vec<u8> = [200u16, 60_000].iter().flat_map(|x| x.to_le_bytes()).collect();
    assert_eq!(stream(npy("<u2", false, "(2,)", &unsigned), 1).unwrap().1, [[200.0], [60_000.0]]);
    // (chains, n, d) = (2, 3, 1): the same draws in both orders, chain after chain.
    let le = |xs: &[f64]| xs.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
    let (shape, c) = stream(npy("<f8", false, "(2, 3, 1)", &le(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])), 1).unwrap();
    assert_eq!(shape, Shape { rows: 6, chains: Some(2) });
    let (_, fortran) = stream(npy("<f8", true, "(2, 3, 1)", &le(&[1.0, 4.0, 2.0, 5.0, 3.0, 6.0])), 1).unwrap();
    assert_eq!((&c, c.len()), (&fortran, 6));
}
