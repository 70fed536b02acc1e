import { Injectable } from '@nestjs/common';
import { AppError, type Scope } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import { RequestValidationPipe } from '../../platform/http/index.js';
import type { MessageDocument } from '../../run-record/index.js';
import { LogAccess, restingOn, type OpenCalls } from '../../streams/index.js';
import { ApprovalsService } from '../control/approvals.service.js';
import { RunsService } from '../control/runs.service.js';
import { DecisionDto } from './decision.dto.js';

/** A person's answer about a call, as a client of another system sends it. */
export interface ClientDecision {
  callId: string;
  decision: unknown;
  reason?: unknown;
  arguments?: unknown;
}

/** What people decide through clients that send all of it again, and whose streams close where a run waits for them. */
@Injectable()
export class ClientDecisions {
  private readonly rules: RequestValidationPipe;

  constructor(
    private readonly approvals: ApprovalsService,
    private readonly runs: RunsService,
    private readonly logs: LogAccess,
    settings: Settings,
  ) {
    this.rules = new RequestValidationPipe(settings);
  }

  /**
   * Takes decisions; calls that were decided before stay as they are.
   * @throws AppError `validation_failed`, `approval_not_found`, `invalid_tool_arguments`.
   */
  async take(scope: Scope, messageId: string, decisions: readonly ClientDecision[]): Promise<void> {
    const how = { type: 'body', metatype: DecisionDto } as const;
    const checked: (DecisionDto & { callId: string })[] = [];
    for (const { callId, ...given } of decisions)
      checked.push({ callId, ...((await this.rules.transform(given, how)) as DecisionDto) });
    for (const { callId, decision, reason, arguments: changed } of checked) {
      const given = { callId, decision, reason: reason ?? undefined, arguments: changed ?? undefined };
      await this.approvals.decide(scope, messageId, given).catch(unlessDecided);
    }
  }

  /**
   * The last event before the first decision about one of some calls: what the client that has decided them knows; the
   * newest event while the log does not tell the decision yet.
   */
  async lastSeen(
    scope: Scope,
    messageId: string,
    decisions: readonly ClientDecision[],
  ): Promise<string | undefined> {
    const ids = new Set(decisions.map(({ callId }) => callId));
    const log = await this.logs.open(scope, { message_id: messageId });
    let last: string | undefined;
    for await (const event of log.read()) {
      if (event.type === 'approval_resolved' && ids.has(event.call_id)) return last;
      last = event.id;
    }
    return last;
  }

  /**
   * Where a stream closes because the run waits for a person: only calls that nobody has decided yet count, though the
   * log may not tell it yet.
   * @param openIn finds the run's calls in the state of the stream's dialect
   * @param isDecided somebody has just decided: `question` is older than that
   */
  async pause(
    scope: Scope,
    { question, isDecided }: { question: Pick<MessageDocument, '_id' | 'run'>; isDecided: boolean },
    openIn: (state: unknown) => OpenCalls,
  ): Promise<(state: unknown) => boolean> {
    // Whoever has decided has continued the run, in another attempt.
    const isNew = !isDecided && (question.run?.attempt ?? 0) < 2;
    const decided = isNew ? new Set() : await this.decided(scope, question._id.toHexString());
    return (state) => {
      const waiting = restingOn(openIn(state));
      return waiting.length > 0 && !waiting.some(({ call_id }) => decided.has(call_id));
    };
  }

  /** The calls of a run that nobody has to decide any more. */
  private async decided(scope: Scope, messageId: string): Promise<Set<string>> {
    const calls = await this.runs.toolCalls(scope, messageId);
    return new Set(
      calls.flatMap(({ call_id, approval }) => (approval && approval.state !== 'pending' ? [call_id] : [])),
    );
  }
}

function unlessDecided(error: unknown): void {
  if (!(error instanceof AppError) || error.code !== 'approval_already_decided') throw error;
}
