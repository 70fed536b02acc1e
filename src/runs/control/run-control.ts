import { Injectable } from '@nestjs/common';
import { AgentRegistry } from '../../agent/index.js';
import { pause, type Scope } from '../../common/index.js';
import type { Question } from '../../run-record/index.js';
import { RunQueue, type AdHocWorkflow, type ChosenAgent, type ReadyWorker } from '../../messages/index.js';
import { RunDispatcher } from '../dispatch/run-dispatcher.js';
import { RunExecutor } from '../execution/run-executor.js';
import { RunSignals } from '../execution/run-signals.js';
import { RunStore } from '../record/run-store.js';

/**
 * A question admitted to its chat this long ago without being stored was lost with its process, or is late: the sweep
 * finds it.
 */
const STORE_PATIENCE_MS = 1000;
const STORE_POLL_MS = 10;

/** Starts and stops runs: what the rest of the application may ask of them. */
@Injectable()
export class RunControl extends RunQueue {
  constructor(
    private readonly store: RunStore,
    private readonly signals: RunSignals,
    private readonly dispatcher: RunDispatcher,
    private readonly executor: RunExecutor,
    private readonly agents: AgentRegistry,
  ) {
    super();
  }

  override agent(name = this.agents.defaultAgent): ChosenAgent | undefined {
    return this.agents.find(name);
  }

  override agentOfVersion(version: string): Promise<ChosenAgent | undefined> {
    return this.agents.ofVersion(version);
  }

  override adHocAgent(workflow: AdHocWorkflow): ChosenAgent {
    const agent = this.agents.adHoc(workflow);
    const { name, version } = agent;
    return { name, version, keep: () => this.agents.remember(agent) };
  }

  override ready(): ReadyWorker | undefined {
    return this.dispatcher.ready();
  }

  override enqueue(chatId: string): Promise<void> {
    return this.dispatcher.dispatch(chatId);
  }

  override async interrupt(chatId: string, messageId: string, ahead: readonly string[]): Promise<void> {
    await this.areStored(ahead);
    const superseded = await this.store.superseded(chatId, messageId);
    await Promise.all(superseded.map(async (run) => this.stop(await this.store.supersede(run))));
  }

  /**
   * Repeats the request for messages that interrupt and are still pending: their process may have died before it made
   * the request.
   */
  async repeatInterrupts(): Promise<void> {
    const waiting = await this.store.interrupting();
    for (const { chat_id, _id } of waiting) await this.interrupt(chat_id, _id.toHexString(), []);
  }

  /** Waits for questions that another request has admitted to the chat, and is about to store. */
  private async areStored(ids: readonly string[]): Promise<void> {
    const deadline = performance.now() + STORE_PATIENCE_MS;
    while (ids.length > 0 && performance.now() < deadline && (await this.store.stored(ids)) < ids.length)
      await pause(STORE_POLL_MS);
  }

  /** Asks a run to stop; what it has streamed is kept. A run that has ended stays as it is. */
  async cancel(scope: Scope, messageId: string): Promise<void> {
    await this.stop(await this.store.requestCancel(scope, messageId));
  }

  private async stop(run: Question | null): Promise<void> {
    if (!run) return;
    const isIdle = run.status === 'pending' || run.run.waiting !== undefined;
    const idle = isIdle ? await this.store.claimCancelled(run) : null;
    if (idle) await this.executor.execute(idle);
    else this.signals.stop(run._id.toHexString());
  }
}
