import { once } from 'node:events';
import net from 'node:net';
import { mongo } from 'mongoose';
import { driverConnection, patchDriver, type DriverConnection } from './driver-patch.js';

patchDriver();

let server: net.Server;
let socket: net.Socket;
let connection: DriverConnection;

/** A command of so many bytes. */
const commandOf = (bytes: number) => ({ toBin: () => Promise.resolve([new Uint8Array(bytes)]) });
const write = (bytes: number): Promise<void> =>
  connection.writeCommand(commandOf(bytes), { agreedCompressor: 'none' } as object);

beforeEach(async () => {
  server = net.createServer((far) => far.on('error', () => undefined).pause());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  socket = net.connect((server.address() as net.AddressInfo).port);
  await once(socket, 'connect');
  connection = Object.assign(Object.create(driverConnection) as DriverConnection, {
    socket,
    onError: () => undefined,
  });
});

afterEach(() => {
  socket.destroy();
  server.close();
});

describe('a command written by the driver', () => {
  it('is sent', async () => {
    await write(10);
    expect(socket.bytesWritten).toBe(10);
  });

  it('fails if its connection closed before', async () => {
    socket.destroy();
    await once(socket, 'close');
    await expect(write(10)).rejects.toBeInstanceOf(mongo.MongoNetworkError);
  });

  it('fails if its connection is closed at that moment', async () => {
    socket.destroy();
    await expect(write(10)).rejects.toBeInstanceOf(mongo.MongoNetworkError);
  });

  it('fails if its connection closes while the far end does not read', async () => {
    const written = write(50_000_000);
    setImmediate(() => socket.destroy());
    await expect(written).rejects.toBeInstanceOf(mongo.MongoNetworkError);
  });
});
