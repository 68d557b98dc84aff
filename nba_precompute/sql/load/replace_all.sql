{#- Several replacements in one transaction; returns the numbers of deleted and inserted rows, in turn. -#}
DECLARE counts ARRAY<INT64> DEFAULT [];
BEGIN TRANSACTION;
{%- for statement in statements %}
{{ statement }};
SET counts = ARRAY_CONCAT(counts, [@@row_count]);
{%- endfor %}
COMMIT TRANSACTION;
SELECT counts;
