// What is measured with: one clock for all processes, a histogram, CPU and memory of processes.
import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100; // of the CPU times in /proc on every Linux

/** Microseconds of the monotonic clock, which all processes of a machine share. */
export function nowUs() {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e6 + Math.round(nanoseconds / 1e3);
}

const BUCKET_US = 10;
const BUCKETS = 3_000_000; // 30 s

/** Latencies in buckets of 10 µs: millions of them cost no memory of their own. */
export class Latencies {
  #buckets = new Uint32Array(BUCKETS);
  #count = 0;

  /** @param {number} us */
  add(us) {
    const bucket = Math.floor(us / BUCKET_US);
    this.#buckets[Math.min(Math.max(bucket, 0), BUCKETS - 1)]++;
    this.#count++;
  }

  /** @returns {number} milliseconds that the given share (0–1) of all latencies does not exceed. */
  quantile(share) {
    let left = Math.ceil(this.#count * share);
    const bucket = this.#buckets.findIndex((count) => (left -= count) <= 0);
    return ((bucket + 0.5) * BUCKET_US) / 1000;
  }
}

/** CPU seconds that processes have used so far; undefined where there is no /proc. */
export function cpuSeconds(pids) {
  return sumOver(pids, (pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  });
}

/** Resident kilobytes of processes; undefined where there is no /proc. */
export function residentKb(pids) {
  return sumOver(pids, (pid) =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]),
  );
}

function sumOver(pids, read) {
  try {
    return pids.map(read).reduce((sum, value) => sum + value, 0);
  } catch {
    return undefined;
  }
}

/** The value that the given share (0–1) of some numbers does not exceed. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

/** The middle one of some numbers. */
export function median(values) {
  const sorted = values.filter((value) => Number.isFinite(value)).sort((a, b) => a - b);
  if (sorted.length === 0) return undefined;
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Resolves to true once `done()` holds, to false when `progress()` has stood still for `idleMs`. */
export async function settled(done, progress = done, idleMs = 10_000) {
  let seen = progress();
  let since = Date.now();
  while (!done()) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (progress() !== seen) {
      seen = progress();
      since = Date.now();
    } else if (Date.now() - since > idleMs) return false;
  }
  return true;
}
