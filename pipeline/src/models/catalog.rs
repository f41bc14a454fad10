//! All models by table name: the built-in ones, with the site's own on top, and the views over all KPIs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use datafusion::sql::parser::{DFParser, Statement};
use datafusion::sql::resolve::resolve_table_references;
use datafusion::sql::sqlparser::ast::Statement as SqlStatement;
use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};

use super::{Header, ModelError, kpis};

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../sql");

/// One `.sql` file.
#[derive(Debug, Clone)]
pub struct Model {
    /// File name without ending; also the table's name.
    pub name: String,
    /// Folder.
    pub area: String,
    /// What it says of itself.
    pub header: Header,
    /// The select, with its parameters still in it.
    pub sql: String,
    /// Tables it reads, by name.
    pub reads: BTreeSet<String>,
}

impl Model {
    /// Reads one model from its text.
    ///
    /// # Errors
    /// When the header or the SQL is not as it must be.
    pub fn parse(area: &str, name: &str, text: &str) -> Result<Self, ModelError> {
        let file = format!("{area}/{name}.sql");
        let (header, sql) = Header::split(&file, text)?;
        let reads = tables_read(&file, sql)?;
        Ok(Self { name: name.to_owned(), area: area.to_owned(), header, sql: sql.to_owned(), reads })
    }

    /// Area and file name, for messages.
    #[must_use]
    pub fn file(&self) -> String {
        format!("{}/{}.sql", self.area, self.name)
    }
}

/// Models by table name.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    models: BTreeMap<String, Model>,
    generated: Vec<(&'static str, String)>,
    hash: String,
}

impl Catalog {
    /// The built-in models and, where `site` is a folder, the site's own: same table name, the site's wins.
    ///
    /// # Errors
    /// When a file can't be read or is not a model.
    pub fn load(site: Option<&Path>) -> Result<Self, ModelError> {
        let mut models = from_texts(built_in())?;
        if let Some(folder) = site {
            models.extend(from_texts(site_texts(folder)?)?);
        }
        let generated = Vec::from(kpis::views(models.values())?);
        for (name, text) in &generated {
            add(&mut models, Model::parse(kpis::AREA, name, text)?)?;
        }
        let mut hasher = Sha256::new();
        for model in models.values() {
            hasher.update(format!("{}\0{:?}\0{}\0", model.file(), model.header, model.sql));
        }
        Ok(Self { models, generated, hash: hex::encode(hasher.finalize()) })
    }

    /// All models, by name.
    pub fn models(&self) -> impl Iterator<Item = &Model> {
        self.models.values()
    }

    /// One model.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Model> {
        self.models.get(name)
    }

    /// Names and texts of the models that no file holds, because they are made from the headers of others.
    #[must_use]
    pub fn generated(&self) -> &[(&'static str, String)] {
        &self.generated
    }

    /// SHA-256 over all headers and texts, hex.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

type Text = (String, String, String);

fn built_in() -> Vec<Text> {
    let files = BUILT_IN.dirs().flat_map(Dir::files).filter(|f| f.path().extension().is_some_and(|e| e == "sql"));
    files.filter_map(|file| Some((area(file.path())?, stem(file.path())?, file.contents_utf8()?.to_owned()))).collect()
}

fn site_texts(folder: &Path) -> Result<Vec<Text>, ModelError> {
    let mut texts = Vec::new();
    let found = entries(folder)?;
    if let Some(path) = found.iter().find(|p| p.is_file() && p.extension().is_some_and(|e| e == "sql")) {
        return Err(ModelError::NoArea { path: path.clone() });
    }
    for area_folder in found.into_iter().filter(|p| p.is_dir()) {
        for path in entries(&area_folder)?.into_iter().filter(|p| p.extension().is_some_and(|e| e == "sql")) {
            let text = std::fs::read_to_string(&path).map_err(|source| ModelError::Read { path: path.clone(), source })?;
            texts.extend(area(&path).zip(stem(&path)).map(|(area, name)| (area, name, text)));
        }
    }
    Ok(texts)
}

fn entries(folder: &Path) -> Result<Vec<std::path::PathBuf>, ModelError> {
    let read = |source| ModelError::Read { path: folder.to_owned(), source };
    let mut paths =
        std::fs::read_dir(folder).map_err(read)?.map(|entry| entry.map(|e| e.path()).map_err(read)).collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}

fn area(path: &Path) -> Option<String> {
    Some(path.parent()?.file_name()?.to_str()?.to_owned())
}

fn stem(path: &Path) -> Option<String> {
    Some(path.file_stem()?.to_str()?.to_owned())
}

fn from_texts(texts: Vec<Text>) -> Result<BTreeMap<String, Model>, ModelError> {
    let mut models: BTreeMap<String, Model> = BTreeMap::new();
    for (area, name, text) in texts {
        add(&mut models, Model::parse(&area, &name, &text)?)?;
    }
    Ok(models)
}

fn add(models: &mut BTreeMap<String, Model>, model: Model) -> Result<(), ModelError> {
    if let Some(first) = models.get(&model.name) {
        return Err(ModelError::Twice { table: model.name.clone(), first: first.file(), second: model.file() });
    }
    models.insert(model.name.clone(), model);
    Ok(())
}

/// The tables that one plain select reads; its own CTEs are not among them.
fn tables_read(file: &str, sql: &str) -> Result<BTreeSet<String>, ModelError> {
    let wrong = |message: String| ModelError::Sql { file: file.to_owned(), message };
    let statements = DFParser::parse_sql(sql).map_err(|e| wrong(e.to_string()))?;
    let statement = match statements.len() {
        1 => &statements[0],
        other => return Err(wrong(format!("found {other} statements"))),
    };
    let is_query = matches!(statement, Statement::Statement(inner) if matches!(**inner, SqlStatement::Query(_)));
    if !is_query {
        return Err(wrong(format!("found `{statement}`")));
    }
    let (tables, _) = resolve_table_references(statement, true).map_err(|e| wrong(e.to_string()))?;
    Ok(tables.into_iter().map(|t| t.table().to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KPI: &str = "/*---\ndescription = \"d\"\nkind = \"view\"\ngrain = [\"event_date\"]\n[kpi]\ntitle = \"t\"\nnumerator = \"n\"\nwindow_days = 1\nunit = \"days\"\ndirection = \"none\"\n---*/\n";

    #[test]
    fn a_site_adds_kpis_as_it_adds_models() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("kpis")).expect("a folder");
        let sql = "select event_date, events as numerator, events as denominator, events as people from member_days";
        std::fs::write(folder.path().join("kpis/kpi_own.sql"), format!("{KPI}{sql}")).expect("a file");
        let catalog = Catalog::load(Some(folder.path())).expect("sound models");
        assert!(catalog.get("kpi_values").is_some_and(|model| model.reads.contains("kpi_own")));
        assert!(catalog.get("kpi_registry").is_some_and(|model| model.sql.contains("'own' as kpi")));
    }

    #[test]
    fn a_model_outside_an_area_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("mine.sql"), "select 1 as a").expect("a file");
        let error = Catalog::load(Some(folder.path())).expect_err("it is in no area");
        assert!(error.to_string().contains("mine.sql` is in no area's folder"), "{error}");
    }
}
