{#- The seasons of the run's dates that have a game. -#}
{%- import 'macros/sources.sql' as src with context -%}
WITH {{- src.calendar() }}
SELECT DISTINCT season FROM schedule
