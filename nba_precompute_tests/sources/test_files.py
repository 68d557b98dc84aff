"""Reading a directory: values that fit are read unchanged, every other problem is named, and nothing is guessed."""

from __future__ import annotations

import datetime as dt
import gzip
import itertools
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nba_precompute.sources import Phase3Error, read_directory
from nba_precompute.sources.csv_files import read_csv
from nba_precompute.tables import SOURCES
from nba_precompute.warehouse.frames import FrameError
from nba_precompute.warehouse.types import arrow_type
from nba_precompute_tests.sources.small import NOON, OPENING, game, games, write
from nba_precompute_tests.support.league import real_season_directory, real_tables


@pytest.fixture
def tables() -> dict[str, pa.Table]:
    return games(game(OPENING), game(OPENING + dt.timedelta(days=1), "003"))


@pytest.fixture
def directory(tmp_path: Path, tables: dict[str, pa.Table]) -> Path:
    return write(tmp_path / "2021-22", tables)


def with_column(directory: Path, table: str, column: str, values: pa.Array) -> None:
    path = directory / f"{table}.parquet"
    read = pq.ParquetFile(path).read()
    pq.write_table(read.set_column(read.column_names.index(column), column, values), path)


def as_csv(directory: Path, name: str, change: Callable[[str], str] = lambda text: text) -> Path:
    """Convert a Parquet file of the directory to CSV, with its text changed."""
    parquet = directory / f"{name}.parquet"
    path = parquet.with_suffix(".csv")
    pyarrow.csv.write_csv(
        pq.ParquetFile(parquet).read(),
        path,
        pyarrow.csv.WriteOptions(quoting_style="none", quoting_header="none"),
    )
    parquet.unlink()
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    return path


def with_cells(column: str, *values: str) -> Callable[[str], str]:
    """Put the values in the first rows of a column."""

    def change(text: str) -> str:
        lines = [line.split(",") for line in text.splitlines()]
        for line, value in zip(lines[1:], values, strict=False):
            line[lines[0].index(column)] = value
        return "\n".join(",".join(line) for line in lines) + "\n"

    return change


def problems(directory: Path) -> list[str]:
    """Return the problems, with file names without their directory."""
    with pytest.raises(Phase3Error) as caught:
        read_directory(directory)
    assert isinstance(caught.value, FrameError)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return [problem.replace(f"{directory}/", "") for problem in caught.value.problems]


# What is read


@pytest.mark.parametrize("season", [2021, 2022])
def test_a_real_season(season: int) -> None:
    read = read_directory(real_season_directory(season))
    assert list(read) == list(SOURCES)
    expected = real_tables(season)
    assert read["nbac_schedule"].num_rows == 1230
    for name in SOURCES:
        assert read[name].equals(expected[name]), name


@pytest.mark.parametrize("writer", ["arrow", "pandas"])
def test_csv_is_parquet_for_a_real_season(tmp_path: Path, writer: str) -> None:
    season = real_season_directory(2021)
    for name in SOURCES:
        whole = pq.ParquetFile(season / f"{name}.parquet").read()
        if writer == "arrow":
            pyarrow.csv.write_csv(whole, tmp_path / f"{name}.csv")
        else:  # writes whole numbers as 12.0 where a column has a NULL
            whole.to_pandas().to_csv(tmp_path / f"{name}.csv", index=False)
    from_csv, from_parquet = read_directory(tmp_path), read_directory(season)
    for name in SOURCES:
        assert from_csv[name].equals(from_parquet[name]), name


def test_formats_may_be_mixed(directory: Path, tables: dict[str, pa.Table]) -> None:
    as_csv(directory, "team_offense_game_summary")
    read = read_directory(directory)
    assert all(read[name].equals(tables[name]) for name in SOURCES)


def test_what_is_not_declared_is_ignored(tmp_path: Path, tables: dict[str, pa.Table]) -> None:
    # pyarrow's own reader takes `points=1` for a column
    directory = tmp_path / "points=1" / "season"
    extra = {name: table.append_column("more", pa.array(["y"] * len(table))) for name, table in tables.items()}
    write(directory, extra)
    as_csv(directory, "nbac_schedule")
    (directory / "README.md").write_text("no table")
    (directory / "player_game_summary_old.parquet").write_text("no Parquet")
    read = read_directory(directory)
    assert list(read) == list(SOURCES)
    assert all(read[name].equals(tables[name]) for name in SOURCES)


