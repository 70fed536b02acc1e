import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { IncomingMessage } from 'node:http';
import { isIPv4 } from 'node:net';
import { AppError, clip } from '../../common/index.js';
import { parseHost, type Settings } from '../config/index.js';

/** Kubernetes and load balancers ask by any address; the answers are about the process alone. */
const PROBES = new Set(['/health/live', '/health/ready']);

/**
 * Refuses requests whose `Host` is not a name of this server (docs/decisions/030). A web page can rebind its own name to
 * 127.0.0.1: to the browser the local server is then part of that page's site, but the name stays in `Host`.
 */
export function refuseUnknownHosts(settings: Settings): RequestHandler {
  const unknownHost = hostCheck(settings);
  return (request: Request, _response: Response, next: NextFunction) => {
    const unknown = PROBES.has(request.path) ? undefined : unknownHost(request);
    next(unknown && new AppError('unknown_host', unknown));
  };
}

/**
 * Finds a name in a request that is none of this server; nothing if it knows them all. `X-Forwarded-Host` is checked as
 * well, never instead: after a rebinding the page could send any header.
 */
export function hostCheck(settings: Settings): (request: IncomingMessage) => UnknownHost | undefined {
  const names = new Set([settings.HOST, ...settings.HOSTS].map((name) => parseHost(bracketed(name))?.host));
  return (request) => {
    for (const name of namesOf(request))
      if (!isKnown(name, names, request)) return { host: name === undefined ? undefined : clip(name, 100) };
    return undefined;
  };
}

/** A name that is none of this server, short enough to be shown. */
export interface UnknownHost {
  /** `undefined`: the request has none. */
  host: string | undefined;
}

/** The names by which a request was sent here; `undefined` if it has none. */
function namesOf({ headers }: IncomingMessage): (string | undefined)[] {
  const forwarded = headers['x-forwarded-host'];
  return forwarded === undefined ? [headers.host] : [headers.host, ...namesIn(forwarded)];
}

/** A proxy in front of another one appends its own to the list. */
const namesIn = (header: string | string[]): string[] =>
  String(header)
    .split(',')
    .map((name) => name.trim());

function isKnown(
  header: string | undefined,
  names: ReadonlySet<string | undefined>,
  request: IncomingMessage,
): boolean {
  const host = header === undefined ? undefined : parseHost(header)?.host;
  if (host === undefined) return false;
  return isLoopbackName(host) || names.has(host) || host === plainAddress(request.socket.localAddress);
}

/** `localhost`, the names below it, and loopback addresses: nobody else can own them. */
function isLoopbackName(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || isLoopback(host);
}

/** Whether an address reaches this machine only. */
export function isLoopback(address: string): boolean {
  const plain = plainAddress(address);
  return plain === '::1' || (isIPv4(plain) && plain.startsWith('127.'));
}

/** An IPv4 address that arrived at an IPv6 socket, as IPv4. */
const plainAddress = (address = ''): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

/** `HOST` may be an IPv6 address without the brackets that a URL needs. */
const bracketed = (name: string): string =>
  /^[0-9a-f]*:[0-9a-f.]*:[0-9a-f:.]*$/i.test(name) ? `[${name}]` : name;
