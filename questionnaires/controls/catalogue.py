"""The frameworks, controls and crosswalk that come with the product."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType

from questionnaires.controls.definition import Control, Crosswalk, Framework, Pair
from questionnaires.controls.documents import CatalogueError, parse_crosswalk, parse_framework
from questionnaires.engine.reading import read_yaml

DATA = Path(__file__).parent / "data"
SHIPPED = ("iso-42001", "nist-ai-rmf", "eu-ai-act", "iso-27001", "oecd")
"""Keys of the shipped frameworks in the order in which people see them; also names of files."""
ISO_42001 = "iso-42001"


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Frameworks, and the crosswalk between them."""

    frameworks: tuple[Framework, ...]
    crosswalk: Crosswalk

    @cached_property
    def _by_key(self) -> Mapping[str, Framework]:
        return MappingProxyType({framework.key: framework for framework in self.frameworks})

    def framework(self, key: str) -> Framework | None:
        """Return the framework with this key, or None."""
        return self._by_key.get(key)

    def control(self, framework: str, id: str) -> Control | None:
        """Return a control by its framework's key and its id, or None."""
        found = self.framework(framework)
        return found.control(id) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Which controls of a framework are asked for: three parts that make up the whole.

    `not_expected` are those that are no business of a supplier's and are not asked.
    """

    asked: tuple[Control, ...]
    gaps: tuple[Control, ...]
    not_expected: tuple[Control, ...]


def coverage(controls: Iterable[Control], asked: Iterable[Pair]) -> Coverage:
    """Sort `controls` by whether `asked` names them, each as framework and id; keeps the order."""
    named = frozenset(asked)
    found: list[Control] = []
    gaps: list[Control] = []
    not_expected: list[Control] = []
    for control in controls:
        if (control.framework, control.id) in named:
            found.append(control)
        elif control.is_asked_of_suppliers:
            gaps.append(control)
        else:
            not_expected.append(control)
    return Coverage(asked=tuple(found), gaps=tuple(gaps), not_expected=tuple(not_expected))


def joined(frameworks: Sequence[Framework], crosswalk: Crosswalk) -> Catalogue:
    """Return a catalogue; raises CatalogueError when the crosswalk names what is not there."""
    catalogue = Catalogue(frameworks=tuple(frameworks), crosswalk=crosswalk)
    for row in crosswalk.rows:
        for framework, control in (
            (row.framework, row.control),
            (row.to_framework, row.to_control),
        ):
            if catalogue.control(framework, control) is None:
                raise CatalogueError(f"crosswalk: {framework} has no “{control}”")
    return catalogue


@cache
def load_shipped() -> Catalogue:
    """Return what comes with the product; read once.

    Raises CatalogueError when a file does not hold what it should, DocumentErrors when it is no
    YAML.
    """
    frameworks = [parse_framework(_plain(key)) for key in SHIPPED]
    return joined(frameworks, parse_crosswalk(_plain("crosswalk")))


def _plain(name: str) -> object:
    return read_yaml((DATA / f"{name}.yaml").read_bytes())
