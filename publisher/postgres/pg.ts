import './pg-variables.ts';
import pg from 'pg';

/**
 * PostgreSQL's client for Node, in JavaScript whatever the shell's variables say. A test allows no other import of pg.
 */
export { pg };
