//! The registry of KPIs: every model whose header has `[kpi]`, as two views that others read without knowing its name.

use datafusion::arrow::datatypes::DataType;
use datafusion::prelude::DataFrame;

use super::header::Kpi;
use super::{Model, ModelError, Parameters};

/// Area of the views.
pub const AREA: &str = "kpis";

const PREFIX: &str = "kpi_";
const VALUES: &str = include_str!("kpi_values.sql");
const VALUE: &str = include_str!("kpi_value.sql");
const REGISTRY: &str = include_str!("kpi_registry.sql");
const ENTRY: &str = include_str!("kpi_entry.sql");
const DIRECTIONS: [&str; 3] = ["up", "down", "none"];
const COLUMNS: [&str; 4] = ["event_date", "numerator", "denominator", "people"];

/// Names and texts of the two views over the KPIs among `models`; without any, both views have no rows.
///
/// # Errors
/// When a KPI's name or header is not as it must be.
pub fn views<'a>(models: impl Iterator<Item = &'a Model>) -> Result<[(&'static str, String); 2], ModelError> {
    let (mut values, mut registry) = (VALUES.to_owned(), REGISTRY.to_owned());
    for model in models {
        if let Some(kpi) = &model.header.kpi {
            let literals = literals(model, kpi)?;
            values += &literals.fill(&model.file(), VALUE)?;
            registry += &literals.fill(&model.file(), ENTRY)?;
        }
    }
    Ok([("kpi_values", values), ("kpi_registry", registry)])
}

fn literals(model: &Model, kpi: &Kpi) -> Result<Parameters, ModelError> {
    let wrong = |message: String| ModelError::Header { file: model.file(), message };
    let name = model.name.strip_prefix(PREFIX).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| wrong(format!("it has `[kpi]`, so its file must be named `{PREFIX}<name of the KPI>.sql`")))?;
    if !DIRECTIONS.contains(&kpi.direction.as_str()) {
        return Err(wrong(format!("`kpi.direction` is `{}`, expected `up`, `down` or `none`", kpi.direction)));
    }
    let mut literals = Parameters::default();
    literals.set("model", &model.name);
    literals.set("kpi", &text(name));
    literals.set("title", &text(&kpi.title));
    literals.set("numerator", &text(&kpi.numerator));
    literals.set("denominator", &kpi.denominator.as_deref().map_or_else(|| "null".to_owned(), text));
    literals.set("window_days", &kpi.window_days.to_string());
    literals.set("maturity_days", &kpi.maturity_days.to_string());
    literals.set("unit", &text(&kpi.unit));
    literals.set("direction", &text(&kpi.direction));
    literals.set("is_share", &kpi.is_share.to_string());
    Ok(literals)
}

fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// A KPI yields a day and three whole numbers: what rounds silently in one engine and not in the other has no place in it.
///
/// # Errors
/// When `frame`, which is what `model` yields, has other columns.
pub fn check_columns(model: &Model, frame: &DataFrame) -> Result<(), ModelError> {
    if model.header.kpi.is_none() {
        return Ok(());
    }
    let fields = frame.schema().fields();
    let is_fine = |name: &str, kind: &DataType| if name == COLUMNS[0] { *kind == DataType::Date32 } else { kind.is_integer() };
    let names: Vec<&str> = fields.iter().map(|f| f.name().as_str()).collect();
    if names == COLUMNS && fields.iter().all(|f| is_fine(f.name(), f.data_type())) {
        return Ok(());
    }
    let found: Vec<String> = fields.iter().map(|f| format!("`{}` {}", f.name(), f.data_type())).collect();
    let message = format!("a KPI yields {}: a date and three whole numbers; this one yields {}", COLUMNS.join(", "), found.join(", "));
    Err(ModelError::Header { file: model.file(), message })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "/*---\ndescription = \"d\"\nkind = \"view\"\ngrain = [\"event_date\"]\n[kpi]\ntitle = \"Members' days\"\nnumerator = \"days\"\nwindow_days = 1\nunit = \"days\"\ndirection = \"up\"\n---*/\n";

    fn model(name: &str, header: &str) -> Model {
        let sql = "select event_date, events as numerator, events as denominator, events as people from member_days";
        Model::parse("own", name, &format!("{header}{sql}")).expect("a model")
    }

    #[test]
    fn each_kpi_is_a_part_of_both_views() {
        let [(values, value), (registry, entry)] = views([model("kpi_days", HEADER)].iter()).expect("views");
        assert_eq!((values, registry), ("kpi_values", "kpi_registry"));
        let read = Model::parse(AREA, values, &value).expect("one select").reads;
        assert_eq!(Vec::from_iter(read), ["kpi_days"]);
        assert!(entry.contains("'Members'' days' as title"), "{entry}");
        assert!(Model::parse(AREA, registry, &entry).expect("one select").reads.is_empty());
    }

    #[test]
    fn what_is_no_kpi_is_refused() {
        let refused = |model: Model| views([model].iter()).expect_err("refused").to_string();
        assert!(refused(model("days", HEADER)).contains("`kpi_<name of the KPI>.sql`"));
        let sideways = HEADER.replace("\"up\"", "\"sideways\"");
        assert!(refused(model("kpi_days", &sideways)).contains("`kpi.direction` is `sideways`"));
    }
}
