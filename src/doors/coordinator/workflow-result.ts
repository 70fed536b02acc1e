import type { StreamEvent } from '@reprise/protocol';
import { TASK_TOOL } from '../../agent/index.js';

/** One agent's part of a workflow. */
export interface WorkflowStep {
  call_id: string;
  agent: string;
  status: 'running' | 'ok' | 'error';
  /** Missing while it runs. */
  duration_ms?: number;
  /** What it answered, or the beginning of it. */
  result?: unknown;
}

/** What a workflow has come to. */
export interface WorkflowResult {
  status: 'processing' | 'waiting' | StreamEvent<'end'>['status'];
  /** The answer so far. */
  result: string;
  steps: WorkflowStep[];
  duration_ms?: number;
  usage?: StreamEvent<'end'>['usage'];
  cost?: StreamEvent<'end'>['cost'];
  sources?: StreamEvent<'end'>['sources'];
  error?: { code: string; message: string; retryable: boolean };
}

/** Reads a workflow's result from its log. */
export class ResultReader {
  private readonly steps = new Map<string, WorkflowStep>();
  private text = '';
  private rest: Partial<WorkflowResult> & Pick<WorkflowResult, 'status'> = { status: 'processing' };

  /** @returns whether nothing more comes before somebody decides, or at all. */
  read(event: StreamEvent): boolean {
    switch (event.type) {
      case 'content':
        this.text += event.md;
        break;
      case 'tool_start':
        this.begin(event);
        break;
      case 'tool_end':
        this.end(event);
        break;
      case 'approval_required':
        this.rest.status = 'waiting';
        return true;
      case 'approval_resolved':
        this.rest.status = 'processing';
        break;
      case 'error':
        this.rest.error = { code: event.code, message: event.error, retryable: event.retryable };
        break;
      case 'end':
        this.finish(event);
        return true;
      default: // shown by streams alone
    }
    return false;
  }

  get result(): WorkflowResult {
    return { ...this.rest, result: this.text, steps: [...this.steps.values()] };
  }

  /** Agents that other agents have started are a part of theirs. */
  private begin({ call_id, name, args, parent_call_id }: StreamEvent<'tool_start'>): void {
    if (name !== TASK_TOOL || parent_call_id !== undefined) return;
    const agent = (args as { agent?: unknown } | undefined)?.agent;
    this.steps.set(call_id, { call_id, agent: typeof agent === 'string' ? agent : name, status: 'running' });
  }

  private end({ call_id, status, ms, result, result_summary }: StreamEvent<'tool_end'>): void {
    const step = this.steps.get(call_id);
    if (step) this.steps.set(call_id, { ...step, status, duration_ms: ms, result: result ?? result_summary });
  }

  private finish({ status, ms_total, usage, cost, sources }: StreamEvent<'end'>): void {
    const more = { ...(cost && { cost }), ...(sources && { sources }) };
    this.rest = { ...this.rest, status, duration_ms: ms_total, usage, ...more };
  }
}
