import { Injectable } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { ProcessLoad } from '../process-load.js';
import { RuntimeFacts } from '../runtime-facts.js';
import { RuntimeStats } from '../runtime-stats.js';
import type { Seen } from './checks.js';

/** Of QUEUE_MAX. */
const NEARLY_FULL = 0.9;

/** Looks at this process, and at the runs of all. */
@Injectable()
export class WorkChecks {
  constructor(
    private readonly facts: RuntimeFacts,
    private readonly stats: RuntimeStats,
    private readonly load: ProcessLoad,
    private readonly settings: Settings,
  ) {}

  process(): Promise<Seen<'process'>> {
    const { loop_delay_p99_ms: delay, heap_used } = this.load.figures();
    const found = `The event loop is late by ${delay} ms (99th percentile), and ${Math.round(heap_used * 100)} % of the heap is in use.`;
    if (delay > this.settings.READY_MAX_LOOP_DELAY_MS) return Promise.resolve({ found, cause: 'loop_late' });
    return Promise.resolve(
      heap_used > this.settings.READY_MAX_HEAP ? { found, cause: 'heap_full' } : { found },
    );
  }

  async queue(): Promise<Seen<'queue'>> {
    const { pending, oldest_pending_ms, stuck } = await this.facts.runs();
    const { RUN_CONCURRENCY, QUEUE_MAX, ROLE } = this.settings;
    const active = ROLE === 'api' ? 0 : this.stats.activeRuns;
    const found = `${pending} runs wait for a worker, the oldest for ${seconds(oldest_pending_ms)}; this process works on ${active} of at most ${RUN_CONCURRENCY}.`;
    if (stuck > 0) return { found: `${found} Nothing is ahead of ${stuck} of them.`, cause: 'stuck' };
    if (pending > NEARLY_FULL * QUEUE_MAX) return { found, cause: 'full' };
    return active >= RUN_CONCURRENCY && pending > 0 ? { found, cause: 'busy' } : { found };
  }

  async lost_runs(): Promise<Seen<'lost_runs'>> {
    const { orphaned } = await this.facts.runs();
    const found = `${orphaned} runs have a worker that has given no sign of life for long.`;
    return orphaned > 0 ? { found, cause: 'orphaned' } : { found };
  }

  async approvals(): Promise<Seen<'approvals'>> {
    const { waiting, oldest_waiting_ms } = await this.facts.runs();
    if (waiting === 0) return { found: 'No run waits for a decision.' };
    const found = `${waiting} runs wait for a decision, the oldest for ${seconds(oldest_waiting_ms)}.`;
    return { found, cause: 'waiting' };
  }

  async logs(): Promise<Seen<'logs'>> {
    const { checked, gaps, without_end } = await this.facts.logs();
    const found = `Of the logs of the last ${checked} runs that ended, ${gaps} have gaps, and ${without_end} have no end.`;
    if (gaps > 0) return { found, cause: 'gaps' };
    return without_end > 0 ? { found, cause: 'no_end' } : { found };
  }
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
