import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

const host = hostname();

/** Names this process as the owner of leases: host, process id, and a part that no later process shares. */
export const OWN_NAME = `${host}/${process.pid}/${randomUUID()}`;

/** Which worker holds a run, and until when. */
export interface Lease {
  owner: string;
  expires_at: Date;
}

/** True if nobody works on a leased run any more. @param now epoch milliseconds */
export function isOrphaned(lease: Lease, now: number): boolean {
  return lease.expires_at.getTime() < now || isDeadNeighbour(lease.owner);
}

/**
 * True if an owner was certainly a process of this machine that has exited, so that its runs need not wait for their
 * leases to expire. Owners elsewhere count as alive until then.
 */
function isDeadNeighbour(owner: string): boolean {
  const [ownerHost, pid] = owner.split('/');
  if (ownerHost !== host || owner === OWN_NAME) return false;
  return Number(pid) === process.pid || !isRunning(Number(pid));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
