/**
 * What is made at the first invocation and kept for the next ones. What could not be made is made anew at the next
 * call: a sandbox that began badly does not stay bad.
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