@pytest.mark.parametrize(
    ("table", "column", "values", "expected"),
    [
        ("player_game_summary", "points", pa.array([1, 2, None, 4] * 2, pa.int32()), [1, 2, None, 4] * 2),
        ("player_game_summary", "points", pa.array([1, 2, 3, 4] * 2, pa.uint8()), [1, 2, 3, 4] * 2),
        (
            "player_game_summary",
            "points",
            pa.array([1.0, None, float("nan"), 0.0] * 2),
            [1, None, None, 0] * 2,
        ),
        ("player_game_summary", "points", pa.nulls(8), [None] * 8),
        ("player_game_summary", "processed_at", pa.nulls(8), [None] * 8),
        (
            "player_game_summary",
            "player_lookup",
            pa.array(["a", None] * 4).dictionary_encode(),
            ["a", None] * 4,
        ),
        ("player_game_summary", "player_lookup", pa.array(["a", "b"] * 4, pa.large_string()), ["a", "b"] * 4),
        (
            "team_offense_game_summary",
            "processed_at",
            pa.array([NOON.replace(tzinfo=None)] * 4, pa.timestamp("ns")),
            [NOON] * 4,
        ),
        (
            "team_offense_game_summary",
            "processed_at",
            pa.array([NOON] * 4, pa.timestamp("s", tz="America/New_York")),
            [NOON] * 4,
        ),
        ("team_offense_game_summary", "game_date", pa.array([OPENING] * 4, pa.date64()), [OPENING] * 4),
        (
            "team_offense_game_summary",
            "game_date",
            pa.array([OPENING, None] * 2, pa.date32()).cast(pa.timestamp("ns")),
            [OPENING, None] * 2,
        ),
        (
            "team_offense_game_summary",
            "game_date",
            pa.array([OPENING] * 4).cast(pa.timestamp("us", "UTC")),
            [OPENING] * 4,
        ),
        ("team_offense_game_summary", "pace", pa.array([98, None] * 2), [98.0, None] * 2),
        (
            "team_offense_game_summary",
            "pace",
            pa.array([Decimal("98.3"), None] * 2, pa.decimal128(5, 1)),
            [98.3, None] * 2,
        ),
    ],
)
def test_parquet_types_that_keep_every_value(
    directory: Path, table: str, column: str, values: pa.Array, expected: list[Any]
) -> None:
    with_column(directory, table, column, values)
    read = read_directory(directory)[table][column]
    (declared,) = (candidate for candidate in SOURCES[table].columns if candidate.name == column)
    assert read.type == arrow_type(declared.type)
    assert read.to_pylist() == expected


