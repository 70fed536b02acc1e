import { Injectable } from '@nestjs/common';
import { withTimeout } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import { Log } from '../../platform/logging/index.js';
import { RunSignals } from './run-signals.js';
import { RunWatches, type RunWatch } from './run-watch.js';
import { RunStore } from '../record/run-store.js';
import type { HeldRun } from '../../run-record/index.js';
import { HandedOver, LeaseLost, RunCancelled, RunTimedOut, type StopReason } from './stop-reasons.js';

/** A run that this process is working on. */
export interface ActiveRun {
  readonly run: HeldRun;
  /** Aborts with a {@link StopReason}. */
  readonly signal: AbortSignal;
  stop(reason: StopReason): void;
  /** Aborts when another worker must continue. */
  readonly handover: AbortSignal;
  /** Stops renewing the lease: the run is over. */
  release(): void;
  /** Resolves with {@link release}. */
  readonly released: Promise<void>;
  /** What operators learn about it. */
  readonly watch: RunWatch;
}

/** Renews leases, and passes on what stops a run: cancel, time limit, a lost lease. */
@Injectable()
export class LeaseKeeper {
  private readonly logger = new Log(LeaseKeeper.name);
  private readonly active = new Map<string, ActiveRun>();
  private readonly leaving = new AbortController();

  constructor(
    private readonly store: RunStore,
    private readonly settings: Settings,
    signals: RunSignals,
    private readonly watches: RunWatches,
  ) {
    signals.onStop((messageId) => this.active.get(messageId)?.stop(new RunCancelled()));
  }

  /** Asks for every run to be handed over; resolves when all have been, or when the time is up. @returns those left */
  async handOver(graceMs: number): Promise<HeldRun[]> {
    this.leaving.abort(new HandedOver());
    const all = Promise.all([...this.active.values()].map((active) => active.released));
    await withTimeout(all, graceMs);
    const left = [...this.active.values()];
    for (const { watch } of left) watch.left('handed_over');
    return left.map((active) => active.run);
  }

  /** Runs that this process is working on. */
  get count(): number {
    return this.active.size;
  }

  /** A run that this process is working on. */
  find(messageId: string): HeldRun | undefined {
    return this.active.get(messageId)?.run;
  }

  /** Starts to keep a lease. */
  keep(run: HeldRun): ActiveRun {
    const id = run._id.toHexString();
    const controller = new AbortController();
    let tellReleased!: () => void;
    const released = new Promise<void>((resolve) => (tellReleased = resolve));
    const active: ActiveRun = {
      run,
      released,
      watch: this.watches.begin(run),
      signal: controller.signal,
      handover: this.leaving.signal,
      stop: (reason) => {
        controller.abort(reason);
      },
      release: () => {
        clearInterval(renewal);
        clearTimeout(limit);
        if (this.active.get(id) === active) this.active.delete(id);
        active.watch.close();
        tellReleased();
      },
    };
    const renewal = setInterval(() => void this.renew(active), this.settings.RUN_LEASE_MS / 3);
    const limit = setTimeout(() => {
      active.stop(new RunTimedOut());
    }, this.settings.RUN_TIMEOUT_MS);
    this.active.set(id, active);
    return active;
  }

  /** Stops this process's runs of some chats; resolves when they write no more. */
  async stopInChats(chatIds: readonly string[], reason: StopReason): Promise<void> {
    const concerned = [...this.active.values()].filter((active) => chatIds.includes(active.run.chat_id));
    for (const active of concerned) active.stop(reason);
    await Promise.all(concerned.map((active) => active.released));
  }

  private async renew(active: ActiveRun): Promise<void> {
    try {
      const current = await this.store.renew(active.run);
      if (!current) active.stop(new LeaseLost());
      else if (current.run.cancel_requested) active.stop(new RunCancelled());
    } catch (error) {
      // The log rejects a worker that is really too late, so a short database outage stops nothing.
      this.logger.warn('a lease could not be renewed', { err: error, ...active.watch.about });
    }
  }
}
