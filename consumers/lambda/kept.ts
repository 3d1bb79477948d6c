/**
 * Keeps the result of `make` for later invocations. If `make` fails, the next call tries again: a sandbox that began
 * badly does not stay bad.
 */
export function kept<Parts>(make: () => Promise<Parts>): () => Promise<Parts> {
  let parts: Promise<Parts> | null = null;
  return () => {
    parts ??= make().catch((error) => {
      parts = null;
      throw error;
    });
    return parts;
  };
}
