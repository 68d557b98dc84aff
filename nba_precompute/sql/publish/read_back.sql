{#- The published content after the merge, per date of the run that has rows or failures. -#}
{%- import 'macros/content.sql' as content with context -%}
WITH {{- content.of(table, 'published') }}
SELECT as_of, published_rows, ready_rows, failures, content_hash, failures_hash FROM published
