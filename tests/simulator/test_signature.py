import pytest

from simulator.signature import HEADER, event_mac, read_timestamp, signature_header
from tests.simulator.shapes import read_data

VECTORS = read_data("signature_vectors.json")


def _hexadecimal(header: str | None) -> str:
    return (header or "").removeprefix("mac").strip(" =").lower()


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["name"])
def test_signature_agrees_with_every_vector(vector: dict[str, object]) -> None:
    body = str(vector["raw_body"]).encode()
    assert read_timestamp(body) == vector["body_timestamp"]
    mac = event_mac(VECTORS["app_id"], body, read_timestamp(body), VECTORS["oa_secret_key"])
    assert (mac == _hexadecimal(vector["header"])) is vector["expect_valid"]  # type: ignore[arg-type]


def test_there_are_eighteen_vectors_of_both_verdicts() -> None:
    verdicts = [vector["expect_valid"] for vector in VECTORS["vectors"]]
    assert len(verdicts) == 18
    assert set(verdicts) == {True, False}


def test_switches_change_the_form_of_the_header_and_nothing_else() -> None:
    body = '{"text":"Đăng ký","timestamp":1789000000000}'.encode()
    mac = event_mac("1", body, "1789000000000", "s")
    assert signature_header("mac", "1", body, "s") == {HEADER: f"mac={mac}"}
    assert signature_header("bare", "1", body, "s") == {HEADER: mac}
    assert signature_header("upper", "1", body, "s") == {HEADER: f"mac={mac.upper()}"}
    assert signature_header("none", "1", body, "s") == {}
    assert mac not in signature_header("wrong_secret", "1", body, "s")[HEADER]
