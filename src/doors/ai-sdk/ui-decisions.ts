import { Injectable } from '@nestjs/common';
import { AppError, type Scope } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import { RequestValidationPipe } from '../../platform/http/index.js';
import { DecisionDto } from '../../runs/http/index.js';
import { ApprovalsService, RunsService } from '../../runs/index.js';
import { LogAccess } from '../../streams/index.js';
import type { UiDecision } from './ui-request.js';

/** What a person has decided, and where the answer to that begins. */
@Injectable()
export class UiDecisions {
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
   * Takes the decisions of a list that a client has sent; those that were taken before stay as they are.
   * @throws AppError `validation_failed`, `approval_not_found`.
   */
  async take(scope: Scope, messageId: string, decisions: readonly UiDecision[]): Promise<void> {
    const how = { type: 'body', metatype: DecisionDto } as const;
    for (const { callId, decision, reason } of decisions) {
      const checked = (await this.rules.transform({ decision, reason }, how)) as DecisionDto;
      const given = { callId, decision: checked.decision, reason: checked.reason ?? undefined };
      await this.approvals.decide(scope, messageId, given).catch(unlessDecided);
    }
  }

  /** The calls of a run that nobody has to decide any more. */
  async decided(scope: Scope, messageId: string): Promise<Set<string>> {
    const calls = await this.runs.toolCalls(scope, messageId);
    return new Set(
      calls.flatMap(({ call_id, approval }) => (approval && approval.state !== 'pending' ? [call_id] : [])),
    );
  }

  /**
   * The last event before the first decision about one of some calls: what the client that has decided them knows. That
   * of the newest event while the log does not tell the decision yet.
   */
  async lastSeen(
    scope: Scope,
    messageId: string,
    decisions: readonly UiDecision[],
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
}

function unlessDecided(error: unknown): void {
  if (!(error instanceof AppError) || error.code !== 'approval_already_decided') throw error;
}
