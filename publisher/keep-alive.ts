/** 90 s: nginx keeps a connection for 60 or 75 s, AWS load balancers for 60 s. */
export const KEEP_ALIVE = 90;
