//! A retention triangle in colour: a row per cohort, a column per period, deeper where more came back.

use std::collections::BTreeMap;
use std::fmt::Write;

use anstyle::{Color, RgbColor, Style};
use anyhow::Context;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};

/// Lightest and deepest shade, for 0 and 100 %.
const PALE: [u8; 3] = [24, 34, 48];
const DEEP: [u8; 3] = [16, 148, 122];

/// One cohort: its size and its cells by period.
#[derive(Debug, Default)]
struct Cohort {
    size: Option<i64>,
    cells: BTreeMap<i64, Cell>,
}

#[derive(Debug)]
struct Cell {
    rate: Option<f64>,
    is_complete: bool,
}

/// The triangle of rows with cohort_start, cohort_size, period_index, rate and is_complete.
pub fn render(batches: &[RecordBatch]) -> anyhow::Result<String> {
    let cohorts = cohorts(batches)?;
    let periods = cohorts.values().flat_map(|c| c.cells.keys()).max().map_or(0, |last| last + 1);
    let mut text = format!("{:<12}{:>6} ", "week of", "size");
    for period in 0..periods {
        write!(text, "{:>6}", format!("+{period}"))?;
    }
    for (start, cohort) in &cohorts {
        let size = cohort.size.map_or_else(|| "·".to_owned(), |size| size.to_string());
        write!(text, "\n{start:<12}{size:>6} ")?;
        for period in 0..periods {
            text.push_str(&cohort.cells.get(&period).map(cell).unwrap_or_default());
        }
    }
    text.push_str("\n· = too few members to show; … or (rate) = the week has not ended");
    Ok(text)
}

fn cell(cell: &Cell) -> String {
    let Some(rate) = cell.rate else { return format!("{:>6}", if cell.is_complete { "·" } else { "…" }) };
    let percent = format!("{:.0}%", rate * 100.0);
    if !cell.is_complete {
        return format!("{:>6}", format!("({percent})"));
    }
    let style = shade(rate);
    format!("{style}{percent:>6}{style:#}")
}

fn shade(rate: f64) -> Style {
    let mix = |i: usize| (f64::from(PALE[i]) + (f64::from(DEEP[i]) - f64::from(PALE[i])) * rate.clamp(0.0, 1.0)).round() as u8;
    let background = RgbColor(mix(0), mix(1), mix(2));
    Style::new().bg_color(Some(Color::Rgb(background))).fg_color(Some(Color::Rgb(RgbColor(240, 244, 248))))
}

fn cohorts(batches: &[RecordBatch]) -> anyhow::Result<BTreeMap<String, Cohort>> {
    let mut cohorts: BTreeMap<String, Cohort> = BTreeMap::new();
    for batch in batches {
        let starts = column(batch, "cohort_start", &DataType::Utf8)?;
        let sizes = column(batch, "cohort_size", &DataType::Int64)?;
        let periods = column(batch, "period_index", &DataType::Int64)?;
        let rates = column(batch, "rate", &DataType::Float64)?;
        let complete = column(batch, "is_complete", &DataType::Boolean)?;
        for row in 0..batch.num_rows() {
            let cohort = cohorts.entry(starts.as_string::<i32>().value(row).to_owned()).or_default();
            let number = |array: &ArrayRef| array.is_valid(row).then(|| array.as_primitive::<Int64Type>().value(row));
            let rate = rates.is_valid(row).then(|| rates.as_primitive::<Float64Type>().value(row));
            cohort.size = number(&sizes).or(cohort.size);
            let period = number(&periods).unwrap_or_default();
            cohort.cells.insert(period, Cell { rate, is_complete: complete.as_boolean().value(row) });
        }
    }
    Ok(cohorts)
}

fn column(batch: &RecordBatch, name: &str, to: &DataType) -> anyhow::Result<ArrayRef> {
    let array = batch.column_by_name(name).with_context(|| format!("the retention table has no column `{name}`"))?;
    Ok(cast(array, to)?)
}
