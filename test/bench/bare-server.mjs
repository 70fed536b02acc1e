// The limit to compare with: node:http, frames in an array, bytes straight to the sockets, once per turn of the event
// loop. It stores nothing, checks nothing and has no backpressure.
import http from 'node:http';
import { control } from './control.mjs';

const streams = new Map();

/** A frame as a chunk of the chunked body, ready for the socket. */
function chunkOf(seq, event) {
  const frame = `id: ${seq}\ndata: ${JSON.stringify(event)}\n\n`;
  return `${Buffer.byteLength(frame).toString(16)}\r\n${frame}\r\n`;
}

function flush(stream) {
  const bytes = Buffer.from(stream.pending.join(''));
  stream.pending = [];
  for (const socket of stream.sockets) socket.write(bytes);
}

const create = (name) => {
  streams.set(name, { chunks: [], pending: [], sockets: new Set() });
};

const append = (name, event) => {
  const stream = streams.get(name);
  const chunk = chunkOf(event.seq, event);
  stream.chunks.push(chunk);
  if (stream.sockets.size === 0) return;
  if (stream.pending.push(chunk) === 1) setImmediate(flush, stream);
};

const server = http.createServer((request, response) => {
  if (control(request, response, { create, append })) return;
  const stream = streams.get(request.url.slice(1));
  const { socket } = response;
  response
    .writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
    .flushHeaders();
  if (stream.pending.length > 0) flush(stream);
  const lastId = request.headers['last-event-id'];
  const missed = stream.chunks.slice(lastId === undefined ? 0 : Number(lastId) + 1);
  if (missed.length > 0) socket.write(missed.join(''));
  stream.sockets.add(socket);
  socket.on('error', () => undefined).on('close', () => stream.sockets.delete(socket));
});
server.listen(0, '127.0.0.1', 4096, () => process.send({ port: server.address().port, pids: [process.pid] }));
