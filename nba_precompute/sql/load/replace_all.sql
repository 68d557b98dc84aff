{#- Every replacement in one transaction; answers with the rows deleted and inserted, in turn. -#}
DECLARE counts ARRAY<INT64> DEFAULT [];
BEGIN TRANSACTION;
{%- for statement in statements %}
{{ statement }};
SET counts = ARRAY_CONCAT(counts, [@@row_count]);
{%- endfor %}
COMMIT TRANSACTION;
SELECT counts;
