/** Names of the attributes that a consumer adds to a message when it sends it to the dead-letter queue. */
export const BURIAL_ATTRIBUTES: readonly string[] = ['reason', 'status', 'detail', 'attempts'];
