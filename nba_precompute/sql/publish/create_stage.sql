{#- A staging table in BigQuery, labeled with its run; it expires after a day if a crashed run leaves it behind. -#}
CREATE TABLE {{ stage }}
OPTIONS (
  expiration_timestamp = {{ expires }},
  labels = [{% for name, value in labels.items() %}('{{ name }}', '{{ value }}'){{ ', ' if not loop.last }}{% endfor %}]
)
AS
{{ select }}
