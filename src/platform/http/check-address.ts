import { createServer, type AddressInfo } from 'node:net';
import { StartError, type Settings } from '../config/index.js';
import { isLoopback } from './known-hosts.js';

/**
 * Checks whether the server will be able to listen, before anything slow is started.
 * @throws StartError that names `PORT`, `HOST` or `METRICS_PORT`; also if strangers could reach a server without
 * authentication.
 */
export async function checkAddress(settings: Settings): Promise<void> {
  let address: string;
  try {
    address = await tryOut(settings.PORT, settings.HOST);
  } catch (error) {
    throw addressError(error, settings) ?? error;
  }
  if (isOpenToAll(settings) && !isLoopback(address)) throw new StartError('HOST', unguarded(settings));
  await checkMetricsPort(settings);
}

async function checkMetricsPort({ PORT, METRICS_PORT, HOST }: Settings): Promise<void> {
  if (METRICS_PORT === undefined) return;
  if (METRICS_PORT === PORT && PORT !== 0)
    throw new StartError('METRICS_PORT', 'METRICS_PORT must be another port than PORT.');
  try {
    await tryOut(METRICS_PORT, HOST);
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    const text = `METRICS_PORT ${METRICS_PORT} cannot be listened on at ${HOST} (${code}). Set it to a free port.`;
    throw new StartError('METRICS_PORT', text, { cause });
  }
}

/** @returns the address that it listens on. */
async function tryOut(port: number, host: string): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  const { address } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return address;
}

/** A worker serves nobody but its operators. */
function isOpenToAll({ AUTH_MODE, ALLOW_INSECURE, ROLE }: Settings): boolean {
  return AUTH_MODE === 'none' && !ALLOW_INSECURE && ROLE !== 'worker';
}

function unguarded({ HOST }: Settings): string {
  return (
    `HOST ${HOST} can be reached from other machines, and AUTH_MODE is "none": everybody who reaches it could read and change everything. ` +
    'Use HOST=127.0.0.1, choose another AUTH_MODE (docs/authentication.md), or set ALLOW_INSECURE=1 if something else keeps strangers away.'
  );
}

/** What an error of `listen` means, for a person; nothing for any other error. */
export function addressError(error: unknown, { PORT, HOST }: Settings): StartError | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall !== 'listen' && syscall !== 'getaddrinfo' && syscall !== 'bind') return undefined;
  const ofPort: Record<string, string> = {
    EADDRINUSE: `${PORT} is already in use on ${HOST} by another program, perhaps another Reprise. Stop it, or set PORT to another one.`,
    EACCES: `${PORT} is not allowed for this user. Choose one above 1023.`,
  };
  const ofHost: Record<string, string> = {
    EADDRNOTAVAIL: `${HOST} is not an address of this machine. Use 127.0.0.1 for this machine only, 0.0.0.0 for all its addresses.`,
    ENOTFOUND: `${HOST} cannot be resolved. Use an address of this machine, such as 127.0.0.1 or 0.0.0.0.`,
    EAI_AGAIN: `${HOST} could not be resolved just now. Use an address of this machine, such as 127.0.0.1 or 0.0.0.0.`,
    EAFNOSUPPORT: `${HOST} has an address family that this machine does not support. Try 127.0.0.1 or 0.0.0.0.`,
    EINVAL: `${HOST} is not an address the server can listen on. Try 127.0.0.1 or 0.0.0.0.`,
  };
  const [port, host] = [ofPort[code ?? ''], ofHost[code ?? '']];
  if (port !== undefined) return new StartError('PORT', `PORT ${port}`, { cause: error });
  return host === undefined ? undefined : new StartError('HOST', `HOST ${host}`, { cause: error });
}
