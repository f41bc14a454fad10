//! An evaluation as tables, and what the tables say of the model that is published.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Date32Array, Float64Array, Int64Array, StringArray};
use arrow::datatypes::{DataType, Field, Float64Type, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;

use super::acts::{Splits, Window};
use super::bootstrap::Estimate;
use super::by_time::{BLEND, ByTime, Compared, OBJECTIVE};
use super::dataset::Dataset;
use super::error::EvaluateError;
use super::intervals::Measured;
use crate::recommend::blend::Weight;

const VALIDATION: &str = "validation";
const TEST: &str = "test";
const PUBLISHED: &str = "published";

/// `model_evaluation(window, model, metric, value, low, high, difference, difference_low, difference_high, members, from_date,
/// to_date)`.
pub fn evaluation_schema() -> SchemaRef {
    let text = |name| Field::new(name, DataType::Utf8, false);
    let number = |name| Field::new(name, DataType::Float64, false);
    let perhaps = |name| Field::new(name, DataType::Float64, true);
    let day = |name| Field::new(name, DataType::Date32, false);
    Arc::new(Schema::new(vec![
        text("window"),
        text("model"),
        text("metric"),
        number("value"),
        number("low"),
        number("high"),
        perhaps("difference"),
        perhaps("difference_low"),
        perhaps("difference_high"),
        Field::new("members", DataType::Int64, false),
        day("from_date"),
        day("to_date"),
    ]))
}

/// `blend_weights(model, deviations, log_odds)`.
pub fn weights_schema() -> SchemaRef {
    let number = |name| Field::new(name, DataType::Float64, false);
    Arc::new(Schema::new(vec![Field::new("model", DataType::Utf8, false), number("deviations"), number("log_odds")]))
}

/// What the blend reaches, and what the published one did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// The blend of this evaluation.
    pub new: Estimate,
    /// The one whose lists are published.
    pub published: Estimate,
}

/// One row.
struct Row<'a> {
    window: &'static str,
    days: Window,
    members: usize,
    model: &'static str,
    measured: &'a Measured,
    difference: Option<&'a Measured>,
}

/// The rows of an evaluation, by grain. Of the blend they say what is published, too, unless `kept` does: rows of an earlier
/// evaluation, whose model stays.
///
/// # Errors
/// None that an evaluation could cause.
pub fn evaluation_batches(splits: &Splits, found: &ByTime, kept: Option<RecordBatch>) -> Result<Vec<RecordBatch>, EvaluateError> {
    let of = |window, (days, dataset): &'_ (Window, Dataset)| (window, *days, dataset.counts.evaluated);
    let own = if kept.is_none() { found.models.iter().filter(|compared| compared.model == BLEND).collect() } else { Vec::new() };
    let test: Vec<&Compared> = found.models.iter().collect();
    let published = rows(of(PUBLISHED, &splits.test), own, |compared| &compared.test);
    let validated = rows(of(VALIDATION, &splits.validation), test.clone(), |compared| &compared.validation);
    let tested = rows(of(TEST, &splits.test), test, |compared| &compared.test);
    let mut batches = vec![batch(&published)?];
    batches.extend(kept);
    batches.extend([batch(&tested)?, batch(&validated)?]);
    Ok(batches)
}

fn rows<'a>(
    (window, days, members): (&'static str, Window, usize),
    mut models: Vec<&'a Compared>,
    metrics: impl Fn(&'a Compared) -> &'a Vec<Measured>,
) -> Vec<Row<'a>> {
    models.sort_by_key(|compared| compared.model);
    let mut all = Vec::new();
    for compared in models {
        let mut own: Vec<&Measured> = metrics(compared).iter().collect();
        own.sort_by(|left, right| left.name.cmp(&right.name));
        for measured in own {
            let difference = compared.difference.iter().find(|difference| window == TEST && difference.name == measured.name);
            all.push(Row { window, days, members, model: compared.model, measured, difference });
        }
    }
    all
}

fn batch(rows: &[Row<'_>]) -> Result<RecordBatch, ArrowError> {
    let text = |pick: fn(&Row<'_>) -> &'static str| Arc::new(StringArray::from_iter_values(rows.iter().map(pick))) as ArrayRef;
    let number = |pick: fn(&Estimate) -> f64| {
        Arc::new(rows.iter().map(|row| Some(pick(&row.measured.estimate))).collect::<Float64Array>()) as ArrayRef
    };
    let difference = |pick: fn(&Estimate) -> f64| {
        Arc::new(rows.iter().map(|row| row.difference.map(|difference| pick(&difference.estimate))).collect::<Float64Array>()) as ArrayRef
    };
    let columns: Vec<ArrayRef> = vec![
        text(|row| row.window),
        text(|row| row.model),
        Arc::new(StringArray::from_iter_values(rows.iter().map(|row| &row.measured.name))),
        number(|estimate| estimate.value),
        number(|estimate| estimate.low),
        number(|estimate| estimate.high),
        difference(|estimate| estimate.value),
        difference(|estimate| estimate.low),
        difference(|estimate| estimate.high),
        Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.members as i64))),
        Arc::new(Date32Array::from_iter_values(rows.iter().map(|row| row.days.from))),
        Arc::new(Date32Array::from_iter_values(rows.iter().map(|row| row.days.to - 1))),
    ];
    RecordBatch::try_new(evaluation_schema(), columns)
}

