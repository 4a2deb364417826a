"""A Hub of our own, and processes that know no other; the libraries read where it is when they are imported."""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.hub.hub_server import HubServer

Client = Callable[..., Any]
"""Calls a function in another process; what it returns or raises comes back."""


def environment(hub: HubServer, home: Path) -> dict[str, str]:
    """The environment of a user whose Hub is ours, without an account, proxies or settings of the libraries."""
    kept = {key: value for key, value in os.environ.items() if not key.upper().startswith(("HF_", "HUGGING"))}
    kept = {key: value for key, value in kept.items() if not key.lower().endswith("_proxy")}
    quiet = {f"HF_{library}_DISABLE_PROGRESS_BARS": "1" for library in ("HUB", "DATASETS")}
    return {**kept, **quiet, "HF_ENDPOINT": hub.url, "HF_HOME": str(home)}


@contextmanager
def client_of(hub: HubServer, home: Path) -> Iterator[Client]:
    """Yield a process in which the libraries are imported with this environment."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        with pytest.MonkeyPatch.context() as patch:
            for key in set(os.environ) - set(environment(hub, home)):
                patch.delenv(key)
            for key, value in environment(hub, home).items():
                patch.setenv(key, value)
            pool.submit(os.getpid).result()
        yield lambda function, *arguments: pool.submit(function, *arguments).result(60)


@pytest.fixture(scope="session")
def hub() -> Iterator[HubServer]:
    with HubServer().running() as server:
        yield server


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the libraries keep what they downloaded."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def client(hub: HubServer, home: Path) -> Iterator[Client]:
    with client_of(hub, home) as call:
        yield call
