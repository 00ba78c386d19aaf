import re
from dataclasses import fields
from pathlib import Path

from nexus.settings import Settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"


def test_the_example_names_every_setting() -> None:
    named = set(re.findall(r"^(?:# )?([A-Z0-9_]+)=", EXAMPLE.read_text(), re.MULTILINE))

    assert {field.name.upper() for field in fields(Settings)} <= named
