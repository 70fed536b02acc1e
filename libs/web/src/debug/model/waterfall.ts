import type { StreamEvent } from '@reprise/protocol';
import { packTools } from './pack.js';
import { durationOf, type Row } from './rows.js';

/**
 * The model at work: from the moment it could start until it called tools, or ended. Times: ms since the first event.
 */
export interface ModelTurn {
  /** From 1. */
  readonly number: number;
  readonly from: number;
  readonly to: number;
  /** When its first text or thought was logged; null if it showed none. */
  readonly firstOutput: number | null;
  /** Characters of the answer written in it. */
  readonly characters: number;
  readonly events: number;
  /** Row that opened it. */
  readonly index: number;
  /** Its worker was lost in the middle of it. */
  readonly isInterrupted: boolean;
}

/** One tool call, as the log shows it. */
export interface ToolBar {
  readonly callId: string;
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** `stopped`: the run ended first. `running`: the run is still active. */
  readonly status: 'running' | 'ok' | 'error' | 'stopped';
  /** As measured by the server. */
  readonly ms: number | null;
  readonly parentCallId: string | null;
  /** 0 for a call of the model itself, 1 for a call of that call, … */
  readonly depth: number;
  /** The line to draw it on; bars on a line never overlap. */
  readonly line: number;
  readonly argsSummary: string;
  readonly resultSummary: string | null;
  /** Row of its start. */
  readonly index: number;
  /** Row of its end. */
  readonly endIndex: number | null;
}

/** One event that deserves a separate mark. */
export interface Mark {
  readonly kind: 'status' | 'plan' | 'rationale' | 'error' | 'approval' | 'other';
  readonly at: number;
  readonly index: number;
}

/** A time in which the run waited for a person. */
export interface Wait {
  readonly callId: string;
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly decision: 'approve' | 'reject' | null;
  readonly index: number;
}

/** One worker's part of the run. */
export interface Attempt {
  readonly attempt: number;
  readonly from: number;
  readonly to: number;
  readonly index: number;
}

/** A run over time. */
export interface Waterfall {
  /** ms. */
  readonly duration: number;
  readonly hasEnded: boolean;
  readonly turns: readonly ModelTurn[];
  readonly tools: readonly ToolBar[];
  /** Lines that `tools` take. */
  readonly toolLines: number;
  readonly marks: readonly Mark[];
  readonly waits: readonly Wait[];
  readonly attempts: readonly Attempt[];
}

/** Extracts turns, tools, marks, waits and attempts from a log. */
export function toWaterfall(rows: readonly Row[]): Waterfall {
  const drawing = new Drawing();
  for (const row of rows) drawing.take(row);
  return drawing.finish(durationOf(rows));
}

type Open<T> = { -readonly [K in keyof T]: T[K] };
type LooseBar = Omit<ToolBar, 'line' | 'depth'>;

/** The attempt that starts with this event, if one does. */
export function attemptBegunBy(event: StreamEvent): number | null {
  return event.type === 'start' || event.type === 'status' ? (event.attempt ?? null) : null;
}

const MARKED = new Set(['status', 'plan', 'rationale', 'error']);
const UNMARKED = new Set(['start', 'content', 'tool_start', 'tool_end', 'end']);

class Drawing {
  private readonly turns: Open<ModelTurn>[] = [];
  private readonly bars = new Map<string, Open<LooseBar>>();
  private readonly waits = new Map<string, Open<Wait>>();
  private readonly attempts: Open<Attempt>[] = [];
  private readonly marks: Mark[] = [];
  private readonly running = new Set<string>();
  private turn: Open<ModelTurn> | null = null;
  private hasEnded = false;
  private before = 0;

  take(row: Row): void {
    const { event, offset } = row;
    const attempt = attemptBegunBy(event);
    if (attempt !== null) this.beginAttempt(row, attempt);
    this.mark(row);
    if (event.type === 'content' || event.type === 'rationale') this.write(row, event);
    else if (event.type === 'tool_start') this.startTool(row, event);
    else if (event.type === 'tool_end') this.endTool(row, event);
    else if (event.type === 'approval_required') this.wait(row, event);
    else if (event.type === 'approval_resolved') this.resolve(row, event);
    else if (event.type === 'end') this.end(offset);
    this.before = offset;
  }

