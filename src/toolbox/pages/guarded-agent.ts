import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import type { AddressGuard } from './address-guard.js';

/**
 * Connections for one page and its redirects. The address is checked where it is used: whatever the name resolved to
 * before or will resolve to later, the socket goes to an address that has passed, or nowhere.
 * @param resolve how names become addresses; the system's way if absent.
 */
export function guardedAgent(
  guard: AddressGuard,
  timeoutMs: number,
  resolve: LookupFunction = systemLookup,
): Agent {
  const limits = { timeout: timeoutMs, maxCachedSessions: 0 };
  const open = buildConnector({ ...limits, lookup: resolve });
  const guarded = buildConnector({ ...limits, lookup: guardedLookup(guard, resolve) });
  return new Agent({
    connect: (options, callback) => {
      const { hostname, protocol } = options;
      const port = options.port || (protocol === 'https:' ? '443' : '80');
      if (guard.trusts(hostname, port)) open(options, callback);
      // an address is never looked up
      else if (isIP(hostname) !== 0 && !guard.permits(hostname)) callback(guard.refusal(hostname), null);
      else guarded(options, callback);
    },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxHeaderSize: 32_768,
  });
}

/** Refuses a name as soon as one of its addresses is not permitted. */
function guardedLookup(guard: AddressGuard, resolve: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      const addresses = error ? [] : asList(found);
      const [first] = addresses;
      if (error || !first) callback(error ?? noAddress(hostname), '');
      else if (!addresses.every(({ address }) => guard.permits(address)))
        callback(guard.refusal(hostname), '');
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function asList(found: string | LookupAddress[]): LookupAddress[] {
  return typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found;
}

function noAddress(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' });
}
