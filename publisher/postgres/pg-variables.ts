/**
 * Removes variables of the shell that would turn pg into another client than this code is written for. It runs before
 * pg is imported, because pg reads the first variable on import: pg-native is not installed and can't follow a log. A
 * pool in replication mode can run no query. All other variables mean what PostgreSQL's documentation says.
 */
for (const name of ['NODE_PG_FORCE_NATIVE', 'PGREPLICATION']) delete process.env[name];
