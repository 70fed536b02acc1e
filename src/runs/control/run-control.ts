import { Injectable } from '@nestjs/common';
import { AgentRegistry, DEFAULT_AGENT } from '../../agent/index.js';
import type { Scope } from '../../common/index.js';
import type { Question } from '../../run-record/index.js';
import { RunQueue } from '../../messages/index.js';
import { RunDispatcher } from '../dispatch/run-dispatcher.js';
import { RunExecutor } from '../execution/run-executor.js';
import { RunSignals } from '../execution/run-signals.js';
import { RunStore } from '../record/run-store.js';

/** Starts and stops runs: what the rest of the application can ask of them. */
@Injectable()
export class RunControl extends RunQueue {
  override readonly defaultAgent = DEFAULT_AGENT;

  constructor(
    private readonly store: RunStore,
    private readonly signals: RunSignals,
    private readonly dispatcher: RunDispatcher,
    private readonly executor: RunExecutor,
    private readonly agents: AgentRegistry,
  ) {
    super();
  }

  override hasAgent(name: string): boolean {
    return this.agents.has(name);
  }

  override enqueue(chatId: string): Promise<void> {
    return this.dispatcher.dispatch(chatId);
  }

  override async interrupt(chatId: string, messageId: string): Promise<void> {
    const superseded = await this.store.superseded(chatId, messageId);
    await Promise.all(superseded.map(async (run) => this.stop(await this.store.supersede(run))));
  }

  /** Asks a run to stop; what it has streamed is kept. A run that has ended stays unchanged. */
  async cancel(scope: Scope, messageId: string): Promise<void> {
    await this.stop(await this.store.requestCancel(scope, messageId));
  }

  private async stop(run: Question | null): Promise<void> {
    if (!run) return;
    const pending = run.status === 'pending' ? await this.store.claimCancelled(run) : null;
    if (pending) await this.executor.execute(pending);
    else this.signals.stop(run._id.toHexString());
  }
}
