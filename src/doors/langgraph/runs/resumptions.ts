import { Injectable } from '@nestjs/common';
import type { ChatDocument } from '../../../chats/index.js';
import { AppError, type Scope } from '../../../common/index.js';
import { MessagesRepository } from '../../../messages/index.js';
import { ApprovalsService } from '../../../runs/index.js';
import { LogAccess } from '../../../streams/index.js';
import { callsToDecide } from '../dialect/calls.js';
import { interruptsOf } from '../dialect/interrupt.js';
import { NOTHING, transcriptAfter } from '../dialect/transcript.js';
import { decisionsIn } from './decisions.js';
import type { RequestedRun } from './requested-run.js';

/** Answers interrupts: decides the calls that a run waits for. */
@Injectable()
export class Resumptions {
  constructor(
    private readonly messages: MessagesRepository,
    private readonly logs: LogAccess,
    private readonly approvals: ApprovalsService,
  ) {}

  /**
   * Decides the calls that the newest run of a thread waits for, in their order.
   * @throws AppError 409 `nothing_to_resume`, `approval_already_decided`; 400 `validation_failed`; 422
   * `invalid_tool_arguments`.
   */
  async resume(scope: Scope, chat: ChatDocument, answer: unknown): Promise<RequestedRun> {
    const newest = await this.messages.newestQuestion(scope, chat._id);
    if (newest?.run?.open !== true) throw new AppError('nothing_to_resume');
    const runId = newest._id.toHexString();
    const { transcript, last } = await this.readLog(scope, runId);
    const calls = callsToDecide(transcript.calls);
    if (calls.length === 0) throw new AppError('nothing_to_resume');
    const ids = interruptsOf(transcript, runId).map(({ id }) => id);
    const decisions = decisionsIn(answer, { ids, calls: calls.length });
    const decided = calls.slice(0, decisions.length).map(({ call }) => call.id);
    // Changed arguments can be refused: they go first, so that then nothing is decided.
    const all = decided.map((callId, index) => ({ callId, decision: decisions[index] }));
    const isChanged = ({ decision }: (typeof all)[number]): number => (decision?.arguments ? 0 : 1);
    for (const { callId, decision } of [...all].sort((a, b) => isChanged(a) - isChanged(b)))
      if (decision) await this.approvals.decide(scope, runId, { callId, ...decision });
    return { runId, agent: newest.agent, after: last, decided };
  }

  private async readLog(
    scope: Scope,
    message_id: string,
  ): Promise<{ transcript: typeof NOTHING; last: string | undefined }> {
    const log = await this.logs.open(scope, { message_id });
    let transcript = NOTHING;
    let last: string | undefined;
    for await (const event of log.read()) {
      transcript = transcriptAfter(transcript, event);
      last = event.id;
    }
    return { transcript, last };
  }
}
