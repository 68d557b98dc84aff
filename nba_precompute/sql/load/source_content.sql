{#- How many rows a source (or what is staged for it) has, and what they contain, whatever their order. -#}
SELECT COUNT(*) AS row_count, SUM({{ fingerprint }}) AS fingerprint FROM {{ rows }} WHERE {{ where }}
