import { fileURLToPath } from 'node:url';
import { importFile } from '../../../localstack/import/import-file.ts';
import { type Fetch, readPresent } from '../../../localstack/import/publisher-client.ts';
import { drawRings } from '../shops.ts';

/** Makes changes through the command API, and answers with how many events that were. */
export type Changes = (fetch: Fetch) => Promise<number>;

const fileOf = (name: string) => fileURLToPath(new URL(`../../../localstack/data/${name}`, import.meta.url));

const importOf = async (file: string, fetch: Fetch) => {
  const { result } = await importFile(fileOf(file), {
    fetch,
    onProgress: () => {},
    signal: new AbortController().signal,
  });
  if (result === null || result.failed.length > 0) throw new Error(`${file} could not be imported`);
  return Object.values(result.events).reduce((sum, times) => sum + times, 0);
};

/** The 5,690 shops of 2021. */
export const registerAll: Changes = (fetch) => importOf('shops-2021-03.csv', fetch);

/** Three years of real changes, as fast as commands go: the shops of 2024 in the place of those of 2021. */
export const threeYears: Changes = (fetch) => importOf('shops-2024-02.csv', fetch);

/** Nothing at all, for a minute: what a quiet system costs. */
export const nothing: Changes = async () => {
  await new Promise((resolve) => setTimeout(resolve, 60_000));
  return 0;
};

/** Prices change at a steady rate, in shops drawn by popularity (Zipf, exponent 1) or each as likely as any other. */
export function prices(rate: number, seconds: number, skew: 'zipf' | 'uniform'): Changes {
  return async (fetch) => {
    const shops = [...(await readPresent(fetch)).values()].filter(
      ({ menu, openness }) => menu.length > 0 && openness !== 'closed',
    );
    const items = new Map(shops.map(({ id, menu }) => [id, menu[0]?.id ?? '']));
    const drawn = drawRings([...items.keys()], rate * seconds, skew);
    const change = ({ id }: { id: string }, n: number) => changePrice(fetch, id, items.get(id) ?? '', 100_000 + n);
    await paced(drawn, rate, change);
    return drawn.length;
  };
}

async function changePrice(fetch: Fetch, shop: string, item: string, price: number): Promise<void> {
  const answer = await fetch(`/shops/${shop}/menu/${item}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ price }),
  });
  if (!answer.ok) throw new Error(`PATCH answers ${answer.status}: ${await answer.text()}`);
}

/** Begins each at its time, whether those before it are done or not. */
async function paced<Each>(all: readonly Each[], rate: number, work: (each: Each, n: number) => Promise<void>) {
  const start = performance.now();
  const running: Promise<void>[] = [];
  const failures: Error[] = [];
  const begin = (each: Each) => work(each, running.length).catch((error: Error) => void failures.push(error));
  while (running.length < all.length && failures.length === 0) {
    const due = Math.min(all.length, Math.floor(((performance.now() - start) / 1_000) * rate) + 1);
    for (const each of all.slice(running.length, due)) running.push(begin(each));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await Promise.all(running);
  if (failures[0] !== undefined) throw failures[0];
}
