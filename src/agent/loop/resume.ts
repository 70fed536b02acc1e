import type { StreamEvent } from '@reprise/protocol';
import { argumentsOf } from '../calls/call-approval.js';
import type { JournaledCall } from '../calls/tool-journal.js';
import {
  fromStoredText,
  type CallResult,
  type ModelToolCall,
  type ProviderData,
} from '../../models/index.js';
import { resultOf } from './transcript.js';

/**
 * The state of a tool call from an earlier attempt: `done` the model is given its result; `unannounced` it ended, but
 * its `tool_end` was not written yet; `interrupted` it was running when the server stopped, and its effect is unknown;
 * `waiting` it had not started: it was about to, or it needs approval; its record says which, and what was decided.
 */
export type EarlierCallState = 'done' | 'unannounced' | 'interrupted' | 'waiting';

/** A tool call of an earlier attempt. */
export interface EarlierCall {
  call: ModelToolCall;
  state: EarlierCallState;
  /** Of a call that needs approval: the log has its `approval_required`, and its `approval_resolved`. */
  asked?: boolean;
  resolved?: boolean;
  step: number;
  position: number;
  /** What the journal knows; missing only if its record was lost. */
  record?: JournaledCall;
  /** What the model is told; present if the call ended. */
  result?: CallResult;
}

/** A model turn from an earlier attempt that called tools. */
export interface EarlierTurn {
  step: number;
  text: string;
  calls: EarlierCall[];
  /** What the provider expects back with the turn. */
  provider?: ProviderData | undefined;
}

/** The state of a run after its earlier attempts. */
export interface EarlierWork {
  turns: EarlierTurn[];
  /** Text of the model turn that was cut off; the model continues after it. */
  partial: string;
  /** The whole answer so far: every `content` in order. */
  text: string;
  /** Tool calls that were started. */
  toolCalls: number;
}

/**
 * Reconstructs the state of a run from what earlier attempts appended and from the journal. Pure: the same log and
 * journal always give the same state, whichever worker reads them.
 */
export function rebuildTranscript(
  prior: readonly StreamEvent[],
  toolCalls: readonly JournaledCall[],
): EarlierWork {
  const rebuild = new Rebuild(toolCalls);
  for (const event of prior) rebuild.take(event);
  return rebuild.finish();
}

class Rebuild {
  private readonly records: ReadonlyMap<string, JournaledCall>;
  private readonly turns: EarlierTurn[] = [];
  /** Calls that the log knows: started, or to be approved. */
  private readonly known = new Map<string, EarlierCall>();
  private readonly started = new Set<string>();
  private text = '';
  /** Text since the last tool call: it belongs to a turn whose calls, if any, are still to come. */
  private open = '';

  constructor(records: readonly JournaledCall[]) {
    this.records = new Map(records.map((record) => [record.call_id, record]));
  }

  take(event: StreamEvent): void {
    if (event.type === 'content') {
      this.text += event.md;
      this.open += event.md;
    } else if (event.type === 'approval_required') {
      this.addCall(event, 'waiting').asked = true;
    } else if (event.type === 'approval_resolved') {
      const call = this.known.get(event.call_id);
      if (call) call.resolved = true;
    } else if (event.type === 'tool_start') {
      this.startCall(event);
    } else if (event.type === 'tool_end') {
      this.endCall(event);
    }
  }

  finish(): EarlierWork {
    this.addWaiting();
    for (const turn of this.turns) turn.calls.sort((a, b) => a.position - b.position);
    return { turns: this.turns, partial: this.takeOpen(), text: this.text, toolCalls: this.started.size };
  }

  /**
   * The journal is written before `tool_start`: a call of the last turn that only the journal knows has not started.
   * The calls of a turn are recorded at the same moment; calls recorded at another moment come from a worker that had
   * lost its run and had called the model as well. If both sets ran, what the model wanted once would be done twice.
   */
  private addWaiting(): void {
    const last = this.turns.at(-1)?.step ?? 0;
    const records = [...this.records.values()];
    const recordedAt = ({ started_at }: JournaledCall): number => started_at.getTime();
    const begun = records.filter(({ step, call_id }) => step === last && this.known.has(call_id));
    const next = records.filter(({ step }) => step > last);
    const moments = new Set([...begun.map(recordedAt), Math.max(...next.map(recordedAt))]);
    for (const record of records) {
      const waiting = record.step >= last && !this.known.has(record.call_id);
      if (waiting && moments.has(recordedAt(record))) this.add(record.step, fromRecord(record, 'waiting'));
    }
  }

  private startCall(event: StreamEvent<'tool_start'>): void {
    if (this.started.has(event.call_id)) return;
    this.started.add(event.call_id);
    const call = this.addCall(event, 'interrupted');
    if (call.state === 'waiting') call.state = 'interrupted';
  }

  private addCall(
    { call_id, name }: Pick<StreamEvent<'tool_start'>, 'call_id' | 'name'>,
    state: 'interrupted' | 'waiting',
  ): EarlierCall {
    const known = this.known.get(call_id);
    if (known) return known;
    const record = this.records.get(call_id);
    const step = record?.step ?? this.guessStep();
    const call: EarlierCall = record
      ? fromRecord(record, state)
      : { ...LOST, call: { id: call_id, name, arguments: '{}' }, step, position: this.known.size };
    if (call.state === 'done') call.state = 'unannounced'; // until its `tool_end` is found
    this.known.set(call_id, call);
    this.add(step, call);
    return call;
  }

  private endCall(event: StreamEvent<'tool_end'>): void {
    const call = this.known.get(event.call_id);
    if (!call) return;
    call.state = 'done';
    call.result ??= resultOf({ ...event, result: event.result_summary });
  }

  private add(step: number, call: EarlierCall): void {
    let turn = this.turns.find((candidate) => candidate.step === step);
    if (!turn) {
      turn = { step, text: this.takeOpen(), calls: [] };
      this.turns.push(turn);
    }
    turn.calls.push(call);
    turn.provider ??= fromStoredText(call.record?.turn_provider);
  }

  /** Blank lines at the start are the gap that the answer writer put between two turns. */
  private takeOpen(): string {
    const text = this.turns.length > 0 ? this.open.replace(/^\n+/, '') : this.open;
    this.open = '';
    return text;
  }

  private guessStep(): number {
    const last = this.turns.at(-1)?.step ?? 0;
    return this.open === '' && last > 0 ? last : last + 1;
  }
}

/** What a call without a record would have run with, or who approved it, is unknown: it does not run again. */
const LOST = { state: 'interrupted' as const };

function fromRecord(record: JournaledCall, unended: 'interrupted' | 'waiting'): EarlierCall {
  const { call_id: id, name, step, position } = record;
  const provider = fromStoredText(record.provider);
  const call = {
    call: { id, name, arguments: argumentsOf(record), ...(provider && { provider }) },
    step,
    position,
    record,
  };
  if (record.status === 'running') return { ...call, state: unended };
  return { ...call, state: 'done', result: resultOf(record) };
}
