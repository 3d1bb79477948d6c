import { describe, test } from 'vitest';
import { memoryQueue, queueCases, virtualClock } from '../../../consumers/testing/testing.ts';

describe('the queue in memory', () => {
  test.each(queueCases)('$name', ({ run }) =>
    run(async () => {
      const clock = virtualClock();
      const deadLetters = memoryQueue(clock);
      const { queue, sendBody } = memoryQueue(clock, { deadLetters });
      return {
        queue,
        send: async (body, attributes) => sendBody(body, attributes),
        letters: () => deadLetters.queue.receive(10, 0, new AbortController().signal),
        pass: clock.advance,
      };
    }),
  );
});
