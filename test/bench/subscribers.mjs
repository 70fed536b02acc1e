// Subscribers, and a record of what each received.
import { once } from 'node:events';
import net from 'node:net';
import { SseClient } from './sse-client.mjs';

const OPENED_AT_A_TIME = 200;

export const targetOf = (server, stream, lastEventId) => ({
  port: server.port,
  path: server.pathOf(stream),
  lastEventId,
});

/** What one subscriber got of the events 0…count-1. */
export class Received {
  got = 0;
  doubled = 0;
  reordered = 0;
  #seen;
  #last = -1;

  constructor(count) {
    this.#seen = new Uint8Array(count);
  }

  /** True when the event is new. */
  add(seq) {
    if (this.#seen[seq]) {
      this.doubled++;
      return false;
    }
    if (seq < this.#last) this.reordered++;
    this.#last = seq;
    this.#seen[seq] = 1;
    this.got++;
    return true;
  }
}

/** Opens one subscriber per name; resolves when all have their headers. */
export async function subscribe(server, streams, onEvent) {
  const clients = [];
  const open = (stream, index) =>
    new Promise((resolve, reject) => {
      const client = new SseClient(targetOf(server, stream), {
        onOpen: () => (client.status === 200 ? resolve() : reject(new Error(`HTTP ${client.status}`))),
        onEvent: (seq, t, now) => onEvent(index, seq, t, now),
        onClose: () => reject(new Error('a subscriber was disconnected')),
      });
      clients.push(client);
    });
  for (let at = 0; at < streams.length; at += OPENED_AT_A_TIME) {
    const wave = streams.slice(at, at + OPENED_AT_A_TIME);
    await Promise.all(wave.map((stream, index) => open(stream, at + index)));
  }
  return { close: () => clients.forEach((client) => client.close()) };
}

/** Clients that request a stream and never read it. */
export async function neverRead(server, stream, count) {
  const { port, path } = targetOf(server, stream);
  const sockets = Array.from({ length: count }, () => net.connect(port, '127.0.0.1'));
  for (const socket of sockets) {
    socket.on('error', () => undefined);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  }
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  return { close: () => sockets.forEach((socket) => socket.destroy()) };
}
