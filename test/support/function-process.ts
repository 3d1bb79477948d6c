/** Lambda's runtime in a few lines: loads the bundle that its argument names, and invokes it as its parent says. */
const { handler } = (await import(process.argv[2] ?? '')) as {
  handler: (event: unknown, context: { getRemainingTimeInMillis: () => number }) => Promise<unknown>;
};

process.on('message', ({ event, remaining }: { event: unknown; remaining: number }) => {
  const end = Date.now() + remaining;
  handler(event, { getRemainingTimeInMillis: () => end - Date.now() }).then(
    (result) => process.send?.({ result }),
    (error: Error) => process.send?.({ error: error.message }),
  );
});
process.send?.('ready');
