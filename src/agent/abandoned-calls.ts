import { Injectable } from '@nestjs/common';
import type { EventBody } from '@reprise/protocol';
import { Clock } from '../common/index.js';
import { ToolJournal, type JournalKey } from './tool-journal.js';
import { failed, outcomeOf, toolEnd } from './tool-execution.js';

const UNKNOWN = failed('outcome_unknown', 'outcome unknown: the run ended while the tool ran');

/** A tool call whose end is not in the log. */
export interface OpenCall {
  call_id: string;
  name: string;
}

/** The tool calls of a run that ends before its agent has ended them: nobody continues them. */
@Injectable()
export class AbandonedCalls {
  constructor(
    private readonly journal: ToolJournal,
    private readonly clock: Clock,
  ) {}

  /**
   * Ends the open calls in the journal, and removes those that never started. Can be repeated.
   * @returns the events that tell how they ended, in the order given.
   */
  async end(key: JournalKey, open: readonly OpenCall[]): Promise<EventBody[]> {
    const events = await Promise.all(open.map((call) => this.endOne(key, call)));
    await this.journal.forgetRunning(key);
    return events;
  }

  private async endOne(key: JournalKey, { call_id, name }: OpenCall): Promise<EventBody> {
    const { text: result, summary: result_summary, ...rest } = UNKNOWN;
    const end = { call_id, ...rest, result, result_summary, ms: 0, ended_at: new Date(this.clock.now()) };
    return toolEnd({ id: call_id, name }, outcomeOf(await this.journal.finish(key, end)));
  }
}
