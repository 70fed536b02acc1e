import type { Request } from 'express';
import ipaddr from 'ipaddr.js';

/** Of an IPv6 address: whoever has one of a subnet has all of them. */
const SUBNET_PARTS = 4;

/** Where a request comes from; nothing if that is not known. */
export function addressOf({ ip }: Pick<Request, 'ip'>): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  return ip !== undefined && ipaddr.isValid(ip) ? ipaddr.process(ip) : undefined;
}

/** One name for all addresses that the same client can choose between: of IPv6, the /64. */
export function addressKey(request: Pick<Request, 'ip'>): string {
  const address = addressOf(request);
  if (!address) return 'unknown';
  const isLong = address instanceof ipaddr.IPv6;
  return isLong ? address.parts.slice(0, SUBNET_PARTS).join(':') : address.toString();
}
