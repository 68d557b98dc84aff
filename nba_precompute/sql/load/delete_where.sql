DELETE FROM {{ relation(table) }} WHERE {{ where }}