@pytest.mark.parametrize(
    ("table", "column", "text", "expected"),
    [
        ("player_game_summary", "points", "12", 12),
        ("player_game_summary", "points", "-3", -3),
        ("player_game_summary", "points", "12.0", 12),
        ("player_game_summary", "points", "", None),
        ("player_game_summary", "points", '""', None),
        ("player_game_summary", "minutes_played", "31", 31.0),
        ("player_game_summary", "minutes_played", "31.25", 31.25),
        ("player_game_summary", "minutes_played", "3.1e1", 31.0),
        ("player_game_summary", "minutes_played", "-inf", float("-inf")),
        ("player_game_summary", "minutes_played", "", None),
        ("player_game_summary", "home_game", "TRUE", True),
        ("player_game_summary", "home_game", "False", False),
        ("player_game_summary", "home_game", "", None),
        ("player_game_summary", "home_game", "T", True),
        ("player_game_summary", "home_game", "f", False),
        ("player_game_summary", "home_game", "1", True),
        ("player_game_summary", "home_game", "0", False),
        ("player_game_summary", "season_year", "2021-22", 2021),
        ("player_game_summary", "season_year", "1999-00", 1999),
        ("player_game_summary", "game_date", "2022-02-28", dt.date(2022, 2, 28)),
        ("player_game_summary", "game_date", "2022-02-28T00:00:00", dt.date(2022, 2, 28)),
        ("player_game_summary", "game_date", "2022-02-28 00:00:00.000", dt.date(2022, 2, 28)),
        ("player_game_summary", "game_date", "2022-02-28T00:00:00Z", dt.date(2022, 2, 28)),
        ("player_game_summary", "player_lookup", "", None),
        ("player_game_summary", "player_lookup", "NULL", "NULL"),
        ("player_game_summary", "player_lookup", "nikolajokić", "nikolajokić"),
        ("player_game_summary", "player_lookup", '"a,b"', "a,b"),
        ("player_game_summary", "game_id", "0022100001", "0022100001"),
        ("player_game_summary", "processed_at", "2021-10-20 10:00:00", NOON),
        ("player_game_summary", "processed_at", "2021-10-20T10:00:00Z", NOON),
        ("player_game_summary", "processed_at", "2021-10-20 10:00:00 UTC", NOON),
        ("player_game_summary", "processed_at", "2021-10-20 06:00:00-04", NOON),
        ("player_game_summary", "processed_at", "2021-10-20T06:00:00.000-04:00", NOON),
        ("player_game_summary", "processed_at", "2021-10-20 10:00", NOON),
        ("player_game_summary", "processed_at", "2021-10-20 10:00:00.000007", NOON.replace(microsecond=7)),
        ("player_game_summary", "processed_at", "", None),
    ],
)
def test_csv_cells(directory: Path, table: str, column: str, text: str, expected: Any) -> None:
    change = with_cells(column, text.replace(",", "\0"))
    as_csv(directory, table, lambda content: change(content).replace("\0", ","))
    assert read_directory(directory)[table][column][0].as_py() == expected


def test_csv_with_byte_order_mark_and_windows_line_ends(directory: Path, tables: dict[str, pa.Table]) -> None:
    path = as_csv(directory, "nbac_schedule")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_directory(directory)["nbac_schedule"].equals(tables["nbac_schedule"])


def test_semicolons_and_decimal_commas(directory: Path, tables: dict[str, pa.Table]) -> None:
    name = "team_offense_game_summary"
    path = as_csv(directory, name, lambda text: text.replace(",", ";").replace("1.5", "1,5"))
    assert "1,5" in path.read_text()
    assert read_directory(directory)[name].equals(tables[name])


def test_names_in_upper_case(directory: Path, tables: dict[str, pa.Table]) -> None:
    as_csv(
        directory, "nbac_schedule", lambda text: "".join((text.partition("\n")[0].upper(), *text.partition("\n")[1:]))
    )
    path = directory / "team_offense_game_summary.parquet"
    rows = tables["team_offense_game_summary"]
    pq.write_table(rows.rename_columns([name.upper() for name in rows.column_names]), path)
    read = read_directory(directory)
    assert all(read[name].equals(tables[name]) for name in SOURCES)


def test_compressed_csv(directory: Path, tables: dict[str, pa.Table]) -> None:
    path = as_csv(directory, "nbac_schedule")
    compressed = path.with_suffix(".csv.gz")
    compressed.write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    assert read_directory(directory)["nbac_schedule"].equals(tables["nbac_schedule"])
    compressed.write_bytes(compressed.read_bytes()[:-20])
    (problem,) = problems(directory)
    assert problem.startswith("nbac_schedule.csv.gz: cannot be read as gzip: ")
    assert problem.endswith("; compress it again")


def test_files_without_rows(directory: Path) -> None:
    as_csv(directory, "nbac_schedule", lambda text: text.splitlines()[0] + "\n")
    name = "team_offense_game_summary"
    pq.write_table(pq.read_table(directory / f"{name}.parquet").slice(0, 0), directory / f"{name}.parquet")
    read = read_directory(directory)
    for empty in ("nbac_schedule", name):
        assert read[empty].num_rows == 0
        assert read[empty].schema.names == list(SOURCES[empty].column_names)


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "STRING": st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), min_size=1, max_size=5),
    "INT64": st.integers(-(2**63), 2**63 - 1),
    "FLOAT64": st.floats(allow_nan=False),
    "BOOL": st.booleans(),
    "DATE": st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)),
    "TIMESTAMP": st.integers(-(2**52), 2**52).map(lambda us: NOON + dt.timedelta(microseconds=us)),
}


