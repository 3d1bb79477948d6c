import './pg-variables.ts';
import pg from 'pg';

/** PostgreSQL's client for Node, in JavaScript whatever the shell says; a test holds that nothing else imports it. */
export { pg };
