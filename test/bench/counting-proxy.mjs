// Sits between the application and its database and counts the commands that pass; the application does not notice.
import { once } from 'node:events';
import net from 'node:net';

/** What a driver asks for its own sake, on whatever connection. */
const OF_THE_DRIVER = new Set(['hello', 'ismaster', 'isMaster', 'ping', 'endSessions', 'buildInfo']);
const OP_MSG = 2013;
const HEADER_BYTES = 16;
/** Header, flags, kind of the section, length of its document, type of the first field: its name is the command. */
const NAME_AT = HEADER_BYTES + 4 + 1 + 4 + 1;

/** A proxy of one database; TCP on this side, whatever `target` of net.connect() on the other. */
export class CountingProxy {
  /** Commands and their collections since the last `reset`, in order. */
  commands = [];
  #server;
  #sockets = new Set();

  constructor(target) {
    this.#server = net.createServer((client) => this.#connect(client, net.connect(target)));
  }

  async listen() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this.#server.address().port;
  }

  reset() {
    this.commands = [];
  }

  close() {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #connect(client, database) {
    for (const [one, other] of [
      [client, database],
      [database, client],
    ]) {
      this.#sockets.add(one);
      one.setNoDelay(true);
      one
        .on('error', () => undefined)
        .on('close', () => {
          this.#sockets.delete(one);
          other.destroy();
        });
    }
    const reader = new CommandReader((command) => this.commands.push(command));
    client.on('data', (bytes) => reader.read(bytes));
    client.pipe(database);
    database.pipe(client);
  }
}

/** Finds the commands in what a driver sends; each message begins with its length. */
class CommandReader {
  #rest = Buffer.alloc(0);
  #onCommand;

  constructor(onCommand) {
    this.#onCommand = onCommand;
  }

  read(bytes) {
    this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes;
    while (this.#rest.length >= 4 && this.#rest.length >= this.#rest.readInt32LE(0)) {
      const length = this.#rest.readInt32LE(0);
      if (length < HEADER_BYTES) throw new Error('what passes here is not MongoDB: is it encrypted?');
      this.#message(this.#rest.subarray(0, length));
      this.#rest = this.#rest.subarray(length);
    }
  }

  #message(message) {
    if (message.readInt32LE(12) !== OP_MSG) return; // the first handshake
    const nameEnd = message.indexOf(0, NAME_AT);
    const name = message.toString('latin1', NAME_AT, nameEnd);
    if (OF_THE_DRIVER.has(name)) return;
    const valueAt = nameEnd + 1 + 4; // behind the length of a text
    this.#onCommand(`${name} ${message.toString('latin1', valueAt, message.indexOf(0, valueAt))}`);
  }
}
