import type { Context, Subject } from '../subject.ts';
import { loop, openSqs } from './sdk.ts';

/** Ten loops that receive and delete by the SDK, without any fetch. */
export async function start(context: Context): Promise<Subject> {
  const stopping = new AbortController();
  const sqs = openSqs(context);
  const loops = Array.from({ length: context.pollers }, () =>
    loop(sqs, context, async (messages) => messages, stopping.signal),
  );
  return {
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}
