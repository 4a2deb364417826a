import hashlib
import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from crosstask.config.adapter import Lora
from crosstask.config.training import Loss
from crosstask.fingerprint import file_hash, files_hash, fingerprint


def test_is_the_sha256_of_canonical_json():
    expected = hashlib.sha256(
        json.dumps({"a": 1, "b": [2]}, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()
    assert fingerprint({"b": [2], "a": 1}) == expected[:20]


def test_dataclasses_and_enums_count_by_content():
    assert fingerprint(Lora(rank=4)) == fingerprint(Lora(rank=4)) != fingerprint(Lora(rank=5))
    assert fingerprint(Loss.completion) == fingerprint("completion")


def test_values_of_parquet_count_by_content_and_kind():
    day = date(2020, 1, 1)
    values = [
        day,
        date(2020, 1, 2),
        datetime(2020, 1, 1),
        datetime(2020, 1, 1, tzinfo=UTC),
        time(1, 2),
        timedelta(1),
        Decimal("1.5"),
        b"1.5",
        "1.5",
        1.5,
        str(day),
    ]
    assert len({fingerprint({"d": value}) for value in values}) == len(values)
    assert fingerprint(date(2020, 1, 1)) == fingerprint(day)


def test_things_without_a_content_are_refused():
    with pytest.raises(TypeError, match="object"):
        fingerprint(object())


def test_files_count_by_name_and_bytes_not_by_folder(tmp_path: Path):
    for folder, content in (("one", "x"), ("two", "x"), ("three", "y")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "weights").write_text(content)
    one, two, three = ((tmp_path / name / "weights") for name in ("one", "two", "three"))
    assert file_hash(one) == hashlib.sha256(b"x").hexdigest()
    assert files_hash([one]) == files_hash([two]) != files_hash([three])
