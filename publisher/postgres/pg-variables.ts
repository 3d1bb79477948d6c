/**
 * Variables of the shell by which pg would be another client than the one that this code is written for. They are taken
 * away before pg is imported, since it reads the first of them then: pg-native is not installed, and can't follow a log;
 * a pool in replication mode can ask nothing. All others mean what the documentation of PostgreSQL says.
 */
for (const name of ['NODE_PG_FORCE_NATIVE', 'PGREPLICATION']) delete process.env[name];
