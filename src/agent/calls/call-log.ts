import { Injectable } from '@nestjs/common';
import { clipWithMark, Clock } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import {
  ARGUMENTS_MAX_CHARS,
  toStoredText,
  type CallResult,
  type ModelToolCall,
  type ProviderData,
} from '../../models/index.js';
import { summarizeArguments } from '../../tools/index.js';
import { resolution } from './approval-events.js';
import type { CallApproval } from './call-approval.js';
import { payloadField } from './call-payload.js';
import type { WaitingCall } from '../loop/run-parked.js';
import { outcomeOf, toolEnd, type ToolOutcome, type ToolScope } from './tool-execution.js';
import { ToolJournal, type NewToolCall } from './tool-journal.js';

/** A call with its position in the run. */
export interface PlacedCall {
  call: ModelToolCall;
  step: number;
  position: number;
  /** Its `tool_start` is in the log already. */
  announced?: boolean;
}

/** A turn whose calls are to be recorded. */
export interface PlacedTurn {
  calls: readonly PlacedCall[];
  /** Ids of the calls that somebody has to approve. */
  gated: ReadonlySet<string>;
  provider?: ProviderData | undefined;
}

/** What journal and log are told about the calls of a run. Each method resolves when it is durable. */
@Injectable()
export class CallLog {
  constructor(
    private readonly journal: ToolJournal,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** All before any starts: whatever is interrupted now, a resumed run knows everything the model requested. */
  async record({ calls, gated, provider }: PlacedTurn, scope: ToolScope): Promise<CallApproval> {
    const started_at = new Date(this.clock.now());
    const expires_at = new Date(started_at.getTime() + this.settings.APPROVAL_TTL_MS);
    const approval = { state: 'pending' as const, expires_at };
    const { parent_call_id } = scope.run;
    const records = calls.map((placed, index): NewToolCall => ({
      ...newRecord(placed, index === 0 ? provider : undefined),
      started_at,
      ...(parent_call_id !== undefined && { parent_call_id }),
      ...(gated.has(placed.call.id) && { approval }),
    }));
    await this.journal.start(scope.run, records);
    return approval;
  }

  /** Asks for a decision. @param toCome calls of its turn that are announced after it. */
  async ask(
    { call, toCome }: { call: ModelToolCall; toCome: number },
    { expires_at }: CallApproval,
    { emitter }: ToolScope,
  ): Promise<void> {
    await emitter.emit({
      type: 'approval_required',
      ...this.shown(call),
      expires_at: expires_at.toISOString(),
      ...(toCome > 0 && { calls_to_come: toCome }),
    });
  }

  /** Tells what was decided. */
  async resolve({ id }: ModelToolCall, approval: CallApproval, { emitter }: ToolScope): Promise<void> {
    await emitter.emit(resolution(id, approval, this.settings.EVENT_PAYLOAD_MAX_BYTES));
  }

  /** Even if the run was ended meanwhile: the call is then announced and ends as cancelled, like those that ran. */
  async begin({ call, announced }: PlacedCall, { emitter }: ToolScope): Promise<void> {
    if (!announced) await emitter.emit({ type: 'tool_start', ...this.shown(call) });
  }

  /** @returns what the model is told. */
  async end(call: ModelToolCall, outcome: ToolOutcome, scope: ToolScope): Promise<CallResult> {
    // A worker whose run was ended may have lost it, too: then the log rejects its events, and the journal belongs to
    // another worker.
    if (scope.signal.aborted) {
      await this.announceEnd(call, outcome, scope);
      await this.recordEnd(call, outcome, scope);
      return told(outcome);
    }
    const recorded = await this.recordEnd(call, outcome, scope);
    await this.announceEnd(call, recorded, scope);
    return told(recorded);
  }

  async announceEnd(call: ModelToolCall, outcome: ToolOutcome, { emitter, run }: ToolScope): Promise<void> {
    if (outcome.status === 'ok') run.sources?.add(outcome.sources);
    await emitter.emit(toolEnd(call, outcome, this.settings.EVENT_PAYLOAD_MAX_BYTES));
  }

  private shown({ id: call_id, name, arguments: text }: ModelToolCall) {
    const args = payloadField('args', text, this.settings.EVENT_PAYLOAD_MAX_BYTES);
    return { call_id, name, args_summary: summarizeArguments(text), ...args };
  }

  /** @returns how the call ended, which another worker may have recorded first. */
  private async recordEnd(
    call: ModelToolCall,
    outcome: ToolOutcome,
    { run }: ToolScope,
  ): Promise<ToolOutcome> {
    const { status, text: result, ms, summary: result_summary, error_code, sources } = outcome;
    const ended_at = new Date(this.clock.now());
    const code = error_code === undefined ? {} : { error_code };
    const end = {
      call_id: call.id,
      status,
      result,
      result_summary,
      ms,
      ended_at,
      ...code,
      ...(sources && { sources }),
    };
    const recorded = await this.journal.finish(run, end);
    return recorded === end ? outcome : outcomeOf(recorded);
  }
}

function newRecord(
  { call, step, position }: PlacedCall,
  turn?: ProviderData,
): Omit<NewToolCall, 'started_at'> {
  const text = clipWithMark(call.arguments, ARGUMENTS_MAX_CHARS);
  const [provider, turn_provider] = [toStoredText(call.provider), toStoredText(turn)];
  return {
    call_id: call.id,
    step,
    position,
    name: call.name,
    arguments: text,
    ...(provider !== undefined && { provider }),
    ...(turn_provider !== undefined && { turn_provider }),
  };
}

/** A call as those are told who can decide. */
export function waitingCall(call: ModelToolCall, { expires_at }: CallApproval): WaitingCall {
  const { id: call_id, name, arguments: text } = call;
  return { call_id, name, args_summary: summarizeArguments(text), expires_at };
}

/** The part of an outcome that the transcript keeps. */
function told({ text, error_code }: ToolOutcome): CallResult {
  return error_code === undefined ? { text } : { text, error_code };
}
