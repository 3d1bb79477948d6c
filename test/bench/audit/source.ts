import { listen } from '../../../publisher/http/listen.ts';
import { systemIds } from '../../../publisher/ids.ts';
import { openPool } from '../../../publisher/postgres/database.ts';
import { createApp } from '../../../publisher/shops/api/app.ts';
import { systemClock } from '../../../publisher/system.ts';

/** The publisher's API as a process, on the database that is named. It tells its port. */
const pool = openPool({ connectionString: process.argv[2] ?? '' });
const app = createApp({
  pool,
  ids: systemIds,
  onCommitted: () => undefined,
  tokensFor: () => null,
  operatorTokens: null,
  limit: () => true,
  metrics: async () => '',
  onError: (error) => void process.stderr.write(`${error.stack}\n`),
});
const { port } = await listen(app, 0, '127.0.0.1', systemClock);
process.send?.({ kind: 'ready', port });
