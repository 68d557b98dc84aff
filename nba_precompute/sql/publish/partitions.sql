{#- The table's partitions of the run's dates, whole; never executed: a dry run returns their size. -#}
SELECT * FROM {{ relation(table) }} WHERE {{ run.dates_of(table.date_column) }}
