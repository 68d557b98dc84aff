{#- The predecessor's contexts; the season is that of the date. -#}
{%- import 'forms/predecessor/common.sql' as theirs with context -%}
{%- import 'macros/arithmetic.sql' as math with context -%}
SELECT {{ source.column_names | reject('equalto', 'season_year') | join(', ') }}, {{ math.season_of('game_date') }} AS season_year
FROM {{ table_name }}
WHERE {{ theirs.partitions() }}
