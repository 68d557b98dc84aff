{#- The predecessor's team defense: the declared columns, of other types. -#}
{%- import 'forms/predecessor/common.sql' as theirs with context -%}
SELECT {{ source.column_names | join(', ') }}
FROM {{ table_name }}
WHERE {{ theirs.partitions() }}
