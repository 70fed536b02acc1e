import { Injectable } from '@nestjs/common';
import ipaddr from 'ipaddr.js';
import { networkInterfaces } from 'node:os';
import { Settings } from '../../platform/config/index.js';
import { ToolError } from '../../tools/index.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Public by its number, but only the machines of one cloud reach it: it answers with their credentials. */
const METADATA = new Set(['168.63.129.16']);
/** The only part of IPv6 that is routed publicly. */
const PUBLIC_V6 = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number];
/** Translates to the IPv4 address in its last four bytes. */
const NAT64 = ipaddr.parseCIDR('64:ff9b::/96') as [ipaddr.IPv6, number];

/**
 * Decides which addresses tools may connect to on behalf of people and models: public ones, never those of the network
 * that this process happens to stand in.
 */
@Injectable()
export class AddressGuard {
  private readonly trusted: ReadonlySet<string>;

  constructor(settings: Settings) {
    this.trusted = new Set(settings.FETCH_ALLOW_HOSTS.map((host) => host.toLowerCase()));
  }

  /** Whether the operator lists this host, alone or with the port. */
  trusts(host: string, port: string | number): boolean {
    const name = withoutDot(host.toLowerCase());
    const shown = name.includes(':') ? `[${name}]` : name;
    return [name, shown, `${shown}:${port}`].some((one) => this.trusted.has(one));
  }

  /** Whether an IP address is public, and not one of this machine's own. Anything that is no address is not. */
  permits(address: string): boolean {
    const real = parse(address);
    if (real?.range() !== 'unicast') return false;
    if (real.kind() === 'ipv6' && !real.match(PUBLIC_V6)) return false;
    return !METADATA.has(real.toString()) && !ownAddresses().has(real.toString());
  }

  /** What the model is told. It names no address: what a private name stands for is private as well. */
  refusal(host: string): ToolError {
    return new ToolError(
      `The address of ${host} is not public. Only pages on the public internet can be read.`,
      'address_not_public',
    );
  }
}

/** The address that is really reached: an IPv4 address may be wrapped in an IPv6 one. */
function parse(text: string): Address | undefined {
  const bare = text.replace(/%.*$/, '');
  if (!ipaddr.isValid(bare)) return undefined;
  const address = ipaddr.process(bare);
  if (address.kind() === 'ipv4' || !address.match(NAT64)) return address;
  return ipaddr.fromByteArray(address.toByteArray().slice(12));
}

function ownAddresses(): Set<string> {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return new Set(all.map(({ address }) => parse(address)?.toString() ?? address));
}

const withoutDot = (host: string): string => host.replace(/\.$/, '');
