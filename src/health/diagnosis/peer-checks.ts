import { Injectable } from '@nestjs/common';
import { Metrics, Tracing } from '../../platform/telemetry/index.js';
import { RuntimeStats } from '../runtime-stats.js';
import type { Seen } from './checks.js';

/** Of the requests to models. */
const MANY_FAIL = 0.2;

/** Looks at what this process depends on, beside its database. */
@Injectable()
export class PeerChecks {
  constructor(
    private readonly stats: RuntimeStats,
    private readonly metrics: Metrics,
    private readonly tracing: Tracing,
  ) {}

  async redis(): Promise<Seen<'redis'>> {
    const { redis } = await this.stats.peers();
    if (!redis) return { found: 'This deployment has no Redis: REDIS_URL is unset.' };
    if (!redis.connected) return { found: 'Redis is not connected.', cause: 'away' };
    return redis.faults.length > 0
      ? { found: redis.faults.join(' '), cause: 'wrong' }
      : { found: 'Redis is connected.' };
  }

  async model(): Promise<Seen<'model'>> {
    const { models } = (await this.stats.peers()).model;
    const away = models.filter(({ ok }) => !ok);
    const open = models.filter(({ circuit }) => circuit !== undefined && circuit !== 'closed');
    if (away.length > 0)
      return {
        found: `Not reachable: ${away.map(({ detail }) => detail).join('; ')}.`,
        cause: 'unreachable',
      };
    if (open.length > 0)
      return {
        found: `Not asked at the moment: ${open.map(({ model }) => model).join(', ')}.`,
        cause: 'circuit',
      };
    return { found: `Reachable: ${models.map(({ detail }) => detail).join('; ')}.` };
  }

  async model_calls(): Promise<Seen<'model_calls'>> {
    const name = 'reprise_model_calls_total';
    const [all, limited, failed] = await Promise.all([
      this.metrics.total(name),
      this.metrics.total(name, ({ outcome }) => outcome === 'model_rate_limited'),
      this.metrics.total(name, ({ outcome }) => outcome !== 'ok' && outcome !== 'cancelled'),
    ]);
    const found = `Of ${all} requests to models since the start, ${failed} failed, ${limited} of them because there were too many.`;
    if (limited > 0) return { found, cause: 'limited' };
    return failed > 0 && failed >= MANY_FAIL * all ? { found, cause: 'failing' } : { found };
  }

  async mcp(): Promise<Seen<'mcp'>> {
    const { mcp } = await this.stats.peers();
    const away = Object.keys(mcp).filter((name) => mcp[name]?.status !== 'connected');
    if (away.length > 0) return { found: `Not connected: ${away.join(', ')}.`, cause: 'away' };
    return { found: `${Object.keys(mcp).length} MCP servers are connected.` };
  }

  traces(): Promise<Seen<'traces'>> {
    const { targets } = this.tracing.state;
    const failing = targets.filter((target) => target.failing);
    if (targets.length === 0) return Promise.resolve({ found: 'Tracing is off.' });
    if (failing.length === 0)
      return Promise.resolve({ found: `Traces go to ${targets.map(({ host }) => host).join(', ')}.` });
    const reasons = failing.map(({ host, reason = '' }) => `${host} (${reason})`);
    return Promise.resolve({ found: `Traces do not reach ${reasons.join(', ')}.`, cause: 'failing' });
  }
}