/// The weights, by model.
///
/// # Errors
/// None that weights could cause.
pub fn weights_batches(weights: &[Weight]) -> Result<Vec<RecordBatch>, EvaluateError> {
    let mut weights = weights.to_vec();
    weights.sort_by_key(|weight| weight.model);
    let number = |pick: fn(&Weight) -> f64| Arc::new(Float64Array::from_iter_values(weights.iter().map(pick))) as ArrayRef;
    let models = Arc::new(StringArray::from_iter_values(weights.iter().map(|weight| weight.model)));
    let columns = vec![models as ArrayRef, number(|weight| weight.deviations), number(|weight| weight.log_odds)];
    Ok(vec![RecordBatch::try_new(weights_schema(), columns)?])
}

/// The rows of `model_evaluation` that say what is published; none where nothing is.
///
/// # Errors
/// When the batches are not of [`evaluation_schema`].
pub fn published(batches: &[RecordBatch]) -> Result<Option<RecordBatch>, EvaluateError> {
    let (schema, mut rows) = (evaluation_schema(), Vec::new());
    for batch in batches {
        let columns = schema.fields().iter().map(|field| {
            let column =
                batch.column_by_name(field.name()).ok_or_else(|| ArrowError::SchemaError(format!("no column `{}`", field.name())))?;
            arrow::compute::cast(column, field.data_type())
        });
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns.collect::<Result<_, ArrowError>>()?)?;
        let is_published = batch.column(0).as_string::<i32>().iter().map(|window| Some(window == Some(PUBLISHED))).collect();
        rows.push(arrow::compute::filter_record_batch(&batch, &is_published)?);
    }
    let rows = arrow::compute::concat_batches(&schema, &rows)?;
    Ok((rows.num_rows() > 0).then_some(rows))
}

/// What the blend of `model_evaluation` reaches beside the published one; none where either is not there.
pub fn standing(batches: &[RecordBatch]) -> Option<Standing> {
    let of = |window: &str| batches.iter().find_map(|batch| objective(batch, window));
    of(TEST).zip(of(PUBLISHED)).map(|(new, published)| Standing { new, published })
}

/// The blend's objective in a window.
fn objective(batch: &RecordBatch, window: &str) -> Option<Estimate> {
    let text = |name: &str| arrow::compute::cast(batch.column_by_name(name)?, &DataType::Utf8).ok();
    let number = |name: &str, row: usize| Some(batch.column_by_name(name)?.as_primitive_opt::<Float64Type>()?.value(row));
    let (windows, models, metrics) = (text("window")?, text("model")?, text("metric")?);
    let is = |array: &ArrayRef, row: usize, value: &str| array.as_string::<i32>().value(row) == value;
    let wanted = |row: &usize| is(&windows, *row, window) && is(&models, *row, BLEND) && is(&metrics, *row, OBJECTIVE);
    let row = (0..batch.num_rows()).find(wanted)?;
    Some(Estimate { value: number("value", row)?, low: number("low", row)?, high: number("high", row)? })
}

impl Standing {
    /// Whether the new one falls short of the published one by more than `tolerance`, a share of what that reached, even at the
    /// upper end of its interval.
    #[must_use]
    pub fn loses(&self, tolerance: f64) -> bool {
        self.new.high < self.published.value * (1.0 - tolerance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(value: f64) -> Estimate {
        Estimate { value, low: value - 0.01, high: value + 0.01 }
    }

    #[test]
    fn only_a_clear_loss_is_one() {
        let loses = |new: f64, tolerance| Standing { new: estimate(new), published: estimate(0.1) }.loses(tolerance);
        assert!(loses(0.05, 0.05) && !loses(0.09, 0.05) && !loses(0.2, 0.0) && !loses(0.05, 1.0));
        assert!(loses(0.08, 0.05) && !loses(0.08, 0.2));
    }

    #[test]
    fn weights_come_by_model() {
        let weight = |model| Weight { model, deviations: 1.0, log_odds: -1.0 };
        let batches = weights_batches(&[weight("svd"), weight("ease")]).unwrap();
        assert_eq!(batches[0].column(0).as_string::<i32>().value(0), "ease");
        assert_eq!(batches[0].column(2).as_primitive::<Float64Type>().values(), &[-1.0, -1.0]);
    }
}
