{#- The number of rows of a source (or of what is staged for it) and their fingerprint, independent of their order. -#}
SELECT COUNT(*) AS row_count, SUM({{ fingerprint }}) AS fingerprint FROM {{ rows }} WHERE {{ where }}