@st.composite
def any_rows(draw: st.DrawFn, table: str) -> pa.Table:
    source = SOURCES[table]
    count = draw(st.integers(1, 3))
    return pa.table(
        {
            column.name: pa.array(
                draw(st.lists(st.none() | VALUES[column.type], min_size=count, max_size=count)),
                arrow_type(column.type),
            )
            for column in source.columns
        }
    )


@pytest.mark.parametrize("table", ["player_game_summary", "upcoming_player_game_context"])
@given(data=st.data())
@settings(max_examples=40)
def test_any_rows_survive_csv_and_parquet(
    tmp_path_factory: pytest.TempPathFactory, table: str, data: st.DataObject
) -> None:
    rows = data.draw(any_rows(table))
    directory = write(tmp_path_factory.mktemp("rows"), games(game(OPENING)) | {table: rows})
    assert read_directory(directory)[table].equals(rows)
    (directory / f"{table}.parquet").unlink()
    pyarrow.csv.write_csv(rows, directory / f"{table}.csv")
    assert read_directory(directory)[table].equals(rows)


TYPED = {"points": "INT64", "minutes_played": "FLOAT64", "home_game": "BOOL", "game_date": "DATE"}
PLAYERS = SOURCES["player_game_summary"]
FOUR = replace(PLAYERS, name="four", columns=tuple(column for column in PLAYERS.columns if column.name in TYPED))


