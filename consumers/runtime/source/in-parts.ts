import { SourceRefused } from './errors.ts';

/** 200: the answer was too large. 400, 413, 422: the question or its answer was too large. Asking for less may work. */
const TOO_MUCH = new Set([200, 400, 413, 422]);

const isTooMuch = (error: unknown): boolean => error instanceof SourceRefused && TOO_MUCH.has(error.status);

/**
 * Makes a function that asks for up to `most` at once, and for half as many again and again where that was too much.
 * After a success the next call asks for more again, by a tenth of `most`, since large things often stand side by side.
 * Throws the refusal of a single one.
 */
export function createShrinking(most: number) {
  let next = most;
  return async <Answer>(ask: (size: number) => Promise<Answer>): Promise<Answer> => {
    for (let size = next; ; size = Math.ceil(size / 2)) {
      try {
        const answer = await ask(size);
        next = Math.min(most, size + Math.ceil(most / 10));
        return answer;
      } catch (error) {
        if (size === 1 || !isTooMuch(error)) throw error;
      }
    }
  };
}

/** Asks about all at once, and by halves where that was too much; answers in order. Throws like createShrinking. */
export async function inHalves<Asked, Answer>(
  all: readonly Asked[],
  ask: (some: readonly Asked[]) => Promise<Answer[]>,
): Promise<Answer[]> {
  try {
    return await ask(all);
  } catch (error) {
    if (all.length < 2 || !isTooMuch(error)) throw error;
    const middle = Math.ceil(all.length / 2);
    return [...(await inHalves(all.slice(0, middle), ask)), ...(await inHalves(all.slice(middle), ask))];
  }
}
