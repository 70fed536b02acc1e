import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { mongo } from 'mongoose';

/** The part of the driver's connection that the patch needs. */
export interface DriverConnection {
  readonly socket: Socket;
  writeCommand: (this: DriverConnection, command: unknown, options: WriteOptions) => Promise<void>;
}

interface WriteOptions {
  signal?: AbortSignal;
}

const ofMongoose = createRequire(createRequire(import.meta.url).resolve('mongoose'));
const { Connection } = ofMongoose('mongodb/lib/cmap/connection.js') as {
  Connection: { prototype: DriverConnection };
};

const closings = new WeakMap<Socket, AbortSignal>();

/** Aborts when the socket closes, or is closed already. */
function closingOf(socket: Socket): AbortSignal {
  const known = closings.get(socket);
  if (known) return known;
  const closing = new AbortController();
  const close = (): void => {
    closing.abort(new mongo.MongoNetworkError('the connection closed while a command was being written'));
  };
  if (socket.closed) close();
  else socket.once('close', close);
  closings.set(socket, closing.signal);
  return closing.signal;
}

/**
 * The driver (mongodb 7.8 and 7.9) waits indefinitely for the `drain` of a socket that closes while a command is being
 * written to it, because a destroyed socket emits neither `drain` nor `error`. Killing a database under load triggers
 * it: writes then never end, and a server whose heartbeat is affected is never found again. Its `timeoutMS` has no
 * effect. The driver ends the wait at once when a signal fires: this gives every write one.
 */
export function patchDriver(): void {
  const { writeCommand } = Connection.prototype;
  Connection.prototype.writeCommand = function (command, options) {
    const closing = closingOf(this.socket);
    const signal = options.signal ? AbortSignal.any([options.signal, closing]) : closing;
    return writeCommand.call(this, command, { ...options, signal });
  };
}

/** The connection class of the driver that Mongoose uses, for the patch's own test. */
export const driverConnection = Connection.prototype;
