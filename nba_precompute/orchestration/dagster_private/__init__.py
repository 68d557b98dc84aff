"""The only package that imports `dagster._*` or reads the storages of an instance directly.

Here: what Dagster 1.13.27 has no public API for, one module per use. Look here first when upgrading: a comment on each
private import names the public API that was tried and the test that breaks. Not here: uses of the public API.

module           private use                                      instead of
`records`        newest event per partition, batches of events    fetch_materializations, report_runless_asset_event
`outputs`        metadata by partition, partitions left out       add_asset_metadata, none
`check_results`  states by partition, target of an evaluation     none
`execution`      events of a run in this process as they happen   execute_in_process
`backfills`      backfills on record                              none
`event_log`      SQLite storage with open connections             the stock storage, four times as slow
"""
