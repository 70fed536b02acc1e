import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { isOrphaned, OWN_NAME } from '../../src/runs/record/lease.js';

const NOW = 1_700_000_000_000;
const lease = (owner: string, left = 1000) => ({ owner, expires_at: new Date(NOW + left) });
const neighbour = (pid: number): string => `${hostname()}/${pid}/00000000-0000-4000-8000-000000000000`;

describe('isOrphaned', () => {
  const { pid: deadPid } = spawnSync(process.execPath, ['--version']);

  it.each([
    ['own', OWN_NAME],
    ['of a neighbour that runs', neighbour(process.ppid)],
    ['of a neighbour that belongs to somebody else', neighbour(1)],
    ['of another host, whatever runs there', `elsewhere/${deadPid}/x`],
  ])('is false for a lease %s until it expires', (_whose, owner) => {
    expect(isOrphaned(lease(owner), NOW)).toBe(false);
    expect(isOrphaned(lease(owner, 0), NOW)).toBe(false);
    expect(isOrphaned(lease(owner, -1), NOW)).toBe(true);
  });

  it.each([
    ['that has ended', deadPid],
    ['that had the process id of this one', process.pid],
  ])('is true at once for the lease of a neighbour %s', (_which, pid) => {
    expect(isOrphaned(lease(neighbour(pid)), NOW)).toBe(true);
  });
});