@given(
    text=st.text(st.characters(codec="utf-8", exclude_characters='\r\n\0",'), min_size=1, max_size=6)
    | st.text("0123456789.-e", min_size=1, max_size=6)
)
@settings(max_examples=300)
def test_a_cell_is_its_value_or_an_error_but_never_null(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "cells.csv"
    for column in FOUR.columns:
        source = replace(FOUR, columns=(column,))
        path.write_text(f"{column.name},more\n{text},1\n", encoding="utf-8")
        table, found = read_csv(path, source)
        if table is None:
            (problem,) = found
            assert problem.startswith(f"column {column.name}: expected {column.type}, found {text!r} in line 2; write ")
            continue
        value = table[column.name][0].as_py()
        match column.type:
            case "BOOL":
                assert value is (text.lower() in ("true", "t", "1"))
            case "INT64" | "FLOAT64":
                assert value == float(text) or text.lower().endswith("nan")
            case _:
                assert value.isoformat() == text


# What is refused

AS_INT64 = '; in pandas: `rows["points"] = pd.to_numeric(rows["points"]).astype("Int64")`'
EASTERN_DATE = (
    '`rows["game_date"] = pd.to_datetime(rows["game_date"], utc=True).dt.tz_convert("America/New_York").dt.date`'
)
WHOLE = "; write a whole number, such as 12"
A_NUMBER = "; write a number, such as 34.5"
A_DATE = "; write a date such as 2021-10-19"
A_TIME = "; write a time such as 2021-10-20 10:00:00"


def test_there_must_be_a_directory_with_files(tmp_path: Path) -> None:
    assert problems(tmp_path / "nowhere") == [f"{tmp_path}/nowhere: no such directory"]
    (tmp_path / "notes.csv").write_text("a,b\n")
    (only,) = problems(tmp_path)
    assert only == (
        f"{tmp_path}: no Phase 3 file; expected some of nbac_schedule, player_game_summary, "
        "team_defense_game_summary, team_offense_game_summary, upcoming_player_game_context, "
        "as .parquet, .csv, .csv.gz"
    )


@pytest.mark.parametrize("count", range(1, len(SOURCES) + 1))
def test_any_of_the_five_files_will_do(directory: Path, tables: dict[str, pa.Table], count: int) -> None:
    for names in itertools.combinations(SOURCES, count):
        some = write(directory / "-".join(names), {name: tables[name] for name in names})
        read = read_directory(some)
        assert list(read) == list(names)
        assert all(read[name].equals(tables[name]) for name in names)


def test_ambiguous_files_are_all_named(directory: Path) -> None:
    for name in ("team_offense_game_summary", "nbac_schedule"):
        (directory / f"{name}.csv").write_text("x\n")
    assert problems(directory) == [
        f"{directory}: nbac_schedule.parquet and nbac_schedule.csv both exist; keep one",
        f"{directory}: team_offense_game_summary.parquet and team_offense_game_summary.csv both exist; keep one",
    ]


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("points", pa.array(["20"] * 8), f"expected INT64, found STRING, such as '20'{AS_INT64}"),
        (
            "points",
            pa.array([1.0, 20.5, 2.25, 1.0] * 2),
            "expected INT64, found FLOAT64 with 4 values that are not whole, such as 20.5; correct them",
        ),
        (
            "points",
            pa.array([1.0, float("inf")] * 4),
            "expected INT64, found FLOAT64 with 4 values that are not whole, such as inf; correct them",
        ),
        (
            "points",
            pa.array([1.0] * 8, pa.float32()),
            "expected INT64, found FLOAT32, such as 1.0 (its digits would change; write it as FLOAT64)",
        ),
        ("points", pa.array([True] * 8), f"expected INT64, found BOOL, such as True{AS_INT64}"),
        ("points", pa.array([1] * 8, pa.uint64()), f"expected INT64, found UINT64, such as 1{AS_INT64}"),
        (
            "minutes_played",
            pa.array([0.5] * 8, pa.float32()),
            "expected FLOAT64, found FLOAT32, such as 0.5 (its digits would change; write it as FLOAT64)",
        ),
        (
            "minutes_played",
            pa.array(["45:58"] * 8),
            "expected FLOAT64, found STRING, such as '45:58'; in pandas: "
            '`rows["minutes_played"] = pd.to_timedelta("00:" + rows["minutes_played"]).dt.total_seconds() / 60`',
        ),
        (
            "minutes_played",
            pa.array([2**53 + 1] * 8),
            "expected FLOAT64, found INT64 "
            "(Integer value 9007199254740993 not in range: -9007199254740992 to 9007199254740992)",
        ),
        (
            "home_game",
            pa.array([1] * 8),
            "expected BOOL, found INT64, such as 1; "
            'in pandas: `rows["home_game"] = rows["home_game"].astype("boolean")`',
        ),
        (
            "home_game",
            pa.array(["true"] * 8),
            "expected BOOL, found STRING, such as 'true'; in pandas: "
            '`rows["home_game"] = rows["home_game"].map({"true": True, "false": False}).astype("boolean")`',
        ),
        (
            "game_id",
            pa.array([22100001] * 8),
            "expected STRING, found INT64, such as 22100001; "
            'in pandas: `rows["game_id"] = rows["game_id"].astype("string").str.zfill(10)`',
        ),
        (
            "game_id",
            pa.array([b"1"] * 8),
            "expected STRING, found binary, such as b'1'; "
            'in pandas: `rows["game_id"] = rows["game_id"].astype("string")`',
        ),
        (
            "season_year",
            pa.array(["2021-22"] * 8),
            "expected INT64, found STRING, such as '2021-22'; "
            'in pandas: `rows["season_year"] = rows["season_year"].str[:4].astype("Int64")`',
        ),
        (
            "game_date",
            pa.array(["2021-10-19"] * 8),
            "expected DATE, found STRING, such as '2021-10-19'; "
            'in pandas: `rows["game_date"] = pd.to_datetime(rows["game_date"]).dt.date`',
        ),
        (
            "game_date",
            pa.array([NOON, NOON.replace(hour=0)] * 4, pa.timestamp("us")),
            "expected DATE, found TIMESTAMP with 4 values that are no midnight, such as 2021-10-20 10:00:00; "
            "in pandas: " + EASTERN_DATE,
        ),
        (
            "processed_at",
            pa.array([OPENING] * 8),
            "expected TIMESTAMP, found DATE, such as 2021-10-19; "
            'in pandas: `rows["processed_at"] = pd.to_datetime(rows["processed_at"], utc=True)`',
        ),
        (
            "processed_at",
            pa.array([1] * 8, pa.timestamp("ns")),
            "expected TIMESTAMP, found TIMESTAMP "
            "(Casting from timestamp[ns] to timestamp[us, tz=UTC] would lose data: 1)",
        ),
        (
            "game_date",
            pa.array([dt.date(21, 10, 19), OPENING] * 4),
            "expected a date from 1900-01-01 to 2199-12-31, found 0021-10-19 (4 of them)",
        ),
        (
            "game_date",
            pa.array([10**7] * 8, pa.int32()).cast(pa.date32()),
            "expected a date from 1900-01-01 to 2199-12-31, found a date after the year 9999 (8 of them)",
        ),
    ],
)
def test_parquet_of_another_type(directory: Path, column: str, values: pa.Array, message: str) -> None:
    with_column(directory, "player_game_summary", column, values)
    assert problems(directory) == [f"player_game_summary.parquet: column {column}: {message}"]


