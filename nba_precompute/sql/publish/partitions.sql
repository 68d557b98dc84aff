{#- A table's partitions of the run's dates, whole: never run, its dry run gives their size. -#}
SELECT * FROM {{ relation(table) }} WHERE {{ run.dates_of(table.date_column) }}
