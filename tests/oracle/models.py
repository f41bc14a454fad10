"""The models of sql/ as another engine runs them: headers, order, parameters. What does not belong: any engine."""

import re
import tomllib
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

HEADER = re.compile(r"\s*/\*---\n(.*?)---\*/", re.DOTALL)
QUOTED = r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/"
PARAMETER = re.compile(QUOTED + r"|\$([a-z_][a-z0-9_]*)", re.DOTALL)
TABLE_NAME = re.compile(r"\b(?:from|join)\s+([a-z_][a-z0-9_]*)")


class Unusable(Exception):
    """What was given can't be compared at all."""


@dataclass(frozen=True)
class Model:
    """One .sql file: its name, what its header says, its select."""

    name: str
    says: dict
    sql: str

    @property
    def kind(self):
        """What becomes of it: table, state, scratch, view."""
        return self.says["kind"]

    def reads(self):
        """Names after `from` and `join`: tables, and the model's own CTEs."""
        return set(TABLE_NAME.findall(re.sub(QUOTED, "", self.sql, flags=re.DOTALL)))


def read_models(folder):
    """Name -> Model, of every .sql file below the folder."""
    models = {}
    for path in sorted(folder.rglob("*.sql")):
        text = path.read_text(encoding="utf-8")
        header = HEADER.match(text)
        if not header:
            raise Unusable(f"`{path}` has no header between `/*---` and `---*/`")
        models[path.stem] = Model(path.stem, tomllib.loads(header.group(1)), text[header.end() :])
    if not models:
        raise Unusable(f"no .sql files in `{folder}`")
    return models


def in_order(models):
    """Models, each after what it reads."""
    graph = {name: model.reads() & models.keys() for name, model in models.items()}
    try:
        return [models[name] for name in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        raise Unusable(f"these models need each other in a circle: {error.args[1]}") from error


def fill(model, parameters):
    """The model's SQL with literals for parameters; quotes and comments stay as they are."""

    def literal(match):
        name = match.group(1)
        if name is None:
            return match.group(0)
        if name not in parameters:
            raise Unusable(f"`{model.name}` needs the parameter `${name}`, which is not in --params")
        return parameters[name]

    return PARAMETER.sub(literal, model.sql)
