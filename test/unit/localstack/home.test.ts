import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openHome } from '../../../localstack/start/home.ts';

/** An empty folder, and what opening it as a home gives; closed and removed when the test is over. */
function world() {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-home-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const secretsOf = (fresh = false) => {
    const home = openHome(folder, { fresh, consumers: ['display', 'ad'] });
    home.release();
    return home.secrets;
  };
  return { folder, file: (name: string) => join(folder, name), secretsOf };
}

test('secrets are made on the first start, kept from then on, and begun anew by --fresh', () => {
  const { secretsOf } = world();
  const first = secretsOf();
  const all = [first.postgresPassword, first.appPassword, first.operatorToken, ...Object.values(first.sourceTokens)];
  expect(new Set(all).size).toBe(5);
  for (const secret of all) expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  expect(secretsOf()).toEqual(first);
  expect(secretsOf(true).operatorToken).not.toBe(first.operatorToken);
});

test('secrets of an older release get what they lack, and lose nothing', () => {
  const { file, secretsOf } = world();
  const old = { postgresPassword: 'p', sourceTokens: { display: 'd', press: 'x' } };
  writeFileSync(file('secrets.json'), JSON.stringify(old));
  const secrets = secretsOf();
  expect(secrets).toMatchObject(old);
  for (const made of [secrets.operatorToken, secrets.appPassword]) expect(made).toHaveLength(43);
  expect(secretsOf()).toEqual(secrets);
});

test('the operator file is the header line that curl sends, and its owner alone may read it', () => {
  const { file, secretsOf } = world();
  const { operatorToken } = secretsOf();
  expect(readFileSync(file('operator'), 'utf8')).toBe(`authorization: Bearer ${operatorToken}\n`);
  for (const name of ['operator', 'secrets.json']) expect(statSync(file(name)).mode & 0o777).toBe(0o600);
});
