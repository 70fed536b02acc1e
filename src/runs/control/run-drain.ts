import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { Log } from '../../platform/logging/index.js';
import { InlineDispatcher } from '../dispatch/inline-dispatcher.js';
import { LeaseKeeper } from '../execution/lease-keeper.js';
import { RunStore } from '../record/run-store.js';

/** Hands over all runs before the process exits: others, or the next process, continue them at once. */
@Injectable()
export class RunDrain implements BeforeApplicationShutdown {
  private readonly logger = new Log(RunDrain.name);

  constructor(
    private readonly dispatcher: InlineDispatcher,
    private readonly leases: LeaseKeeper,
    private readonly store: RunStore,
    private readonly settings: Settings,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    this.dispatcher.close();
    const left = await this.leases.handOver(this.settings.SHUTDOWN_GRACE_MS);
    if (left.length > 0)
      this.logger.warn(`${left.length} runs did not stop in time; they are handed over as they are`);
    await Promise.all(left.map((run) => this.store.release(run)));
  }
}
