//! KPIs of a site's own: a file with `[kpi]` is a part of the registry's two views.

use tempfile::TempDir;

use crate::programs::assert_holds;
use crate::sample::{self, AS_OF};
use crate::site::Site;

const HEADER: &str = "/*---\ndescription = \"d\"\nkind = \"scratch\"\ngrain = [\"event_date\"]\n[kpi]\ntitle = \"Members' ratings\"\n\
    numerator = \"ratings\"\nwindow_days = 1\nunit = \"ratings\"\ndirection = \"up\"\n---*/\n";
const TABLE: &str = "/*---\ndescription = \"d\"\nkind = \"table\"\ngrain = [\"kpi\", \"event_date\"]\n---*/\n";

/// A site with these files of its own.
fn with_models(files: &[(&str, String)]) -> (Site, TempDir) {
    let models = tempfile::tempdir().expect("a writable folder");
    std::fs::create_dir(models.path().join("own")).expect("a writable folder");
    for (file, text) in files {
        std::fs::write(models.path().join("own").join(file), text).expect("a writable file");
    }
    let mut config = sample::config();
    config["models"]["path"] = models.path().display().to_string().into();
    (sample::copy_with(&config), models)
}

#[test]
fn a_kpi_of_the_sites_own_is_in_the_registry() {
    let kpi = "select event_date, count(*) as numerator, cast(null as bigint) as denominator, \
        count(distinct user_id) as people from ratings group by event_date";
    let all = "select entry.kpi, entry.title, value.event_date, value.numerator, value.denominator from kpi_values as value \
        inner join kpi_registry as entry on value.kpi = entry.kpi where entry.kpi = 'rated'";
    let (site, _models) = with_models(&[("kpi_rated.sql", format!("{HEADER}{kpi}")), ("rated.sql", format!("{TABLE}{all}"))]);
    site.hachi(&["run", "--as-of", AS_OF, "--select", "+rated"]).ok();
    assert_eq!(site.column("select distinct title from rated"), ["Members' ratings"]);
    let ratings = site.column("select count(*) from ratings");
    assert_eq!(site.column("select sum(numerator) from rated where denominator is null"), ratings);
}

#[test]
fn a_kpi_of_other_columns_is_refused() {
    let kpi = "select event_date, avg(rating) as numerator, 1 as denominator, 1 as people from ratings group by event_date";
    let (site, _models) = with_models(&[("kpi_rated.sql", format!("{HEADER}{kpi}"))]);
    let refused = site.hachi(&["check"]).failed(3);
    assert_holds(&refused, &["`own/kpi_rated.sql`", "a KPI yields event_date, numerator, denominator, people", "`numerator` Float64"]);
    let (site, _models) = with_models(&[("rated.sql", format!("{HEADER}{kpi}"))]);
    assert_holds(&site.hachi(&["check"]).failed(3), &["`own/rated.sql`", "`kpi_<name of the KPI>.sql`"]);
}
