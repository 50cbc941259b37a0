"""Progress where there is no terminal: plain lines, now and then, in the language of the settings."""

import time

import pytest

from cli import progress
from cli.progress import PlainLines, preparing, progress_bars

INTERVAL_S = 0.2


def lines_of(capsys):
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "\x1b" not in printed.err
    assert "\r" not in printed.err
    return printed.err.splitlines()


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(progress, "INTERVAL_S", INTERVAL_S)


def test_a_long_step_is_told_of_every_interval_and_no_more_often(quick, capsys):
    began = time.monotonic()
    with progress_bars() as report:
        for done in range(100):
            report("encode", done, 100)
            time.sleep(INTERVAL_S / 20)
    intervals = (time.monotonic() - began) / INTERVAL_S
    lines = lines_of(capsys)

    assert 2 <= len(lines) <= intervals + 1  # of a hundred reports, however slow the computer is
    assert all(line.startswith("Encoding passages: ") for line in lines)
    assert lines[-1].endswith(" of 100")


def test_what_is_done_at_once_needs_no_line(capsys):
    with progress_bars() as report:
        report("encode", 0, 10)
        report("encode", 10, 10)
    assert lines_of(capsys) == []


def test_what_stands_still_is_said_once(capsys):
    lines = PlainLines(INTERVAL_S)
    lines.start()
    lines.report("match", 3, 1200)
    time.sleep(INTERVAL_S * 4)
    lines.stop()
    assert lines_of(capsys) == ["Matching needs: 3 of 1,200"]


def test_it_speaks_the_language_of_the_settings(quick, capsys, monkeypatch):
    monkeypatch.setenv("ENMUSUBI_LANGUAGE", "ja")
    with preparing():
        time.sleep(INTERVAL_S * 2)
    assert lines_of(capsys) == ["エンコーダーを準備中（初回は30秒ほどかかります）"]


def test_a_step_that_has_no_name_of_its_own_is_said_as_it_is(quick, capsys):
    with progress_bars() as report:
        report("faculty: judgements", 1, 2)
        time.sleep(INTERVAL_S * 2)
    assert lines_of(capsys) == ["faculty: judgements: 1 of 2"]