  finish(duration: number): Waterfall {
    if (!this.hasEnded) this.closeOpen(duration, 'running');
    const packed = packTools([...this.bars.values()]);
    return {
      duration,
      hasEnded: this.hasEnded,
      turns: this.turns,
      tools: packed.tools,
      toolLines: packed.lines,
      marks: this.marks,
      waits: [...this.waits.values()],
      attempts: this.attempts,
    };
  }

  private beginAttempt({ index, offset }: Row, attempt: number): void {
    const last = this.attempts.at(-1);
    if (last) last.to = this.before;
    this.closeTurn(this.before, true);
    this.attempts.push({ attempt, from: offset, to: offset, index });
    if (this.isIdle) this.openTurn(index, offset);
  }

  private mark({ event, index, offset: at }: Row): void {
    const type: string = event.type;
    if (UNMARKED.has(type)) return;
    const kind = MARKED.has(type) ? type : type.startsWith('approval_') ? 'approval' : 'other';
    this.marks.push({ kind: kind as Mark['kind'], at, index });
  }

  private write({ index, offset }: Row, event: StreamEvent<'content' | 'rationale'>): void {
    const turn = this.turn ?? this.openTurn(index, offset);
    turn.firstOutput ??= offset;
    turn.events++;
    if (event.type === 'content') turn.characters += event.md.length;
  }

  private startTool({ index, offset }: Row, event: StreamEvent<'tool_start'>): void {
    this.closeTurn(offset, false);
    this.running.add(event.call_id);
    const known = this.bars.get(event.call_id);
    const bar = known ?? bareBar(event, index, offset);
    bar.argsSummary = event.args_summary;
    bar.parentCallId = event.parent_call_id ?? null;
    this.bars.set(event.call_id, bar);
  }

  private endTool({ index, offset }: Row, event: StreamEvent<'tool_end'>): void {
    const bar = this.bars.get(event.call_id) ?? bareBar(event, index, offset);
    bar.to = offset;
    bar.endIndex = index;
    bar.status = event.status;
    bar.ms = event.ms;
    bar.resultSummary = event.result_summary;
    this.bars.set(event.call_id, bar);
    this.running.delete(event.call_id);
    if (this.isIdle && !this.turn) this.openTurn(index, offset);
  }

  private wait({ index, offset }: Row, event: StreamEvent<'approval_required'>): void {
    const { call_id: callId, name } = event;
    this.closeTurn(offset, false);
    this.waits.set(callId, { callId, name, from: offset, to: offset, decision: null, index });
  }

  private resolve({ index, offset }: Row, event: StreamEvent<'approval_resolved'>): void {
    const wait = this.waits.get(event.call_id);
    if (!wait) return;
    wait.to = offset;
    wait.decision = event.decision;
    // After an approval the tool runs next; a rejection goes to the model.
    if (event.decision === 'reject' && this.isIdle && !this.turn) this.openTurn(index, offset);
  }

  private end(offset: number): void {
    this.hasEnded = true;
    this.closeOpen(offset, 'stopped');
  }

  private closeOpen(offset: number, status: 'running' | 'stopped'): void {
    this.closeTurn(offset, false);
    for (const callId of this.running) {
      const bar = this.bars.get(callId);
      if (bar) Object.assign(bar, { to: offset, status });
    }
    for (const wait of this.waits.values()) if (wait.decision === null) wait.to = offset;
    const last = this.attempts.at(-1);
    if (last) last.to = offset;
  }

  /** Only the model can be at work. */
  private get isIdle(): boolean {
    return this.running.size === 0 && [...this.waits.values()].every(({ decision }) => decision !== null);
  }

  private openTurn(index: number, from: number): Open<ModelTurn> {
    const shown = { firstOutput: null, characters: 0, events: 0, isInterrupted: false };
    this.turn = { number: this.turns.length + 1, from, to: from, index, ...shown };
    return this.turn;
  }

  private closeTurn(to: number, isInterrupted: boolean): void {
    const { turn } = this;
    this.turn = null;
    if (!turn || (turn.events === 0 && to <= turn.from)) return;
    this.turns.push({ ...turn, to: Math.max(to, turn.from), isInterrupted, number: this.turns.length + 1 });
  }
}

function bareBar(event: { call_id: string; name: string }, index: number, offset: number): Open<LooseBar> {
  return {
    callId: event.call_id,
    name: event.name,
    from: offset,
    to: offset,
    status: 'running',
    ms: null,
    parentCallId: null,
    argsSummary: '',
    resultSummary: null,
    index,
    endIndex: null,
  };
}
