{#- A staging table of BigQuery: named for its run, gone after a day if nobody drops it. -#}
CREATE TABLE {{ stage }}
OPTIONS (
  expiration_timestamp = {{ expires }},
  labels = [{% for name, value in labels.items() %}('{{ name }}', '{{ value }}'){{ ', ' if not loop.last }}{% endfor %}]
)
AS
{{ select }}
