"""ZetaSQL, the analyzer behind BigQuery, with the language features of BigQuery, and its evaluator.

It comes as WebAssembly; compiling it takes half a minute, once per machine.
"""

from __future__ import annotations

import ctypes
import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from wasmtime import Config
from zetasql.api import CatalogBuilder, PreparedQuery, TableBuilder, TypeFactory
from zetasql.core import local_service, wasm_client
from zetasql.core.local_service import ZetaSqlLocalService
from zetasql.types import (
    AnalyzeRequest,
    AnalyzerOptions,
    LanguageFeature,
    LanguageOptions,
    ProductMode,
    TableContent,
    TableData,
    TypeKind,
    Value,
    ZetaSQLBuiltinFunctionOptions,
)
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2

from nba_precompute.tables import Column

KINDS = {
    "STRING": TypeKind.TYPE_STRING,
    "INT64": TypeKind.TYPE_INT64,
    "FLOAT64": TypeKind.TYPE_DOUBLE,
    "NUMERIC": TypeKind.TYPE_NUMERIC,
    "BOOL": TypeKind.TYPE_BOOL,
    "DATE": TypeKind.TYPE_DATE,
    "TIMESTAMP": TypeKind.TYPE_TIMESTAMP,
}

_LACKING = (
    "FEATURE_AGGREGATE_FILTERING",
    "FEATURE_ARRAY_EQUALITY",
    "FEATURE_ARRAY_GREATEST_LEAST",
    "FEATURE_ARRAY_ORDERING",
    "FEATURE_CONCAT_MIXED_TYPES",
    "FEATURE_DML_RETURNING",
    "FEATURE_FIRST_AND_LAST_N",
    "FEATURE_FOR_UPDATE",
    "FEATURE_GROUP_BY_ARRAY",
    "FEATURE_INSERT_ON_CONFLICT_CLAUSE",
    "FEATURE_LATERAL_JOIN",
    "FEATURE_LITERAL_CONCATENATION",
    "FEATURE_MULTILEVEL_AGGREGATION",
    # BigQuery has them in DDL, and refuses them in a CAST: CAST(x AS NUMERIC(38, 9)).
    "FEATURE_PARAMETERIZED_TYPES",
    "FEATURE_PI_FUNCTIONS",
    "FEATURE_UUID_TYPE",
)
"""Features that ZetaSQL has and BigQuery lacks."""

_RESTRICTING = (
    "FEATURE_DISABLE_ARRAY_MIN_AND_MAX",
    "FEATURE_DISABLE_ARRAY_SUM_AND_AVG",
    "FEATURE_DISABLE_FLOAT32",
    "FEATURE_DISABLE_OUTER_JOIN_ARRAY",
)
"""Features that disable what BigQuery lacks."""


class _Cached(Config):
    """Keeps the compiled module in the user's cache, so that only the first process waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.cache = True


class _Client(wasm_client.WasmClient):
    """Copies requests and responses in one piece; the library copies byte by byte, slower than the analysis."""

    def write_bytes(self, ptr: int, data: bytes) -> None:
        ctypes.memmove(self._address(ptr), data, len(data))

    def read_bytes(self, ptr: int, size: int) -> bytes:
        return ctypes.string_at(self._address(ptr), size)

    def _address(self, ptr: int) -> int:
        return ctypes.addressof(self.memory.data_ptr().contents) + ptr


@cache
def _service() -> ZetaSqlLocalService:
    wasm_client.Config = _Cached
    local_service.WasmClient = _Client
    return ZetaSqlLocalService.get_instance()


class Judge:
    """The analyzer and the evaluator over some tables, by full name."""

    def __init__(self, tables: Mapping[str, Sequence[Column]]) -> None:
        self._service = _service()
        language = LanguageOptions.maximum_features()
        language.product_mode = ProductMode.PRODUCT_EXTERNAL
        lacking = {LanguageFeature[name] for name in _LACKING}
        features = {LanguageFeature(number) for number in language.enabled_language_features} - lacking
        language.enabled_language_features = [*features, *(LanguageFeature[name] for name in _RESTRICTING)]
        self._options = AnalyzerOptions(language_options=language)
        self._columns = dict(tables)
        catalog = CatalogBuilder("warehouse")
        for name, columns in tables.items():
            table = TableBuilder(name)
            for column in columns:
                table.add_column(column.name, _type(column))
            catalog.add_table(table.build())
        self._catalog = catalog.with_builtin_functions(ZetaSQLBuiltinFunctionOptions(language_options=language)).build()
        self._registered = self._service.register_catalog(simple_catalog=self._catalog).registered_id

    def analyze(self, sql: str) -> None:
        """Raise if the statement is not valid over the tables."""
        request = AnalyzeRequest(sql_statement=sql, options=self._options, registered_catalog_id=self._registered)
        # The service would build Python objects of the whole tree, which are not needed.
        self._service.wasm_client.call_grpc_func(
            "ZetaSqlLocalService_Analyze", request.to_proto(), local_service_pb2.AnalyzeResponse
        )

    def evaluate(self, sql: str, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[tuple[str | None, ...]]:
        """Evaluate a SELECT of strings over these rows of the tables, with Google's reference implementation."""
        content = {
            name: TableContent(
                table_data=TableData(
                    row=[
                        TableData.Row(cell=[_value(line[column.name]) for column in self._columns[name]])
                        for line in lines
                    ]
                )
            )
            for name, lines in rows.items()
        }
        builder = PreparedQuery.builder().set_sql(sql).set_analyzer_options(self._options).set_catalog(self._catalog)
        with builder.set_table_content(content).prepare() as query:
            found = query.execute().content.table_data.row
        return [tuple(cell.string_value for cell in row.cell) for row in found]


def _type(column: Column) -> Any:
    if column.type.startswith("ARRAY"):
        return TypeFactory.create_array_type(TypeFactory.create_simple_type(KINDS[column.type[6:-1]]))
    return KINDS[column.type]


_EPOCH = dt.date(1970, 1, 1)


def _value(value: Any) -> Value:
    """Return a Python value in the form of the evaluator."""
    if value is None:
        return Value()
    if isinstance(value, list):
        return Value(array_value=Value.Array(element=[_value(element) for element in value]))
    if isinstance(value, dt.datetime):
        moment = Timestamp()
        moment.FromDatetime(value)
        return Value(timestamp_value=moment)
    if isinstance(value, dt.date):
        return Value(date_value=(value - _EPOCH).days)
    kinds = {bool: "bool_value", int: "int64_value", float: "double_value", str: "string_value"}
    return Value(**{kinds[type(value)]: value})