def test_every_problem_of_every_file_is_in_one_error(directory: Path) -> None:
    with_column(directory, "player_game_summary", "points", pa.array(["20"] * 8))
    with_column(directory, "player_game_summary", "home_game", pa.array([1] * 8))
    path = directory / "team_offense_game_summary.parquet"
    rows = pq.read_table(path).drop_columns(["pace"])
    pq.write_table(rows.rename_columns({"win_flag": "the_win_flag"}), path)
    as_csv(directory, "team_defense_game_summary", with_cells("points_allowed", "many"))
    (directory / "upcoming_player_game_context.parquet").write_bytes(b"PAR1 but not really")
    found = problems(directory)
    assert found[:-1] == [
        "player_game_summary.parquet: column home_game: expected BOOL, found INT64, such as 1; "
        'in pandas: `rows["home_game"] = rows["home_game"].astype("boolean")`',
        f"player_game_summary.parquet: column points: expected INT64, found STRING, such as '20'{AS_INT64}",
        "team_defense_game_summary.csv: column points_allowed: expected INT64, found 'many' in line 2; "
        "write a whole number, such as 12",
        "team_offense_game_summary.parquet: column pace is missing (expected FLOAT64); add it, empty if it is unknown",
        "team_offense_game_summary.parquet: column win_flag is missing (expected BOOL); "
        "the nearest is the_win_flag: rename it if it is this column",
    ]
    assert found[-1].startswith("upcoming_player_game_context.parquet: cannot be read as Parquet: ")


def test_a_parquet_column_that_is_there_twice(directory: Path) -> None:
    path = directory / "nbac_schedule.parquet"
    table = pq.read_table(path)
    pq.write_table(table.append_column("game_id", table["game_id"]), path)
    assert problems(directory) == ["nbac_schedule.parquet: column game_id occurs 2 times (expected STRING); keep one"]


def test_a_folder_instead_of_a_file(directory: Path) -> None:
    (directory / "nbac_schedule.parquet").unlink()
    (directory / "nbac_schedule.parquet").mkdir()
    (only,) = problems(directory)
    assert only.startswith("nbac_schedule.parquet: cannot be read: ")


