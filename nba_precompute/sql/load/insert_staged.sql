{%- set names = table.columns | map(attribute='name') | join(', ') -%}
INSERT INTO {{ relation(table) }} ({{ names }}) SELECT {{ names }} FROM {{ stage }}
