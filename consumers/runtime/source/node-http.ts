import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { urlToHttpOptions } from 'node:url';
import type { Clock } from '../system.ts';
import {
  type AnswerLimits,
  AnswerTooLong,
  decodeBody,
  type Http,
  type HttpAnswer,
  type Outgoing,
} from './http-port.ts';

/**
 * 8 connections, as many as a worker's pool has. `fifo`: the agent checks only the first idle connection for being
 * closed.
 */
const AGENT = { keepAlive: true, maxSockets: 8, maxFreeSockets: 8, scheduling: 'fifo' } as const;
/** Milliseconds: a server that does not accept a connection within 2 s is away. */
const CONNECT = 2_000;
/** 50 s idle: load balancers close after 60 s by default (Elastic Load Balancing, "idle timeout"). */
const MOST_IDLE = 50_000;
/** 1 s before the time at which a server says it will close, so that no request meets the closing. */
const MARGIN = 1_000;

/**
 * Opens HTTP by Node's own client, for a Lambda function: it needs no loading, and connections last from one invocation
 * to the next. While a sandbox is frozen no timer runs, and no closed connection is noticed. So idle connections are
 * checked by the clock before each request, and a request that fails on a kept connection without an answer is sent on
 * another one.
 */
export function nodeHttp(origin: string, clock: Clock): Http {
  const place = urlToHttpOptions(new URL(origin));
  const isSecure = place.protocol === 'https:';
  const agent = isSecure ? new HttpsAgent(AGENT) : new HttpAgent(AGENT);
  const open = isSecure ? httpsRequest : httpRequest;
  const goodUntil = new WeakMap<Socket, number>();

  function dropIdle(isOld: (until: number) => boolean): void {
    const idle = Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? []);
    for (const socket of idle) if (isOld(goodUntil.get(socket) ?? 0)) socket.destroy();
  }

  function attempt({ body, ...outgoing }: Outgoing, limits: AnswerLimits): { request: ClientRequest; done: Done } {
    const now = clock.now();
    dropIdle((until) => until <= now);
    const request = open({ ...place, ...outgoing, agent });
    request.once('socket', (socket) => boundConnecting(socket, request, clock, isSecure));
    request.once('response', ({ socket, headers }) => goodUntil.set(socket, clock.now() + idleTime(headers)));
    const done = answerTo(request, limits);
    request.end(body ?? undefined);
    return { request, done };
  }

  return {
    async send(outgoing, limits) {
      for (;;) {
        limits.signal?.throwIfAborted();
        const { request, done } = attempt(outgoing, limits);
        const answer = await done.catch((error: Error) => error);
        if (!(answer instanceof Error)) return answer;
        // Each round removes a dead connection; on a new one the error is thrown.
        if (!isUnanswered(request)) throw answer;
        if (!limits.signal?.aborted) continue;
        // Silence on a kept connection may mean that all of them are dead: the other end is gone, and no packet told
        // us.
        dropIdle(() => true);
        throw answer;
      }
    },
    async close() {
      agent.destroy();
    },
  };
}

type Done = Promise<HttpAnswer>;

/** True if a request was sent on a kept connection and nothing came back. */
function isUnanswered({ reusedSocket, res }: ClientRequest & { res?: IncomingMessage | null }): boolean {
  return reusedSocket && !res;
}

/**
 * Milliseconds that a connection may stay idle: the time its server states (`Keep-Alive: timeout=5`), within limits.
 */
function idleTime({ 'keep-alive': hint }: IncomingMessage['headers']): number {
  const seconds = /timeout=(\d+)/.exec(String(hint))?.[1];
  return seconds === undefined ? MOST_IDLE : Math.min(MOST_IDLE, Number(seconds) * 1_000 - MARGIN);
}

function boundConnecting(socket: Socket, request: ClientRequest, clock: Clock, isSecure: boolean): void {
  if (!socket.connecting) return;
  const cancel = clock.after(CONNECT, () => request.destroy(new Error(`not connected within ${CONNECT} ms`)));
  socket.once(isSecure ? 'secureConnect' : 'connect', cancel);
  socket.once('close', cancel);
}

function answerTo(request: ClientRequest, { mostBytes = Infinity, signal }: AnswerLimits): Done {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      reject(error);
      request.destroy();
    };
    const stop = () => fail(signal?.reason);
    signal?.addEventListener('abort', stop, { once: true });
    request.once('response', (response) => {
      const status = response.statusCode ?? 0;
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > mostBytes) fail(new AnswerTooLong(status, mostBytes, response.headers['content-type']));
        else chunks.push(chunk);
      });
      response.once('end', () => resolve({ status, headers: response.headers, body: decodeBody(chunks) }));
      response.once('error', fail);
    });
    request.on('error', fail);
    request.once('close', () => {
      signal?.removeEventListener('abort', stop);
      reject(new Error('the connection was closed before the answer'));
    });
  });
}