@pytest.mark.parametrize(
    ("column", "cells", "message"),
    [
        (
            "minutes_played",
            ["45:58"] * 8,
            "expected FLOAT64, found '45:58' in line 2 (and 7 more such cells); "
            "write minutes as a number, such as 34.2 for 34:12",
        ),
        ("usage_rate", ["31", "3,5"], f"expected FLOAT64, found '3,5' in line 3{A_NUMBER}"),
        ("usage_rate", ["NULL"], f"expected FLOAT64, found 'NULL' in line 2{A_NUMBER}"),
        ("usage_rate", [" 31"], f"expected FLOAT64, found ' 31' in line 2{A_NUMBER}"),
        ("points", ["20.5"], f"expected INT64, found '20.5' in line 2{WHOLE}"),
        ("points", ["1e3"], f"expected INT64, found '1e3' in line 2{WHOLE}"),
        ("points", ["1", "", "N/A"], f"expected INT64, found 'N/A' in line 4{WHOLE}"),
        ("points", ["1", "9" * 20], f"expected INT64, found '{'9' * 20}' in line 3{WHOLE}"),
        ("points", ["x", "9" * 20], f"expected INT64, found 'x' in line 2 (and 1 more such cells){WHOLE}"),
        ("points", ["2021-22"], f"expected INT64, found '2021-22' in line 2{WHOLE}"),
        (
            "season_year",
            ["2021-23"],
            "expected INT64, found '2021-23' in line 2; write the year in which it starts, such as 2021, or 2021-22",
        ),
        ("home_game", ["yes"], "expected BOOL, found 'yes' in line 2; write true or false"),
        ("home_game", ["2"], "expected BOOL, found '2' in line 2; write true or false"),
        ("game_date", ["10/19/2021"], f"expected DATE, found '10/19/2021' in line 2{A_DATE}"),
        ("game_date", ["2021-02-30"], f"expected DATE, found '2021-02-30' in line 2{A_DATE}"),
        ("game_date", ["2021-10-19 19:30:00"], f"expected DATE, found '2021-10-19 19:30:00' in line 2{A_DATE}"),
        (
            "game_date",
            ["0021-10-19"],
            "expected a date from 1900-01-01 to 2199-12-31, found 0021-10-19 (1 of them)",
        ),
        ("processed_at", ["2021-10-20"], f"expected TIMESTAMP, found '2021-10-20' in line 2{A_TIME}"),
        ("processed_at", ["2021-10-20 25:00:00"], f"expected TIMESTAMP, found '2021-10-20 25:00:00' in line 2{A_TIME}"),
        ("processed_at", ["1634724000"], f"expected TIMESTAMP, found '1634724000' in line 2{A_TIME}"),
    ],
)
def test_csv_cells_that_do_not_fit(directory: Path, column: str, cells: list[str], message: str) -> None:
    change = with_cells(column, *(f'"{cell}"'.replace(",", "\0") for cell in cells))
    as_csv(directory, "player_game_summary", lambda text: change(text).replace("\0", ","))
    assert problems(directory) == [f"player_game_summary.csv: column {column}: {message}"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: "", "cannot be read as CSV: Empty CSV file"),
        (
            lambda text: text + "1,2\n",
            "cannot be read as CSV: CSV parse error: Row #4: Expected 7 columns, got 2: 1,2",
        ),
        # pyarrow lets an open quote swallow the rows after it, without an error
        (lambda text: text.replace(",x\n", ',"x\n', 1), "line 2: a quote is not closed in its line"),
        (lambda text: text.replace(",x\n", ',"x\ny"\n', 1), "line 2: a quote is not closed in its line"),
        (
            lambda text: text.replace("game_id", "id").replace("season_year", "game_date"),
            "column game_id is missing (expected STRING); add it\n"
            "column game_date occurs 2 times (expected DATE); keep one\n"
            "column season_year is missing (expected INT64); add it, empty if it is unknown",
        ),
        (
            lambda text: text.replace("\n", "\n\n", 2).replace(",7,", ",seven,", 3),
            "column game_status: expected INT64, found 'seven' in line 3 (and 1 more such cells); "
            "write a whole number, such as 12",
        ),
        (
            lambda text: text.replace(",", "|"),
            "\n".join(
                f"column {column.name} is missing (expected {column.type}); "
                + (
                    "add it"
                    if column.name in SOURCES["nbac_schedule"].placing_columns
                    else "add it, empty if it is unknown"
                )
                for column in SOURCES["nbac_schedule"].columns
            ),
        ),
    ],
)
def test_csv_files_that_are_not_as_declared(directory: Path, change: Callable[[str], str], message: str) -> None:
    as_csv(directory, "nbac_schedule", change)
    assert problems(directory) == [f"nbac_schedule.csv: {line}" for line in message.split("\n")]


def test_csv_that_is_not_utf8(directory: Path) -> None:
    path = as_csv(directory, "nbac_schedule")
    path.write_bytes(path.read_bytes().replace(b",BOS,", b",B\xd6S,"))
    (only,) = problems(directory)
    assert only.startswith("nbac_schedule.csv: cannot be read as CSV: ")
    assert "invalid UTF8" in only
