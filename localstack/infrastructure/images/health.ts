/**
 * Checks the health of an image: `node health.mjs <port> <variable of the port>`. Exits 0 if `/healthz` is 200 in 4
 * s.
 */
const [port, variable = ''] = process.argv.slice(2);

try {
  const url = `http://127.0.0.1:${process.env[variable] || port}/healthz`;
  const { ok } = await fetch(url, { signal: AbortSignal.timeout(4_000) });
  process.exitCode = ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
