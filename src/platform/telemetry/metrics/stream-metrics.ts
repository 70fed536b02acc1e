import type { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { counter, gauge, histogram, LONG_SECONDS, SHORT_SECONDS, type Labels } from './figures.js';

/** How a stream ended. */
export type StreamEnd =
  /** The client has the whole log. */
  | 'completed'
  /** The client left. */
  | 'aborted'
  /** The server stopped it: it moves, or the log was deleted. */
  | 'interrupted'
  /** The client read nothing for too long. */
  | 'slow'
  | 'error';

interface Instruments {
  sessions: Counter<'agent' | 'status'>;
  chunks: Counter<'agent'>;
  durations: Histogram<'agent' | 'status'>;
  active: Gauge<'agent'>;
  slow: Counter;
}

/** Counts the streams of one agent's answers. Every stream has one, so what it counts itself is a number of its own. */
export class AgentStreams {
  constructor(
    private readonly agent: string,
    private readonly instruments: Instruments,
  ) {}

  begin(): void {
    this.instruments.active.inc({ agent: this.agent });
  }

  /** @param chunks events that were sent. */
  end(status: StreamEnd, seconds: number, chunks: number): void {
    const { agent, instruments } = this;
    instruments.active.dec({ agent });
    instruments.sessions.inc({ agent, status });
    instruments.durations.observe({ agent, status }, seconds);
    if (status === 'slow') instruments.slow.inc();
    if (chunks > 0) instruments.chunks.inc({ agent }, chunks);
  }
}

/** What clients follow. */
export class StreamMetrics {
  private readonly instruments: Instruments;
  private readonly lag;
  private readonly byAgent = new Map<string, AgentStreams>();

  constructor(
    registry: Registry,
    private readonly labels: Labels,
  ) {
    const to: [Registry] = [registry];
    this.instruments = {
      sessions: counter(to, {
        name: 'stream_sessions_total',
        help: 'Streams that have ended: completed, aborted by the client, interrupted by the server, slow, or error.',
        labels: ['agent', 'status'],
      }),
      chunks: counter(to, {
        name: 'stream_chunks_sent_total',
        help: 'Events sent by streams that have ended.',
        labels: ['agent'],
      }),
      durations: histogram(to, {
        name: 'stream_session_duration_seconds',
        help: 'How long streams were open.',
        labels: ['agent', 'status'],
        buckets: LONG_SECONDS,
      }),
      active: gauge(to, { name: 'stream_sessions_active', help: 'Open streams.', labels: ['agent'] }),
      slow: counter(to, {
        name: 'reprise_slow_clients_dropped_total',
        help: 'Clients that were disconnected because they did not read for STREAM_STALL_MS.',
      }),
    };
    this.lag = histogram(to, {
      name: 'reprise_follow_lag_seconds',
      help: 'Time from when an event was made to when the streams of this process got it: the oldest of each commit that somebody follows.',
      buckets: SHORT_SECONDS,
    });
  }

  /** The streams of one agent's answers. The same name always gives the same object. */
  of(name: string): AgentStreams {
    const agent = this.labels.agent.of(name);
    const known = this.byAgent.get(agent);
    if (known) return known;
    const streams = new AgentStreams(agent, this.instruments);
    this.byAgent.set(agent, streams);
    return streams;
  }

  /** A commit has reached the streams of this process. @param seconds since its oldest event was made. */
  followed(seconds: number): void {
    this.lag.observe(Math.max(0, seconds));
  }
}
