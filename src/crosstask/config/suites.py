"""The suites: named lists of sources, which ``source=glob(*)`` goes over, and of targets."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from omegaconf import OmegaConf

from crosstask.config import task_files
from crosstask.config.task import Role
from crosstask.errors import UserError, hint, quoted

_SUITE = "override /suite@_global_.suite"
"""What a file of ``conf/data`` says to Hydra to choose a suite, which is no part of the data."""


@dataclass(frozen=True)
class SuiteFile:
    """What a file of ``conf/suite`` lists."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]

    @property
    def tasks(self) -> tuple[str, ...]:
        """Every task of the suite, as a source or as a target, each once."""
        return tuple(dict.fromkeys((*self.targets, *self.all_sources)))

    @property
    def all_sources(self) -> tuple[str, ...]:
        """The sources that `source=glob(*)` goes over besides base; see `suite_sources`."""
        return suite_sources(self.sources, self.targets)


def suite_file(name: str) -> SuiteFile:
    """Return what the file of a suite lists."""
    content: Any = OmegaConf.to_container(OmegaConf.load(task_files.CONF / "suite" / f"{name}.yaml")) or {}
    targets: list[str] = []
    for entry in content.get("defaults", []):
        names = entry.get("/target", []) if isinstance(entry, dict) else []
        targets += [names] if isinstance(names, str) else names
    sources = (content.get("suite") or {}).get("sources") or []
    return SuiteFile(tuple(map(str, sources)), tuple(targets))


def suite_files() -> dict[str, SuiteFile]:
    """Return every suite by name, sorted."""
    return {path.stem: suite_file(path.stem) for path in sorted((task_files.CONF / "suite").glob("*.yaml"))}


def suite_of_data(data: str) -> str | None:
    """Return the suite that a file of ``conf/data`` chooses where none is named; None if it leaves that open."""
    content: Any = OmegaConf.to_container(OmegaConf.load(task_files.CONF / "data" / f"{data}.yaml"), resolve=False)
    chosen = [entry[_SUITE] for entry in content.get("defaults", []) if _SUITE in entry]
    return str(chosen[-1]) if chosen else None


def suite_sources(listed: Iterable[str], targets: Collection[str]) -> tuple[str, ...]:
    """Return the sources of a suite besides base.

    Parameters
    ----------
    listed
        Those that it lists.
    targets
        Its targets. Where it lists no sources, these are all whose own task is a target of it: so a suite that is only
        a list of targets has a square matrix, whatever other tasks there are.

    Raises
    ------
    UserError
        If one of those listed is no source.
    """
    found, known = tuple(listed), task_files.options(Role.source)
    for name in found:
        if name not in known:
            raise UserError(f"suite.sources: {quoted(name)} is no source{hint(name, known)}; one of {', '.join(known)}")
    files = task_files.task_files()
    return found or tuple(name for name in known if name in files and (files[name].get("home") or name) in targets)
