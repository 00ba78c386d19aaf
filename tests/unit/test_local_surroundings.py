from pathlib import Path

import pytest

from nexus.entrypoints.local.server import CannotRun
from nexus.entrypoints.local.surroundings import surroundings


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


class TestSurroundings:
    def test_lead_every_process_to_the_ports_that_were_chosen(self) -> None:
        told = surroundings({"NEXUS_PORT": "9000", "SANDBOX_PORT": "9001"})

        assert told["PUBLIC_URL"] == "http://127.0.0.1:9000"
        assert told["CHAPA_BASE_URL"] == "http://127.0.0.1:9001/chapa/v1"
        assert told["SMTP_PORT"] == "8025"

    def test_let_the_environment_win_over_the_file(self, checkout: Path) -> None:
        (checkout / ".env").write_text("# A comment\nSHOP_NAME=Suq\nNEXUS_PORT=9000\n")

        told = surroundings({"NEXUS_PORT": "9002"})

        assert (told["SHOP_NAME"], told["NEXUS_PORT"]) == ("Suq", "9002")

    def test_keep_proxies_away_from_this_machine(self) -> None:
        told = surroundings({"NO_PROXY": "example.com"})

        assert told["NO_PROXY"] == "example.com,127.0.0.1,localhost"

    def test_refuse_production(self) -> None:
        with pytest.raises(CannotRun, match="NEXUS_ENV=local"):
            surroundings({"NEXUS_ENV": "production"})

    def test_refuse_what_is_not_a_port(self) -> None:
        with pytest.raises(CannotRun, match="NEXUS_PORT is not a port: web"):
            surroundings({"NEXUS_PORT": "web"})
