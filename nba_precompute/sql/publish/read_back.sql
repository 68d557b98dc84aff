{#- What stands in the table after the merge, per date of the run that has rows or failures. -#}
{%- import 'macros/content.sql' as c with context -%}
WITH {{- c.content(table, 'published') }}
SELECT as_of, published_rows, ready_rows, failures, content_hash, failures_hash FROM published
