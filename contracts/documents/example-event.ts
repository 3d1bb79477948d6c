/** The event that every document has as its example: its version, id and time. */
export const exampleEvent = {
  version: 19,
  eventId: '0199a1f2-7c3e-7d51-9a4b-3f1e5d2c8b70',
  at: '2026-11-24T10:15:00.000Z',
} as const;
